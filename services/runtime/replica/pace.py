"""How fast a replica has been of late."""

from __future__ import annotations

from collections import deque

WINDOW = 512
"""Calls that the quantiles are taken over."""
SHARE = 0.2
"""Weight of the newest call in the time per item."""


class Pace:
    """Recent times of calls and of work."""

    def __init__(self) -> None:
        self.items = 0
        self.cpu_seconds = 0.0
        self.item_ms = 0.0
        self._calls_ms: deque[float] = deque(maxlen=WINDOW)

    def note(self, *, items: int, call_ms: float, work_ms: float, cpu_ms: float) -> None:
        """Take in one call.

        Args:
            items: items it had.
            call_ms: from its arrival to its answer, in milliseconds.
            work_ms: time of work on its items, added up over the items, in milliseconds.
            cpu_ms: CPU time it cost in milliseconds.
        """
        self._calls_ms.append(call_ms)
        per_item = (work_ms or cpu_ms or call_ms) / max(1, items)
        self.item_ms = per_item if not self.items else self.item_ms + SHARE * (per_item - self.item_ms)
        self.items += items
        self.cpu_seconds += cpu_ms / 1000

    def quantile_ms(self, share: float) -> float:
        """Time in milliseconds within which a share (0 to 1) of the recent calls was answered; 0.0 without any."""
        ordered = sorted(self._calls_ms)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
