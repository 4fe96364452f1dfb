"""Verdicts: a score exactly where the status is ok."""

import math

import msgspec
import pytest

from guerdon.services.contract import NO_VERDICT, RETRYABLE, Status, Verdict


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.OK])
def test_only_ok_carries_a_score(status: Status):
    """A failure of the service is never a number."""
    assert Verdict(status=status, reason="r", explanation="e").score is None
    with pytest.raises(ValueError, match="cannot carry the score"):
        Verdict(status=status, reason="r", explanation="e", score=0.0)


@pytest.mark.parametrize("score", [None, math.nan, math.inf, -math.inf])
def test_ok_needs_a_finite_score(score: float | None):
    """A verdict without a number to train on is not `ok`."""
    with pytest.raises(ValueError, match="cannot carry the score"):
        Verdict(status=Status.OK, reason="r", explanation="e", score=score)


def test_a_verdict_is_explained():
    """Nobody has to guess."""
    with pytest.raises(ValueError, match="needs an explanation"):
        Verdict.ok(1.0, "equal", "")


@pytest.mark.parametrize(
    ("verdict", "status", "score"),
    [
        (Verdict.ok(1, "r", "e"), Status.OK, 1.0),
        (Verdict.not_applicable("r", "e"), Status.NOT_APPLICABLE, None),
        (Verdict.invalid("r", "e", field="x"), Status.INVALID, None),
        (Verdict.timeout("r", "e"), Status.TIMEOUT, None),
        (Verdict.unavailable("r", "e", attempts=3), Status.UNAVAILABLE, None),
        (Verdict.error("r", "e", attempts=2), Status.ERROR, None),
    ],
)
def test_each_status_has_a_constructor(verdict: Verdict, status: Status, score: float | None):
    """The short ways to write a verdict set status and score together."""
    assert (verdict.status, verdict.score, verdict.reason, verdict.explanation) == (status, score, "r", "e")


def test_further_findings_go_into_the_details():
    """Keywords of `ok` and `invalid` are details."""
    assert Verdict.ok(0.0, "not_equal", "e", "41", rule="number").details == {"rule": "number"}
    assert Verdict.invalid("bad_gold", "e", place=3).details == {"place": 3}


def test_a_verdict_survives_json():
    """It crosses processes as JSON or plain values and comes back the same."""
    verdict = Verdict.ok(0.5, "partly", "half of it", "x", parts=[1, None, {"a": "b"}])
    assert msgspec.json.decode(msgspec.json.encode(verdict), type=Verdict) == verdict
    assert msgspec.convert(msgspec.to_builtins(verdict), Verdict) == verdict


def test_an_impossible_verdict_does_not_come_in_from_outside():
    """The rule holds for what other processes send as well."""
    with pytest.raises(msgspec.ValidationError, match="cannot carry the score"):
        msgspec.json.decode(b'{"status":"error","reason":"r","explanation":"e","score":0.0}', type=Verdict)


def test_statuses_are_told_apart_by_what_to_do():
    """What may be retried owes a verdict; what is not applicable owes none."""
    assert RETRYABLE < NO_VERDICT
    assert NO_VERDICT.isdisjoint({Status.OK, Status.NOT_APPLICABLE, Status.PARTIAL})
