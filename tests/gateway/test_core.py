"""What a call answers, whatever the transport."""

import asyncio
from typing import Annotated

import pytest
import toys
from calls import component, request, scores
from pydantic import Field

from guerdon.services.contract import Params, RewardInfo, Status
from guerdon.services.contract.errors import (
    BatchTooLarge,
    DeadlineExceeded,
    DigestMismatch,
    Forbidden,
    InvalidRequest,
    Overloaded,
    UnknownProfile,
    UnknownVerifier,
    VerifierUnavailable,
)
from guerdon.services.gateway.auth import Caller


async def test_one_result_per_item_in_order(gateway):
    """A batch answers with one result per item, in the order of the items."""
    response = await gateway.score(request("0.25", "0.5", "1"))
    assert [result.id for result in response.results] == ["0", "1", "2"]
    assert scores(response) == [0.25, 0.5, 1.0]
    assert response.summary.by_status == {"ok": 3}


async def test_an_empty_batch_is_answered_empty(gateway):
    """Zero items are a batch like any other: some trainers' ranks have none."""
    response = await gateway.score(request())
    assert response.results == []
    assert response.summary.items == 0


async def test_every_requested_component_is_listed_in_request_order(gateway):
    """Consumers rely on uniform keys, so failures are listed like scores."""
    wanted = ["unstartable", "echo", "truth"]
    response = await gateway.score(request("1", rewards=wanted))
    assert [c.name for c in response.results[0].components] == wanted


async def test_a_verifier_that_cannot_start_leaves_null_not_zero(gateway):
    """A verifier that is down gives `unavailable` with null, and the item's total is null."""
    response = await gateway.score(request("1", rewards=["echo", "unstartable"]))
    down = component(response, index=1)
    assert (down.status, down.score, down.reason) == (Status.UNAVAILABLE, None, "verifier_unavailable")
    assert down.error is not None
    assert down.error.retryable
    assert response.results[0].status is Status.UNAVAILABLE
    assert response.results[0].total is None


async def test_an_optional_component_without_verdict_makes_the_item_partial(gateway):
    """The present sum is given, what is missing is named, and no weight is renormalised."""
    rewards = [{"name": "echo", "weight": 0.5}, {"name": "unstartable", "weight": 2, "required": False}]
    result = (await gateway.score(request("1", rewards=rewards))).results[0]
    assert (result.status, result.total, result.missing) == (Status.PARTIAL, 0.5, ["unstartable"])


async def test_a_missing_ground_truth_is_the_callers_fault(gateway):
    """A reward that needs a ground truth answers `invalid` without one, never 0."""
    response = await gateway.score(request("1", rewards="truth"))
    assert component(response).status is Status.INVALID
    assert component(response).score is None
    assert component(response).error.retryable is False


@pytest.mark.parametrize(
    ("completion", "reason"), [("raise", "verifier_bug"), ("range", "bad_verdict"), ("none", "bad_verdict")]
)
async def test_a_broken_verifier_scores_nothing_and_spares_the_neighbours(gateway, completion, reason):
    """A bug in a verifier is `error` with null for the item it met, and the others are judged."""
    response = await gateway.score(request("fine", completion, "fine", rewards="broken"))
    assert scores(response) == [1.0, None, 1.0]
    assert (component(response, 1).status, component(response, 1).reason) == (Status.ERROR, reason)


async def test_equal_items_are_judged_once_in_a_call(gateway):
    """Completions that no verifier can tell apart share one verdict."""
    items = [{"id": name, "completion": "x", "ground_truth": "x"} for name in "abc"]
    response = await gateway.score(request(rewards="truth", items=items))
    assert scores(response) == [1.0, 1.0, 1.0]
    assert toys.TruthVerifier.judged == ["x"]
    assert [c.components[0].cached for c in response.results] == [False, True, True]


async def test_a_verdict_is_cached_between_calls(gateway):
    """The same input under the same verifier version is answered from the cache."""
    items = [{"completion": "x", "ground_truth": "x"}]
    await gateway.score(request(rewards="truth", items=items))
    again = await gateway.score(request(rewards="truth", items=items))
    assert toys.TruthVerifier.judged == ["x"]
    assert component(again).cached
    assert component(again).attempts == 0


