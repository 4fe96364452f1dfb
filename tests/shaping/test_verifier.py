"""The verifier: verdicts on single completions, and what is null."""

from typing import Any

import pytest
from pydantic import ValidationError

from guerdon.services.contract import Deadline, Item, Status, Verdict, VerifierSettings
from guerdon.services.contract.hostile import hostile_completions
from guerdon.services.shaping.verifier import ShapingVerifier

REWARDS = {reward.name: reward for reward in ShapingVerifier.rewards}
RIGHT = Verdict.ok(1.0, "equal", "it is right")
WRONG = Verdict.ok(0.0, "not_equal", "it is wrong")
NEEDED: dict[str, dict[str, Any]] = {
    "length": {"of": "math"},
    "cosine": {"of": "math", "max_length": 1000},
    "soft_overlong": {"max_length": 100, "cache": 20},
    "repetition": {},
    "reasoning_steps": {},
}


def item(reward: str, completion: str = "x", tokens: int = 0, of: Verdict | None = None, **params: Any) -> Item:
    """An item with so many token ids and the parameters a reward needs."""
    given = REWARDS[reward].params.model_validate({**NEEDED[reward], **params}).model_dump()
    ids = tuple(range(tokens))
    return Item(
        id="0", reward=reward, completion=completion, completion_ids=ids, of=of, group_id="g", params=given
    )


def judge(*items: Item) -> list[Verdict]:
    """The verdicts on items."""
    return list(ShapingVerifier(VerifierSettings()).score_batch(items, Deadline.never()))


@pytest.mark.parametrize(
    ("of", "tokens", "params", "score", "reason"),
    [
        (RIGHT, 500, {}, 0.75, "right"),
        (WRONG, 500, {}, -0.75, "wrong"),
        (RIGHT, 3000, {}, 0.5, "right"),
        (WRONG, 1000, {}, -0.5, "wrong"),
        (RIGHT, 500, {"right_short": 2.0, "right_long": 1.0}, 1.5, "right"),
        (WRONG, 500, {"wrong_short": -10.0, "wrong_long": 0.0}, -5.0, "wrong"),
        (RIGHT, 999, {"exceeded": -10.0}, 0.5, "right"),
        (RIGHT, 1000, {"exceeded": -10.0}, -10.0, "exceeded"),
        (WRONG, 1001, {"exceeded": -10.0}, -10.0, "exceeded"),
        (Verdict.ok(0.8, "passed_some", "most tests pass"), 500, {}, -0.75, "wrong"),
        (Verdict.ok(0.8, "passed_some", "most tests pass"), 500, {"right_from": 0.5}, 0.75, "right"),
    ],
)
def test_cosine_pays_by_length_and_by_the_verdict_it_builds_on(
    of: Verdict, tokens: int, params: dict[str, Any], score: float, reason: str
):
    """Right from a score on that the caller names; too long has a score of its own where one is given."""
    (verdict,) = judge(item("cosine", tokens=tokens, of=of, **params))
    assert (verdict.score, verdict.reason) == (pytest.approx(score, abs=1e-5), reason)
    assert verdict.details == {"length": tokens, "right": reason == "right" or (reason, of) == ("exceeded", RIGHT)}


@pytest.mark.parametrize(
    ("tokens", "score", "reason"),
    [
        (80, 0.0, "short_enough"),
        (81, -0.05, "nearly_overlong"),
        (100, -1.0, "nearly_overlong"),
        (101, -1.0, "overlong"),
    ],
)
def test_soft_overlong_punishes_by_length_alone(tokens: int, score: float, reason: str):
    """Whatever the completion says."""
    (verdict,) = judge(item("soft_overlong", tokens=tokens))
    assert (verdict.score, verdict.reason, verdict.details) == (score, reason, {"length": tokens})


@pytest.mark.parametrize(
    ("completion", "params", "score", "reason"),
    [
        ("", {}, 0.0, "too_short"),
        ("one two", {}, 0.0, "too_short"),
        ("one two three four", {}, 0.0, "not_repeated"),
        ("so so so so so", {"ngram_size": 2}, -0.75, "repeated"),
        ("So so SO sO so", {"ngram_size": 2}, -0.75, "repeated"),
        ("so s\u200bo so\u200b \u2060so so", {"ngram_size": 2}, -0.75, "repeated"),
        ("so\x01 so\x02 so\x03 so\x04 so\x05", {"ngram_size": 2}, -0.75, "repeated"),
        ("so\ufe00 so\ufe01 so\ufe02 so\U000e0100 so\U000e0061", {"ngram_size": 2}, -0.75, "repeated"),
        ("so so so so so", {"ngram_size": 2, "max_penalty": -0.5}, -0.375, "repeated"),
        ("好好好好好", {"ngram_size": 2}, -0.75, "repeated"),
        ("hahahaha", {}, 0.0, "too_short"),
        ("hahahaha", {"unit": "characters", "ngram_size": 2}, -5 / 7, "repeated"),
    ],
)
def test_repetition_punishes_ngrams_that_come_again(
    completion: str, params: dict[str, Any], score: float, reason: str
):
    """Case and invisible characters hide none; without spaces it takes characters or tokens to see one."""
    (verdict,) = judge(item("repetition", completion, **params))
    assert (verdict.score, verdict.reason) == (pytest.approx(score), reason)


