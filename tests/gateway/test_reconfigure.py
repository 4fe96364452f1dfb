"""New settings without a pause: what they change at once, and what they must not lose."""

import asyncio

import pytest
import toys
from calls import component, request, scores

from guerdon.services.contract.errors import BatchTooLarge, Overloaded, Unauthenticated, UnknownProfile
from guerdon.services.gateway.auth import LOCAL
from guerdon.services.gateway.settings import GatewaySettings

OLD, NEW = "an-old-key-of-enough-length", "a-new-key-of-enough-length"


def settings(**fields: object) -> GatewaySettings:
    """Settings of a test."""
    return GatewaySettings.model_validate({"port": 0, "grpc_port": 0, **fields})


def profile(weight: float, **reward: object) -> dict:
    """Profiles with one reward."""
    return {"p": {"rewards": [{"name": "sleepy", "weight": weight, **reward}]}}


async def test_what_is_in_flight_still_takes_room(make_gateway):
    """Otherwise every change of a setting would let in as much again."""
    gateway = await make_gateway(max_inflight_items=3)
    running = asyncio.create_task(gateway.score(request("300", rewards="sleepy")))
    await asyncio.sleep(0)
    gateway.reconfigure(settings(max_inflight_items=1))
    assert gateway.status().inflight_items == 1
    with pytest.raises(Overloaded, match="limit of 1"):
        await gateway.score(request("1"))
    await running
    assert gateway.status().inflight_items == 0
    assert scores(await gateway.score(request("1"))) == [1.0]


async def test_keys_are_those_of_the_new_settings(make_gateway):
    """A key that was withdrawn opens nothing any more."""
    gateway = await make_gateway(api_keys=[{"name": "k", "secret": OLD}])
    gateway.reconfigure(settings(api_keys=[{"name": "k", "secret": NEW, "max_inflight_items": 5}]))
    with pytest.raises(Unauthenticated):
        gateway.authenticate(OLD)
    assert gateway.authenticate(NEW).max_inflight_items == 5


async def test_a_call_ends_by_the_profile_and_the_digest_it_began_with(make_gateway):
    """Weights and digest of an answer belong together, and so they do for who joins it."""
    gateway = await make_gateway(profiles=profile(1.0))
    before = gateway.digest
    call = request("200", rewards=[], profile="p", request_id="r")
    running = asyncio.create_task(gateway.score(call))
    await asyncio.sleep(0.01)
    gateway.reconfigure(settings(profiles=profile(2.0)))
    joined = asyncio.create_task(gateway.score(call))
    after = await gateway.score(request("1", rewards=[], profile="p"))
    assert (after.digest, after.results[0].total) == (gateway.digest, 2.0)
    for answer in (await running, await joined):
        assert (answer.digest, answer.results[0].total) == (before, 1.0)
    assert before != gateway.digest


async def test_a_call_tried_again_is_put_together_by_the_new_profile(make_gateway):
    """Verdicts that do not hang on the profile are kept; weights and digest are the new ones."""
    gateway = await make_gateway(profiles=profile(1.0))
    call = request("50", "60000", rewards=[], profile="p", request_id="r", timeout_ms=300)
    await gateway.score(call)
    gateway.reconfigure(settings(profiles=profile(2.0)))
    again = await gateway.score(call)
    assert (again.digest, again.results[0].total, again.results[1].total) == (gateway.digest, 2.0, None)


async def test_names_and_limits_are_those_of_the_new_settings(make_gateway):
    """Profiles, sizes, the store of ground truths and the labels of runs change at once."""
    gateway = await make_gateway(profiles=profile(1.0), run_labels=["a"])
    gateway.reconfigure(settings(max_items=1, ground_truth_bytes=1, run_labels=["b"]))
    with pytest.raises(UnknownProfile):
        await gateway.score(request("1", rewards=[], profile="p"))
    with pytest.raises(BatchTooLarge):
        await gateway.score(request("1", "2"))
    with pytest.raises(BatchTooLarge):
        gateway.put_ground_truth("f1534392279bddbf9d43dde8701cb5be14b82f76ec6607bf8d6ad557f60f304e", b"00", LOCAL)
    for run in "ab":
        await gateway.score(request("1", metadata={"run": run}))
    metrics = gateway.observer.render().decode()
    assert 'run="b"' in metrics
    assert 'run="a"' not in metrics


async def test_what_is_kept_shrinks_with_its_bounds(make_gateway):
    """Verdicts and answers beyond the new bounds are forgotten, the oldest first."""
    toys.TruthVerifier.judged.clear()
    gateway = await make_gateway()
    calls = [request(items=[{"completion": c, "ground_truth": c}], rewards="truth", request_id=c) for c in "abc"]
    for call in calls:
        await gateway.score(call)
    gateway.reconfigure(settings(cache_verdicts=1, idempotency_items=0))
    cached = [component(await gateway.score(call)).cached for call in reversed(calls)]
    assert cached == [True, False, False]
    gateway.reconfigure(settings(cache_verdicts=0))
    assert not component(await gateway.score(calls[0])).cached


async def test_equal_settings_change_nothing(make_gateway):
    """Serve hands the settings over at every deployment."""
    gateway = await make_gateway()
    before = gateway._current()
    gateway.reconfigure(gateway.settings.model_copy())
    assert gateway._current() is before