async def test_invalid_is_not_cached(gateway):
    """Only verdicts are kept."""
    for _ in range(2):
        await gateway.score(request("x", rewards="truth"))
    assert toys.TruthVerifier.judged == ["x", "x"]


async def test_the_deadline_keeps_what_is_done(gateway):
    """At the deadline finished items have their scores and the rest is `timeout` with null."""
    response = await gateway.score(request("1", "30000", "2", rewards="sleepy", timeout_ms=200))
    assert scores(response) == [1.0, None, 1.0]
    assert component(response, 1).status is Status.TIMEOUT
    assert component(response, 1).error.retryable


async def test_a_verifier_that_ignores_the_deadline_is_cut_off(make_gateway):
    """A verifier that never answers costs only its own component."""
    gateway = await make_gateway(toys.EchoVerifier, toys.StubbornVerifier)
    rewards = ["echo", {"name": "stubborn", "required": False}]
    result = (await gateway.score(request("1", rewards=rewards, timeout_ms=100))).results[0]
    assert (result.status, result.total) == (Status.PARTIAL, 1.0)
    assert result.components[1].status is Status.TIMEOUT


async def test_nothing_done_by_the_deadline_is_an_error_of_the_call(gateway):
    """When not one verdict was reached the call fails as a whole."""
    with pytest.raises(DeadlineExceeded):
        await gateway.score(request("30000", rewards="sleepy", timeout_ms=50))


async def test_no_verifier_at_all_is_an_error_of_the_call(gateway):
    """When nothing could be judged for want of a verifier the call fails as a whole."""
    with pytest.raises(VerifierUnavailable):
        await gateway.score(request("1", rewards="unstartable"))


async def test_a_reward_nobody_registered_is_unknown(gateway):
    """A name that does not exist is refused, naming what there is."""
    with pytest.raises(UnknownVerifier, match=r"'mth'.*echo"):
        await gateway.score(request("1", rewards="mth"))


async def test_a_registered_reward_left_out_here_is_unavailable(gateway):
    """A reward that exists elsewhere gives `unavailable` for its component only."""
    response = await gateway.score(request("1", rewards=["echo", "absent"]))
    assert component(response, index=1).status is Status.UNAVAILABLE
    assert component(response, index=1).reason == "verifier_absent"
    assert component(response).score == 1.0


async def test_an_unknown_profile_is_refused(gateway):
    """A profile that is not configured is refused, naming those there are."""
    with pytest.raises(UnknownProfile, match="r1_zero"):
        await gateway.score(request("1", rewards=[], profile="nope"))


async def test_a_profile_gives_rewards_weights_and_aggregation(make_gateway):
    """A configured profile decides what is asked for, by the form of the ground truth."""
    profile = {
        "rewards": [
            {"name": "echo", "weight": 3.0},
            {"name": "truth", "when": ["text"]},
        ],
        "aggregation": "weighted_mean",
    }
    gateway = await make_gateway(profiles={"mine": profile})
    items = [{"completion": "1", "ground_truth": "1"}, {"completion": "1"}]
    response = await gateway.score(request(rewards=[], profile="mine", items=items))
    assert [[c.name for c in r.components] for r in response.results] == [["echo", "truth"], ["echo"]]
    assert [r.total for r in response.results] == [1.0, 1.0]
    assert component(response).weight == 3.0


async def test_item_rewards_replace_those_of_the_call(gateway):
    """An item that names rewards is judged by those."""
    items = [{"completion": "1"}, {"completion": "x", "ground_truth": "x", "rewards": [{"name": "truth"}]}]
    response = await gateway.score(request(rewards="echo", items=items))
    assert [r.components[0].name for r in response.results] == ["echo", "truth"]


async def test_bad_parameters_are_invalid_for_their_component_only(gateway):
    """A parameter the reward does not take is told and leaves the other rewards alone."""
    rewards = ["truth", {"name": "echo", "params": {"tempo": 1}}]
    items = [{"completion": "1", "ground_truth": "1"}]
    response = await gateway.score(request(rewards=rewards, items=items))
    assert component(response).score == 1.0
    assert component(response, index=1).reason == "bad_params"
    assert "tempo" in component(response, index=1).explanation


class ListParams(Params):
    """Parameters of a reward that takes a list."""

    words: Annotated[tuple[str, ...], Field(strict=False, min_length=1)]
    """Some words."""


