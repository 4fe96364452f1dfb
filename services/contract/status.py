"""Statuses of components and items: what is a verdict and what is not."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """Outcome of one component, or of one item.

    A score exists exactly when the status is ``ok``: a wrong answer is ``ok`` with the worst score,
    a failure of the service never carries a number.
    """

    OK = "ok"
    """A verdict: the score is set."""
    NOT_APPLICABLE = "not_applicable"
    """This reward does not judge this item; it counts as neither present nor missing."""
    INVALID = "invalid"
    """The caller's data is unusable (ground truth, parameters): do not retry."""
    TIMEOUT = "timeout"
    """The call's time ran out before the verdict: may be retried."""
    UNAVAILABLE = "unavailable"
    """Overload, a lost worker, an absent verifier: may be retried."""
    ERROR = "error"
    """A fault in the service: reported, never scored."""
    PARTIAL = "partial"
    """Items only: an optional component has no verdict."""


RETRYABLE = frozenset({Status.TIMEOUT, Status.UNAVAILABLE})
"""Statuses after which sending the same item again can give a verdict."""

NO_VERDICT = frozenset({Status.INVALID, Status.TIMEOUT, Status.UNAVAILABLE, Status.ERROR})
"""Statuses that leave a component without a score although one was owed."""
