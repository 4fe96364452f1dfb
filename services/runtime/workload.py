"""What a verifier has in hand, and how fast it has been of late."""

from __future__ import annotations

from collections import deque

CLASSES = 3
"""Priority classes, the most urgent first."""
WINDOW = 512
"""Calls that the quantiles are taken over."""
WORK_WINDOW = 64
"""Calls that the time per item is taken over."""


class Workload:
    """Items in hand by priority class, and recent times of calls and of work."""

    def __init__(self) -> None:
        self.items = 0
        """Items answered."""
        self.cpu_seconds = 0.0
        """CPU time of these items in seconds."""
        self._queued = [0] * CLASSES
        self._calls_ms: deque[float] = deque(maxlen=WINDOW)
        self._work: deque[tuple[int, float]] = deque(maxlen=WORK_WINDOW)

    @property
    def item_ms(self) -> float:
        """Recent time of work per item in milliseconds."""
        items = sum(count for count, _ in self._work)
        return sum(work_ms for _, work_ms in self._work) / items if items else 0.0

    @property
    def queued(self) -> tuple[int, ...]:
        """Items in hand, by priority class."""
        return tuple(self._queued)

    def take(self, rank: int, items: int) -> None:
        """Count items that were given."""
        self._queued[_class_of(rank)] += items

    def put_down(self, rank: int, items: int) -> None:
        """Count items that are done with, however they ended."""
        self._queued[_class_of(rank)] -= items

    def note(self, *, items: int, call_ms: float, work_ms: float, cpu_ms: float) -> None:
        """Take in one call that was judged.

        Args:
            items: items it had.
            call_ms: from its arrival to its answer, in milliseconds.
            work_ms: time of work on its items, added up over the items, in milliseconds; 0.0 where nobody knows.
            cpu_ms: CPU time it cost in milliseconds.
        """
        self._calls_ms.append(call_ms)
        self._work.append((items, work_ms or cpu_ms or call_ms))
        self.items += items
        self.cpu_seconds += cpu_ms / 1000

    def quantile_ms(self, share: float) -> float:
        """Time in milliseconds within which a share (0 to 1) of the recent calls was answered; 0.0 without any."""
        ordered = sorted(self._calls_ms)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def wait_ms(queued: tuple[int, ...], rank: int, item_ms: float, slots: int) -> float:
    """How long new work of a class waits for the work in hand that goes before it, in milliseconds.

    Args:
        queued: items in hand, by priority class.
        rank: class of the new work.
        item_ms: time of work per item in milliseconds.
        slots: items that are worked on at a time.
    """
    return sum(queued[: _class_of(rank) + 1]) * item_ms / max(1, slots)


def _class_of(rank: int) -> int:
    return min(max(rank, 0), CLASSES - 1)