class ListVerifier(toys.EchoVerifier):
    """Takes a list."""

    name = "listing"
    rewards = (RewardInfo(name="listing", description="The number the completion says.", params=ListParams),)


@pytest.mark.parametrize(
    ("words", "told"),
    [("one", "Input should be a valid list"), ([], "List should have at least 1 item after validation, not 0")],
)
async def test_bad_parameters_are_told_in_the_words_of_json(make_gateway, words, told):
    """What Python calls a tuple is a list to callers."""
    gateway = await make_gateway(ListVerifier)
    response = await gateway.score(request("1", rewards=[{"name": "listing", "params": {"words": words}}]))
    assert component(response).explanation == f"params/words: {told}"


async def test_a_digest_pins_the_deployment(gateway, make_gateway):
    """A call that expects another deployment is refused instead of judged."""
    response = await gateway.score(request("1"))
    await gateway.score(request("1", expect_digest=response.digest))
    other = await make_gateway(toys.EchoVerifier)
    with pytest.raises(DigestMismatch):
        await other.score(request("1", expect_digest=response.digest))


async def test_a_resent_call_is_answered_identically_and_not_judged_again(make_gateway):
    """The same request_id and body executes each item once."""
    toys.TruthVerifier.judged.clear()
    gateway = await make_gateway(cache_verdicts=0)
    call = request(rewards="truth", request_id="r1", items=[{"completion": "x", "ground_truth": "x"}])
    first, second = await gateway.score(call), await gateway.score(call)
    assert first.results == second.results
    assert toys.TruthVerifier.judged == ["x"]


async def test_a_duplicate_in_flight_joins(make_gateway):
    """A call sent twice at once is executed once."""
    toys.TruthVerifier.judged.clear()
    gateway = await make_gateway(cache_verdicts=0)
    items = [
        {"completion": "x", "ground_truth": "x"},
        {"completion": "80", "rewards": [{"name": "sleepy"}]},
    ]
    call = request(rewards="truth", request_id="r1", items=items)
    first, second = await asyncio.gather(gateway.score(call), gateway.score(call))
    assert first.results == second.results
    assert toys.TruthVerifier.judged == ["x"]


async def test_a_resent_call_retries_only_what_has_no_verdict(make_gateway):
    """What is ok comes from the memory; the rest is tried again with the time the retry has."""
    toys.TruthVerifier.judged.clear()
    gateway = await make_gateway(cache_verdicts=0)
    items = [
        {"completion": "x", "ground_truth": "x"},
        {"completion": "150", "rewards": [{"name": "sleepy"}]},
    ]
    call = {"rewards": "truth", "request_id": "r1", "items": items}
    first = await gateway.score(request(**call, timeout_ms=40))
    assert [r.status for r in first.results] == [Status.OK, Status.TIMEOUT]
    second = await gateway.score(request(**call, timeout_ms=5000))
    assert scores(second) == [1.0, 1.0]
    assert toys.TruthVerifier.judged == ["x"]


async def test_a_request_id_used_for_another_body_conflicts(gateway):
    """The name of a call stands for one body."""
    from guerdon.services.contract.errors import Conflict

    await gateway.score(request("1", request_id="r1"))
    with pytest.raises(Conflict):
        await gateway.score(request("0.5", request_id="r1"))


async def test_request_ids_of_two_callers_do_not_meet(gateway):
    """Each API key has its own names."""
    await gateway.score(request("1", request_id="r1"), Caller(name="a"))
    response = await gateway.score(request("0.5", request_id="r1"), Caller(name="b"))
    assert scores(response) == [0.5]


async def test_work_stops_when_the_last_consumer_leaves(make_gateway):
    """A call nobody waits for any more gives its room back."""
    gateway = await make_gateway(max_inflight_items=1)
    async with await gateway.open(request("30000", rewards="sleepy")) as run:
        assert run.alive
    assert not run.alive
    assert scores(await gateway.score(request("1"))) == [1.0]


async def test_a_call_over_the_room_left_is_refused_at_once(make_gateway):
    """Back-pressure: items beyond the limit in flight are refused with a time to come back."""
    gateway = await make_gateway(max_inflight_items=2)
    async with await gateway.open(request("30000", "30000", rewards="sleepy")):
        with pytest.raises(Overloaded) as refusal:
            await gateway.score(request("1"))
    assert refusal.value.retry_after_s


