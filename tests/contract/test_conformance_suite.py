"""The conformance suite catches what it is there for: one deliberately broken verifier per check."""

import asyncio
import json
import time
from collections.abc import Sequence
from enum import StrEnum

import msgspec
import pytest
from pydantic import ConfigDict

from guerdon.services.contract import Deadline, Item, ItemVerifier, Params, RewardInfo, Status, Verdict, Verifier
from guerdon.services.contract import conformance as suite
from guerdon.services.contract.cases import Case, CaseError, cases_of, read_cases
from guerdon.services.contract.conformance import Check, Subject, conform, run_check, started


class WordParams(Params):
    """Parameters of the toy."""

    word: str = "yes"
    """The word to look for."""


class WordVerifier(ItemVerifier):
    """A sound toy: 1.0 where the completion holds a word."""

    name = "word"
    rewards = (RewardInfo(name="word", description="Holds the word.", params=WordParams),)

    def verify(self, item: Item) -> Verdict:
        """Look for the word."""
        found = item.params["word"] in item.completion
        return Verdict.ok(float(found), "found" if found else "not_found", "looked for the word")


def case(name: str, kind: str, completion: str, reward: str = "word", **fields: object) -> Case:
    """A case of the toy."""
    return Case.model_validate(
        {"name": name, "kind": kind, "reward": reward, "item": {"completion": completion}, **fields}
    )


CASES = [case("right", "best", "yes"), case("wrong", "worst", "no"), case("also right", "best", "oh yes")]


async def findings(check: Check, verifier: type[Verifier], cases: Sequence[Case] = CASES) -> list[str]:
    """What a check finds wrong with a verifier."""
    async with started(verifier) as score:
        return await run_check(check, Subject.of(verifier, score, cases))


async def test_a_sound_verifier_passes_every_check():
    """Nothing is found where nothing is wrong."""
    async with started(WordVerifier) as score:
        assert await conform(Subject.of(WordVerifier, score, CASES)) == {}


async def test_only_the_checks_that_fail_are_reported():
    """The report is by check, and holds what each found."""

    class Unexplained(WordVerifier):
        def verify(self, item: Item) -> Verdict:
            return msgspec.structs.replace(super().verify(item), explanation=" ")

    async with started(Unexplained) as score:
        report = await conform(Subject.of(Unexplained, score, CASES))
    assert list(report) == ["check_explained"]
    assert len(report["check_explained"]) == 3


@pytest.mark.parametrize(
    ("cases", "said"),
    [
        ([], "no case at all"),
        ([case("right", "best", "yes")], "no case of kind 'worst'"),
        ([case("wrong", "worst", "no")], "no case of kind 'best'"),
        ([*CASES, case("other", "best", "yes", reward="sentence")], "which the verifier does not declare"),
    ],
)
async def test_missing_cases_are_caught(cases: list[Case], said: str):
    """Each reward needs its anchors, and each case a reward."""
    assert said in " ".join(await findings(suite.check_cases_cover_rewards, WordVerifier, cases))


async def test_a_reward_without_anchors_needs_no_anchor_cases():
    """Where there is no best score, nobody can show it."""

    class Unanchored(WordVerifier):
        rewards = (msgspec.structs.replace(WordVerifier.rewards[0], best=None, worst=None),)

    cases = [case("some", "malformed", "no")]
    assert await findings(suite.check_cases_cover_rewards, Unanchored, cases) == []


@pytest.mark.parametrize(
    "wrong",
    [
        case("claims too much", "best", "no"),
        case("claims a score", "malformed", "no", score=0.5),
        case("claims a reason", "worst", "no", reason="found"),
        case("claims a status", "invalid", "no"),
        case("bad parameters", "best", "no", params={"word": 7}),
        case("claims a refusal", "invalid", "no", params={"word": 7}, reason="found"),
    ],
)
async def test_a_case_that_scores_otherwise_is_caught(wrong: Case):
    """Status, score and reason are compared, and what the reward refuses is `invalid`."""
    found = await findings(suite.check_cases_score_as_declared, WordVerifier, [*CASES, wrong])
    assert len(found) == 1
    assert repr(wrong.name) in found[0]


async def test_a_refused_parameter_can_be_declared():
    """A case of kind `invalid` may be one that never reaches the verifier."""
    cases = [*CASES, case("typo", "invalid", "yes", params={"wrod": "yes"}, reason="bad_params")]
    async with started(WordVerifier) as score:
        assert await conform(Subject.of(WordVerifier, score, cases)) == {}


