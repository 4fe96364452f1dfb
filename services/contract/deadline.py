"""A point in time by which a call must be answered."""

from __future__ import annotations

import math
import time

import msgspec


class Deadline(msgspec.Struct, frozen=True):
    """A deadline on the monotonic clock of this process.

    It does not travel between processes; send :meth:`remaining_ms` instead.
    """

    at: float
    """Seconds on ``time.monotonic()``; infinity means none."""

    @classmethod
    def after_ms(cls, ms: float) -> Deadline:
        """Deadline ``ms`` milliseconds from now."""
        return cls(time.monotonic() + ms / 1000)

    @classmethod
    def never(cls) -> Deadline:
        """A deadline that does not come."""
        return cls(math.inf)

    def remaining_ms(self) -> float:
        """Milliseconds left, 0.0 at the least."""
        return max(0.0, (self.at - time.monotonic()) * 1000)

    @property
    def expired(self) -> bool:
        """Whether no time is left."""
        return time.monotonic() >= self.at