def test_repetition_counts_token_ids_where_asked():
    """The text is not looked at then."""
    base = item("repetition", "one two three", unit="tokens", ngram_size=2)
    given = Item(id="0", reward="repetition", params=base.params, completion="one two", completion_ids=(5,) * 5)
    assert judge(given)[0].score == -0.75


@pytest.mark.parametrize(
    ("completion", "params", "score"),
    [
        ("", {}, 0.0),
        ("1. Add.", {}, pytest.approx(1 / 3)),
        ("1. Add.\n2. Divide.\n3. Done.\n4. Really.", {}, 1.0),
        ("1. Add.", {"enough": 2}, 0.5),
    ],
)
def test_reasoning_steps_pays_up_to_enough_of_them(completion: str, params: dict[str, Any], score: float):
    """Three, unless the caller says otherwise."""
    assert judge(item("reasoning_steps", completion, **params))[0].score == score


@pytest.mark.parametrize("reward", ["cosine", "soft_overlong", "repetition"])
def test_a_length_in_tokens_is_null_without_their_ids(reward: str):
    """Characters are no tokens, so nothing takes their place; the caller can ask for another unit."""
    (verdict,) = judge(item(reward, "some text", of=RIGHT, unit="tokens"))
    assert (verdict.status, verdict.score, verdict.reason) == (Status.INVALID, None, "no_token_ids")
    assert judge(item(reward, "some text", of=RIGHT, unit="words"))[0].status is Status.OK


@pytest.mark.parametrize(
    ("of", "status"),
    [
        (None, Status.INVALID),
        (Verdict.invalid("bad_gold", "the gold is unusable"), Status.INVALID),
        (Verdict.timeout("deadline", "too late"), Status.TIMEOUT),
        (Verdict.unavailable("overload", "too much"), Status.UNAVAILABLE),
        (Verdict.error("kills_worker", "broke"), Status.ERROR),
        (Verdict.not_applicable("no_gold", "not judged"), Status.NOT_APPLICABLE),
    ],
)
def test_without_a_verdict_to_build_on_there_is_none(of: Verdict | None, status: Status):
    """The status is that of the verdict that is missing."""
    for reward in ("cosine", "length"):
        verdict, _ = judge(item(reward, of=of, tokens=5), item(reward, of=RIGHT, tokens=6))
        assert (verdict.status, verdict.score, verdict.reason) == (status, None, "no_base_verdict")


@pytest.mark.parametrize("name", hostile_completions())
def test_no_completion_slips_out_of_its_verdict(name: str):
    """A policy that could bring about a null would be rid of a punishment."""
    for reward in REWARDS:
        given = item(reward, hostile_completions()[name], tokens=50, of=WRONG)
        verdict, _ = judge(given, item(reward, of=RIGHT, tokens=70))
        assert verdict.status is Status.OK


@pytest.mark.parametrize(
    ("reward", "params"),
    [
        ("length", {}),
        ("length", {"of": ""}),
        ("length", {"of": "math", "unit": "bytes"}),
        ("cosine", {"of": "math"}),
        ("cosine", {"max_length": 10}),
        ("cosine", {"of": "math", "max_length": 0}),
        ("cosine", {"of": "math", "max_length": 10, "right_long": 11.0}),
        ("cosine", {"of": "math", "max_length": 10, "right_from": float("nan")}),
        ("soft_overlong", {"max_length": 10}),
        ("soft_overlong", {"max_length": 10, "cache": 11}),
        ("soft_overlong", {"max_length": 10, "cache": 0}),
        ("repetition", {"ngram_size": 0}),
        ("repetition", {"max_penalty": 0.5}),
        ("repetition", {"max_penalty": -2.0}),
        ("reasoning_steps", {"enough": 0}),
    ],
)
def test_parameters_that_mean_nothing_are_refused(reward: str, params: dict[str, Any]):
    """What a formula needs has no default that nobody chose."""
    with pytest.raises(ValidationError):
        REWARDS[reward].params.model_validate(params)