async def test_a_verifier_that_changes_its_mind_is_caught():
    """The second verdict on the same item differs."""

    class Fickle(WordVerifier):
        asked = 0

        def verify(self, item: Item) -> Verdict:
            Fickle.asked += 1
            return Verdict.ok(float(Fickle.asked <= len(CASES)), "guessed", "guessed")

    found = await findings(suite.check_deterministic, Fickle)
    assert "'right' gets another verdict when scored again: score 1.0 and 0.0" in found


async def test_a_verifier_that_says_it_is_random_is_left_alone():
    """What is not declared deterministic is not compared."""

    class Random(WordVerifier):
        rewards = (msgspec.structs.replace(WordVerifier.rewards[0], deterministic=False),)
        asked = 0

        def verify(self, item: Item) -> Verdict:
            Random.asked += 1
            return Verdict.ok(1 / Random.asked, "guessed", "guessed")

    assert await findings(suite.check_deterministic, Random) == []
    assert await findings(suite.check_order_independent, Random) == []


async def test_times_and_attempts_may_differ():
    """Only what a verdict says is compared, not how long it took."""

    class Timed(WordVerifier):
        def verify(self, item: Item) -> Verdict:
            measured = {"latency_ms": time.perf_counter(), "queue_ms": time.perf_counter(), "attempts": 2}
            return msgspec.structs.replace(super().verify(item), **measured)

    assert await findings(suite.check_deterministic, Timed) == []


async def test_a_verifier_that_looks_at_the_neighbours_is_caught():
    """The verdict depends on the place in the batch."""

    class Jealous(WordVerifier):
        def score_batch(self, items: Sequence[Item], deadline: Deadline) -> Sequence[Verdict]:
            return [Verdict.ok(float(item is items[0]), "compared", "first or not") for item in items]

    found = " ".join(await findings(suite.check_order_independent, Jealous))
    assert "in reverse order" in found
    assert "alone" in found


@pytest.mark.parametrize("status", [Status.ERROR, Status.UNAVAILABLE])
async def test_another_failure_than_a_timeout_at_the_deadline_is_caught(status: Status):
    """Running out of time is no fault of the service's."""

    class Confused(WordVerifier):
        def score_batch(self, items: Sequence[Item], deadline: Deadline) -> Sequence[Verdict]:
            if deadline.expired:
                return [Verdict(status=status, reason="late", explanation="too late")] * len(items)
            return super().score_batch(items, deadline)

    assert len(await findings(suite.check_deadline_obeyed, Confused)) == len(CASES)


async def test_a_verifier_that_ignores_the_deadline_is_caught():
    """Neither waiting for ever nor blocking the loop is an answer in time."""

    class Waiting(WordVerifier):
        async def score_batch(self, items: Sequence[Item], deadline: Deadline) -> Sequence[Verdict]:
            await asyncio.Event().wait()
            return []

    class Blocking(WordVerifier):
        def score_batch(self, items: Sequence[Item], deadline: Deadline) -> Sequence[Verdict]:
            time.sleep(0.02)
            return super().score_batch(items, deadline)

    for verifier in (Waiting, Blocking):
        async with started(verifier) as score:
            subject = Subject.of(verifier, score, CASES)
            subject.grace_s = 0.01
            assert await run_check(suite.check_deadline_obeyed, subject)


async def test_a_verifier_that_times_out_at_the_deadline_passes():
    """No score without `ok`, and an answer at once."""

    class Punctual(WordVerifier):
        async def score_batch(self, items: Sequence[Item], deadline: Deadline) -> Sequence[Verdict]:
            if deadline.expired:
                return [Verdict.timeout("deadline", "no time left")] * len(items)
            return [self.verify(item) for item in items]

    assert await findings(suite.check_deadline_obeyed, Punctual) == []


@pytest.mark.parametrize("status", [Status.INVALID, Status.ERROR, Status.TIMEOUT])
async def test_a_hostile_completion_without_a_verdict_is_caught(status: Status):
    """The completion is never the caller's fault, nor an excuse."""

    class Squeamish(WordVerifier):
        def verify(self, item: Item) -> Verdict:
            if "\0" in item.completion:
                return Verdict(status=status, reason="nul", explanation="there is a NUL")
            return super().verify(item)

    found = await findings(suite.check_hostile_completions_are_judged, Squeamish)
    assert any("hostile: NUL" in finding for finding in found)


async def test_a_verifier_that_raises_on_hostile_input_is_caught():
    """An exception is not a verdict."""

    class Brittle(WordVerifier):
        def verify(self, item: Item) -> Verdict:
            if not item.completion:
                raise IndexError("nothing there")
            return super().verify(item)

    (found,) = await findings(suite.check_hostile_completions_are_judged, Brittle)
    assert "IndexError" in found


