"""Verdicts on work that was not done."""

import pytest

from guerdon.services.contract import Status
from guerdon.services.workers import Outcome, verdict_of_outcome


@pytest.mark.parametrize(
    ("kind", "status", "score", "reason"),
    [
        ("cpu_limit", Status.OK, -1.0, "too_costly"),
        ("memory_limit", Status.OK, -1.0, "memory_limit"),
        ("wall_limit", Status.UNAVAILABLE, None, "wall_limit"),
        ("deadline", Status.TIMEOUT, None, "deadline"),
        ("lost", Status.ERROR, None, "kills_worker"),
        ("failed", Status.ERROR, None, "verifier_bug"),
        ("unavailable", Status.UNAVAILABLE, None, "worker_lost"),
    ],
)
def test_attribution(kind: str, status: Status, score: float | None, reason: str) -> None:
    """Only limits measured on the work itself give a score, the worst; everything else gives none."""
    outcome = Outcome(kind=kind, detail="the numbers", wall_ms=5, queue_ms=7, attempts=2, near_limit=True)
    verdict = verdict_of_outcome(outcome, worst=-1, what="comparing the answer")
    assert (verdict.status, verdict.score, verdict.reason) == (status, score, reason)
    assert (verdict.latency_ms, verdict.queue_ms, verdict.attempts, verdict.near_limit) == (5, 7, 2, True)
    assert verdict.explanation.startswith("Comparing the answer ")
    assert verdict.explanation.endswith(": the numbers.")


def test_stage_is_named() -> None:
    """The stage that was running appears in the explanation and in the details."""
    verdict = verdict_of_outcome(Outcome(kind="cpu_limit", stage="ground_truth"), worst=0, what="math")
    assert verdict.explanation == "Math takes more CPU time than its limit allows, in the stage ground_truth."
    assert verdict.details == {"stage": "ground_truth"}


def test_done_has_its_own_verdict() -> None:
    """Finished work is not a failure to be turned into a verdict."""
    with pytest.raises(ValueError, match="its own verdict"):
        verdict_of_outcome(Outcome(kind="done", value=1), worst=0, what="math")