async def test_a_key_has_its_own_quota(gateway):
    """A caller over its quota is refused while others are served."""
    small = Caller(name="small", max_inflight_items=1)
    async with await gateway.open(request("30000", rewards="sleepy"), small):
        with pytest.raises(Overloaded, match="small"):
            await gateway.score(request("1"), small)
        assert scores(await gateway.score(request("1"))) == [1.0]


async def test_a_key_may_be_kept_from_rewards(gateway):
    """A reward outside the key's list is forbidden, and nothing is judged."""
    with pytest.raises(Forbidden, match="truth"):
        await gateway.score(request("1", rewards=["echo", "truth"]), Caller(name="k", rewards=frozenset({"echo"})))


async def test_too_many_items_are_refused(make_gateway):
    """A batch over the limit is told to split."""
    gateway = await make_gateway(max_items=3)
    with pytest.raises(BatchTooLarge, match="4 items; at most 3"):
        await gateway.score(request(*"1111"))


async def test_results_are_streamed_as_they_are_finished(gateway):
    """The fast item's event comes before the slow one's, and the summary comes last."""
    async with await gateway.open(request("150", "1", rewards="sleepy")) as run:
        events = [event async for event in run.events()]
    assert [event.id for event in events[:-1]] == ["1", "0"]
    assert events[-1].by_status == {"ok": 2}


async def test_ground_truth_by_reference(gateway):
    """Completions of one prompt share a ground truth that travels once."""
    items = [{"completion": text, "ground_truth_ref": "gt"} for text in ("x", "y")]
    response = await gateway.score(request(rewards="truth", items=items, ground_truths={"gt": "x"}))
    assert scores(response) == [1.0, 0.0]


async def test_an_unknown_reference_is_invalid_for_rewards_that_read_it(gateway):
    """A reference that is not known harms only the rewards that need the ground truth."""
    items = [{"completion": "1", "ground_truth_ref": "sha256:" + "0" * 64}]
    response = await gateway.score(request(rewards=["truth", "echo"], items=items))
    assert component(response).reason == "unknown_ref"
    assert component(response, index=1).score == 1.0


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"items": [{"id": "a", "completion": "1"}, {"id": "a", "completion": "1"}]}, "/items/1/id"),
        ({"items": [{"completion": "1"}, {"prompt": "p"}]}, "/items/1/completion"),
        ({"items": [{"completion": "1", "completion_messages": [{"role": "assistant"}]}]}, "/items/0/completion"),
        ({"items": [{"completion": [{"role": "user", "content": "1"}]}]}, "/items/0/completion"),
        ({"items": [{"completion": "1", "prompt": "p", "messages": [{"role": "user"}]}]}, "/items/0/messages"),
        ({"items": [{"completion": "1", "ground_truth": []}]}, "/items/0/ground_truth"),
        (
            {"items": [{"completion": "1", "ground_truth": "x", "ground_truth_ref": "y"}]},
            "/items/0/ground_truth",
        ),
        ({"items": [], "ground_truths": {"a/b": {}}}, "/ground_truths/a~1b"),
        ({"items": [], "rewards": [{"name": "echo"}, {"name": "echo"}]}, "/rewards/1"),
        ({"items": [], "rewards": [{"name": "echo", "gate": True}]}, "/rewards/0"),
        ({"items": [], "rewards": [{"name": "echo", "weight": -1}], "aggregation": "weighted_mean"}, "/rewards/0"),
        ({"items": [], "profile": "r1_zero"}, "/profile"),
        ({"items": [{"completion": "1"}], "rewards": []}, "/items/0/rewards"),
    ],
)
async def test_contradictions_are_refused_with_a_pointer(gateway, body, pointer):
    """A request that cannot be meant is refused before any work, naming the place."""
    from guerdon.services.gateway.parse import parse_request

    with pytest.raises(InvalidRequest) as refusal:
        await gateway.score(parse_request({"rewards": [{"name": "echo"}], **body}))
    assert refusal.value.pointers[0].pointer == pointer


async def test_a_completion_over_the_limit_is_refused(make_gateway):
    """A completion longer than is read is named."""
    gateway = await make_gateway(max_completion_chars=10)
    with pytest.raises(InvalidRequest) as refusal:
        await gateway.score(request("1", "1" * 11))
    assert refusal.value.pointers[0].pointer == "/items/1/completion"