async def test_a_neighbour_hurt_by_hostile_input_is_caught():
    """The sound item beside it gets the verdict it always gets."""

    class Poisoned(WordVerifier):
        def score_batch(self, items: Sequence[Item], deadline: Deadline) -> Sequence[Verdict]:
            if any("\0" in item.completion for item in items):
                return [Verdict.ok(0.0, "poisoned", "something was wrong with the batch")] * len(items)
            return super().score_batch(items, deadline)

    found = await findings(suite.check_hostile_completions_are_judged, Poisoned)
    assert any("beside hostile completions" in finding for finding in found)


async def test_a_reward_that_judges_nothing_cannot_be_tried():
    """Without one sound case the check says so instead of passing."""
    cases = [case("typo", "invalid", "yes", params={"wrod": "yes"})]
    found = await findings(suite.check_hostile_completions_are_judged, WordVerifier, cases)
    assert "no case that is judged" in found[0]


@pytest.mark.parametrize(
    "detail", [float("nan"), (1, 2), {1, 2}, b"raw", object(), "\ud800"], ids=lambda value: type(value).__name__
)
async def test_details_that_json_changes_are_caught(detail: object):
    """What the caller reads is what the verifier said."""

    class Chatty(WordVerifier):
        def verify(self, item: Item) -> Verdict:
            return Verdict.ok(1.0, "said", "said something", None, detail=detail)

    assert len(await findings(suite.check_json_round_trip, Chatty)) == len(CASES)


@pytest.mark.parametrize("reason", ["", "Not Found", "not-found", "9lives", "x" * 65, "ok\n"])
async def test_a_reason_that_cannot_be_counted_is_caught(reason: str):
    """Reasons are labels of metrics."""

    class Wordy(WordVerifier):
        def verify(self, item: Item) -> Verdict:
            return msgspec.structs.replace(super().verify(item), reason=reason)

    assert len(await findings(suite.check_explained, Wordy)) == len(CASES)


@pytest.mark.parametrize(
    ("status", "score"),
    [
        (Status.OK, 1.5),
        (Status.OK, -0.1),
        (Status.OK, float("inf")),
        (Status.OK, float("nan")),
        (Status.OK, None),
        (Status.ERROR, 0.0),
        (Status.TIMEOUT, 1.0),
        (Status.PARTIAL, None),
    ],
)
async def test_a_score_that_cannot_be_is_caught(status: Status, score: float | None):
    """Even where a verifier gets around the verdict's own check."""

    class Inflated(WordVerifier):
        def verify(self, item: Item) -> Verdict:
            verdict = super().verify(item)
            msgspec.structs.force_setattr(verdict, "status", status)
            msgspec.structs.force_setattr(verdict, "score", score)
            return verdict

    assert len(await findings(suite.check_scores_in_range, Inflated)) == len(CASES)


async def test_parameters_without_description_are_caught():
    """Callers read the schema, not the source."""

    class SilentParams(Params):
        word: str = "yes"

    class Silent(WordVerifier):
        rewards = (msgspec.structs.replace(WordVerifier.rewards[0], params=SilentParams),)

    assert await findings(suite.check_params_described, Silent) == [
        "the parameter 'word' of 'word' has no description"
    ]


async def test_a_description_at_the_type_is_enough():
    """Where a field and its type say the same, the schema holds it once, at the type."""

    class Mode(StrEnum):
        """How to look."""

        FAST = "fast"

    class ModeParams(Params):
        word: str = "yes"
        """The word to look for."""
        mode: Mode = Mode.FAST
        """How to look."""

    class Choosy(WordVerifier):
        rewards = (msgspec.structs.replace(WordVerifier.rewards[0], params=ModeParams),)

    assert await findings(suite.check_params_described, Choosy) == []


async def test_a_schema_that_is_not_json_is_caught():
    """The schema goes over the wire."""

    class OddParams(WordParams):
        @classmethod
        def model_json_schema(cls, *args: object, **kwargs: object) -> dict[str, object]:
            return {"properties": {}, "default": object()}

    class Odd(WordVerifier):
        rewards = (msgspec.structs.replace(WordVerifier.rewards[0], params=OddParams),)

    assert "is not JSON" in (await findings(suite.check_params_described, Odd))[0]


