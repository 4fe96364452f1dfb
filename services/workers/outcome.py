"""What became of one piece of work, and the verdict that follows where the work did not finish.

Attribution: only limits that were *measured* on the work itself are the response's own fault and give a
score. Wall time is not: work that sleeps and a machine that is overloaded look the same from outside.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import msgspec

from guerdon.services.contract import Status, Verdict

Kind = Literal[
    "done",
    "failed",
    "cpu_limit",
    "memory_limit",
    "wall_limit",
    "deadline",
    "lost",
    "unavailable",
]


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one piece of work."""

    kind: Kind
    """``done``: ``value`` is the result; ``failed``: the task raised; ``cpu_limit``, ``memory_limit``,
    ``wall_limit``: a limit was exceeded; ``deadline``: the call's time ran out; ``lost``: the work ended its
    worker, twice; ``unavailable``: the pool had no worker for it."""
    value: Any = None
    """The task's result, where it is done."""
    detail: str = ""
    """What happened, with numbers, for every kind but ``done``; may quote the task's input: never log it."""
    stage: str = ""
    """The stage the task marked last, or empty."""
    cpu_ms: float = 0.0
    """CPU time of the deciding attempt in milliseconds, all threads of the worker together."""
    wall_ms: float = 0.0
    """Wall time of the deciding attempt in milliseconds, queueing apart."""
    queue_ms: float = 0.0
    """Time spent waiting for a worker in milliseconds, over all attempts."""
    attempts: int = 0
    """How often the work was started; 0 where it never was."""
    near_limit: bool = False
    """The CPU time was within 20 % of the limit, so the work was measured a second time, alone."""


class _Reading(NamedTuple):
    """How an outcome reads as a verdict."""

    status: Status
    reason: str
    sentence: str


_READINGS: dict[str, _Reading] = {
    "cpu_limit": _Reading(Status.OK, "too_costly", "takes more CPU time than its limit allows"),
    "memory_limit": _Reading(Status.OK, "memory_limit", "takes more memory than its limit allows"),
    "wall_limit": _Reading(
        Status.UNAVAILABLE, "wall_limit", "ran out of wall time within its CPU limit, so nothing is decided"
    ),
    "deadline": _Reading(Status.TIMEOUT, "deadline", "was not done by the deadline of the call"),
    "lost": _Reading(Status.ERROR, "kills_worker", "ended its worker process each time it was tried"),
    "failed": _Reading(Status.ERROR, "verifier_bug", "failed with an error of the verifier"),
    "unavailable": _Reading(Status.UNAVAILABLE, "worker_lost", "could not be done for want of a worker"),
}


def verdict_of_outcome(outcome: Outcome, *, worst: float, what: str) -> Verdict:
    """The verdict on a response whose work was not done.

    Args:
        outcome: of any kind but ``done``.
        worst: the reward's worst score, given where the response itself exceeds a measured limit.
        what: names the work in the explanation, such as ``comparing the answer``.

    Raises:
        ValueError: the work was done, so its result holds the verdict.
    """
    if outcome.kind == "done":
        raise ValueError("work that is done has its own verdict")
    status, reason, sentence = _READINGS[outcome.kind]
    where = f", in the stage {outcome.stage}" if outcome.stage else ""
    explanation = f"{what[:1].upper()}{what[1:]} {sentence}{where}"
    return Verdict(
        status=status,
        score=float(worst) if status is Status.OK else None,
        reason=reason,
        explanation=f"{explanation}: {outcome.detail}." if outcome.detail else f"{explanation}.",
        details={"stage": outcome.stage} if outcome.stage else {},
        near_limit=outcome.near_limit,
        latency_ms=outcome.wall_ms,
        queue_ms=outcome.queue_ms,
        attempts=outcome.attempts,
    )
