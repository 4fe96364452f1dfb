"""Verdicts of verifiers, and the results a call answers with.

The shapes below are the JSON of the HTTP interface field by field; the gRPC messages carry the same names.
"""

from __future__ import annotations

import math
from typing import Any

import msgspec

from guerdon.services.contract.status import Status


class Verdict(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One verifier's answer about one item.

    Raises:
        ValueError: a score without status ``ok``, ``ok`` without a finite score, or no explanation.
    """

    status: Status
    """``ok`` is the only status that carries a score."""
    reason: str
    """Short code of what decided, lower case with underscores."""
    explanation: str
    """One sentence a person can read; never empty."""
    score: float | None = None
    """Present exactly when the status is ``ok``."""
    answer: str | None = None
    """What was extracted from the completion, or None."""
    details: dict[str, Any] = {}
    """Further findings (rule, offsets, canonical forms), JSON values only."""
    near_limit: bool = False
    """The verdict hangs on a work limit (within 20 % of it): it was measured twice and is never cached."""
    latency_ms: float = 0.0
    """Time of work, queueing apart; 0.0 where it was too short to matter."""
    queue_ms: float = 0.0
    """Time spent waiting for a worker."""
    attempts: int = 1
    """How often the work was started."""

    def __post_init__(self) -> None:
        has_score = self.score is not None and math.isfinite(self.score)
        if has_score != (self.status is Status.OK) or (self.score is not None and not has_score):
            raise ValueError(f"a verdict with status {self.status} cannot carry the score {self.score}")
        if not self.explanation:
            raise ValueError("a verdict needs an explanation")

    @classmethod
    def ok(cls, score: float, reason: str, explanation: str, answer: str | None = None, **details: Any) -> Verdict:
        """A verdict people can train on."""
        return cls(
            status=Status.OK,
            score=float(score),
            reason=reason,
            explanation=explanation,
            answer=answer,
            details=details,
        )

    @classmethod
    def not_applicable(cls, reason: str, explanation: str) -> Verdict:
        """The reward does not judge this item."""
        return cls(status=Status.NOT_APPLICABLE, reason=reason, explanation=explanation)

    @classmethod
    def invalid(cls, reason: str, explanation: str, **details: Any) -> Verdict:
        """The caller's data is unusable: null, and no use in retrying."""
        return cls(status=Status.INVALID, reason=reason, explanation=explanation, details=details)

    @classmethod
    def timeout(cls, reason: str, explanation: str) -> Verdict:
        """The call's time ran out: null, may be retried."""
        return cls(status=Status.TIMEOUT, reason=reason, explanation=explanation)

    @classmethod
    def unavailable(cls, reason: str, explanation: str, attempts: int = 1) -> Verdict:
        """The service could not judge now: null, may be retried."""
        return cls(status=Status.UNAVAILABLE, reason=reason, explanation=explanation, attempts=attempts)

    @classmethod
    def error(cls, reason: str, explanation: str, attempts: int = 1) -> Verdict:
        """A fault of the service: null."""
        return cls(status=Status.ERROR, reason=reason, explanation=explanation, attempts=attempts)


class ComponentError(msgspec.Struct, frozen=True, kw_only=True):
    """Why a component has no verdict, in the vocabulary of gRPC."""

    code: int
    """gRPC status code: 3 invalid, 4 timeout, 13 error, 14 unavailable."""
    message: str
    """What happened and what to do."""
    retryable: bool
    """Whether sending the item again can help."""


class ComponentResult(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One reward of one item."""

    name: str
    """Name of the reward."""
    status: Status
    """Outcome; ``score`` is set exactly when it is ``ok``."""
    score: float | None
    """The score, or null where there is no verdict."""
    weight: float
    """Weight with which the score enters the total."""
    reason: str
    """Short code of what decided."""
    explanation: str
    """One sentence a person can read."""
    answer: str | None = None
    """What was extracted from the completion, or null."""
    latency_ms: float = 0.0
    """Time of work in milliseconds."""
    queue_ms: float = 0.0
    """Time of waiting in milliseconds, never counted as work."""
    attempts: int = 1
    """How often the work was started; 0 where it never was."""
    cached: bool = False
    """Whether the verdict came from the cache."""
    near_limit: bool = False
    """Whether the verdict hangs on a work limit."""
    verifier_version: str = ""
    """Version of the verifier that judged."""
    details: dict[str, Any] = {}
    """Further findings."""
    error: ComponentError | None = None
    """Set exactly when a verdict was owed and is missing."""


class ItemResult(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """All rewards of one item and their total."""

    id: str
    """The caller's name of the item."""
    status: Status
    """``ok``, or why the total is missing, or ``partial``."""
    total: float | None
    """The aggregated reward, or null where a required component has no verdict."""
    components: list[ComponentResult]
    """Every requested reward, in the order of the request."""
    missing: list[str] = []
    """Names of the components that owe a verdict."""


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a call."""

    items: int
    """Number of items answered."""
    by_status: dict[str, int]
    """Number of items per status."""
    latency_ms: float
    """Time from the request's arrival in the core to its answer, in milliseconds."""
    server_version: str
    """Version of Guerdon."""


class ScoreResponse(msgspec.Struct, frozen=True, kw_only=True):
    """Answer to a batch: same length and order as its items."""

    request_id: str
    """The caller's name of the call, or one made up here."""
    digest: str
    """Hash over everything that decides verdicts in this deployment."""
    results: list[ItemResult]
    """One result per item, in the order of the request."""
    summary: Summary
    """Counts and time."""