async def test_parameters_that_take_any_name_are_caught():
    """A typo must not be a silent default."""

    class Lax(Params):
        model_config = ConfigDict(extra="ignore")

    class Lenient(WordVerifier):
        rewards = (RewardInfo(name="word", description="Holds the word.", params=Lax),)

        def verify(self, item: Item) -> Verdict:
            return Verdict.ok(1.0, "found", "did not look")

    assert await findings(suite.check_unknown_params_refused, Lenient) == [
        "the reward 'word' accepts a parameter that does not exist"
    ]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ([], "0 verdicts came back for 3 items"),
        ([None] * 3, "NoneType instead of verdicts"),
        ([1.0] * 3, "float instead of verdicts"),
    ],
)
async def test_an_answer_that_is_not_one_verdict_per_item_is_caught(answer: list[object], said: str):
    """Same length, same order, verdicts only."""

    class Short(WordVerifier):
        def score_batch(self, items: Sequence[Item], deadline: Deadline) -> Sequence[Verdict]:
            return answer  # type: ignore[return-value]

    (found,) = await findings(suite.check_cases_score_as_declared, Short)
    assert said in found


class RankParams(Params):
    """Parameters of the group toy."""

    of: str
    """Reward it builds on."""


class RankVerifier(Verifier):
    """A sound toy for groups: 1.0 for the longest right completion of its group."""

    name = "rank"
    rewards = (
        RewardInfo(
            name="rank", description="Is the longest.", grouping="group", dependent=True, params=RankParams
        ),
    )

    def score_batch(self, items: Sequence[Item], deadline: Deadline) -> Sequence[Verdict]:
        """Compare within each group."""
        longest: dict[str, int] = {}
        for item in items:
            if item.of is not None and item.of.score:
                longest[item.group_id] = max(longest.get(item.group_id, 0), len(item.completion))
        return [
            Verdict.ok(float(len(item.completion) == longest.get(item.group_id)), "compared", "compared lengths")
            for item in items
        ]


def member(name: str, kind: str, completion: str, group: str, right: bool = True) -> Case:
    """A case of the group toy."""
    of = {"status": "ok", "score": float(right), "reason": "judged", "explanation": "judged"}
    item = {"completion": completion, "group_id": group}
    fields = {"name": name, "kind": kind, "reward": "rank", "item": item, "params": {"of": "word"}, "of": of}
    return Case.model_validate(fields)


RANKED = [
    member("long", "best", "aaa", "g"),
    member("short", "worst", "a", "g"),
    member("longer but wrong", "worst", "aaaaa", "g", right=False),
    member("alone", "best", "a", "h"),
]


async def test_groups_are_kept_together():
    """A group-wise, dependent verifier passes: its groups are whole in every order."""
    async with started(RankVerifier) as score:
        subject = Subject.of(RankVerifier, score, RANKED)
        assert [len(unit) for unit in subject.units()] == [3, 1]
        assert (
            await conform(subject, [c for c in suite.CHECKS if c is not suite.check_unknown_params_refused]) == {}
        )
        assert await conform(subject, [suite.check_unknown_params_refused]) == {}


def test_cases_are_read_line_by_line():
    """Blank lines are passed over, and names are unique."""
    lines = [json.dumps({"name": n, "kind": "best", "reward": "word", "item": {"completion": n}}) for n in "ab"]
    assert [found.name for found in read_cases("\n\n".join(lines) + "\n")] == ["a", "b"]
    with pytest.raises(CaseError, match=r"line 2: .*called 'a' too"):
        read_cases(lines[0] + "\n" + lines[0])


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("not JSON", "the line"),
        ('{"name": "a"}', "kind"),
        ('{"name": "a", "kind": "fine", "reward": "word", "item": {}}', "kind"),
        ('{"name": "a", "kind": "best", "reward": "word", "item": {"completon": "x"}}', "item/completon"),
    ],
)
def test_a_faulty_line_is_named_with_its_place(line: str, said: str):
    """The author of a verifier finds the line and the field."""
    with pytest.raises(CaseError, match=f"line 1 is not a case: {said}"):
        read_cases(line)


def test_a_case_whose_item_no_request_could_hold_is_an_error_of_the_case():
    """It is not silently left out."""
    without = Case.model_validate({"name": "empty", "kind": "best", "reward": "word", "item": {}})
    with pytest.raises(CaseError, match=r"'empty'.*needs a 'completion'"):
        without.to_item(WordVerifier.rewards[0])


def test_a_verifier_without_cases_is_told_to_write_some():
    """The file belongs beside the verifier's module."""
    with pytest.raises(CaseError, match=r"'word' has no cases\.jsonl"):
        cases_of(WordVerifier)


def test_an_item_holds_only_what_its_reward_reads():
    """A case may tell more than a reward has declared; the verifier does not see it."""
    told = Case.model_validate(
        {
            "name": "a",
            "kind": "best",
            "reward": "word",
            "item": {"completion": "yes", "prompt": "Say yes.", "ground_truth": "yes", "group_id": "g"},
        }
    )
    item = told.to_item(WordVerifier.rewards[0])
    assert (item.completion, item.prompt, item.ground_truth, item.group_id) == ("yes", "", None, "g")
    assert item.params == {"word": "yes"}
