"""What a verifier has in hand, and how fast it has been of late."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence

import msgspec

from guerdon.services.contract import Status, Verdict

CLASSES = 3
"""Priority classes, the most urgent first."""
WINDOW = 512
"""Calls that the quantiles are taken over."""
WORK_WINDOW = 64
"""Calls that times per item are taken over."""
TOGETHER_MS = 1.0
"""How close to each other calls end that were judged side by side; for the times per item they are one."""

_UNTOUCHED = frozenset({Status.TIMEOUT, Status.UNAVAILABLE})


class _Times(msgspec.Struct):
    """Time that some items took together."""

    items: int
    ms: float


class Workload:
    """Items in hand by priority class, and recent times of calls and of work.

    Args:
        slots: items that are known to be worked on at a time; more may be.
        clock: tells the time in seconds.
    """

    def __init__(self, slots: int = 1, clock: Callable[[], float] = time.monotonic) -> None:
        self.items = 0
        """Items answered."""
        self.cpu_seconds = 0.0
        """CPU time of these items in seconds."""
        self._slots = max(1, slots)
        self._clock = clock
        self._queued = [0] * CLASSES
        self._calls_ms: deque[float] = deque(maxlen=WINDOW)
        self._work: deque[_Times] = deque(maxlen=WORK_WINDOW)
        self._departures: deque[_Times] = deque(maxlen=WORK_WINDOW)
        self._departed = clock()

    @property
    def item_ms(self) -> float:
        """Recent time of work per item in milliseconds."""
        return _per_item(self._work)

    @property
    def drain_ms(self) -> float:
        """Recent time in which it could get one item done, in milliseconds.

        That is the time between the ends of items while there was work, which shows how many are judged side by
        side once there are many; until then, the time of work over the slots may be less.
        """
        seen_ms, item_ms = _per_item(self._departures), self.item_ms
        return min(seen_ms, item_ms / self._slots) if item_ms else seen_ms

    @property
    def queued(self) -> tuple[int, ...]:
        """Items in hand, by priority class."""
        return tuple(self._queued)

    def take(self, rank: int, items: int) -> None:
        """Count items that were given."""
        if not any(self._queued):
            self._departed = self._clock()
        self._queued[class_of(rank)] += items

    def put_down(self, rank: int, items: int) -> None:
        """Count items that are done with, however they ended."""
        self._queued[class_of(rank)] -= items
        now = self._clock()
        passed_ms, self._departed = (now - self._departed) * 1000, now
        if self._departures and passed_ms < TOGETHER_MS:
            last = self._departures[-1]
            last.items += items
            last.ms += passed_ms
        else:
            self._departures.append(_Times(items, passed_ms))

    def note(self, verdicts: Sequence[Verdict], *, call_ms: float, cpu_ms: float) -> None:
        """Take in one call that was answered.

        Args:
            verdicts: the answer.
            call_ms: from its arrival to its answer, in milliseconds.
            cpu_ms: CPU time it cost in milliseconds.
        """
        self._calls_ms.append(call_ms)
        self.items += len(verdicts)
        self.cpu_seconds += cpu_ms / 1000
        # What nobody came to look at before its time was over tells nothing of how long work takes.
        judged = sum(verdict.latency_ms > 0 or verdict.status not in _UNTOUCHED for verdict in verdicts)
        if judged:
            # Not every verifier tells how long it was at an item.
            work_ms = sum(verdict.latency_ms for verdict in verdicts) or cpu_ms or call_ms
            self._work.append(_Times(judged, work_ms))

    def quantile_ms(self, share: float) -> float:
        """Time in milliseconds within which a share (0 to 1) of the recent calls was answered; 0.0 without any."""
        ordered = sorted(self._calls_ms)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def ahead(queued: Sequence[int], rank: int) -> int:
    """How many of the items in hand go before new work of a priority class.

    Args:
        queued: items in hand, by priority class.
        rank: class of the new work.
    """
    return sum(queued[: class_of(rank) + 1])


def wait_ms(queued: int, drain_ms: float, slots: int) -> float:
    """How long new work waits for the items that go before it, in milliseconds; not at all where a slot is free.

    Args:
        queued: how many these are.
        drain_ms: time in which one item gets done, in milliseconds.
        slots: items that are worked on at a time.
    """
    return max(0, queued - max(1, slots) + 1) * drain_ms


def class_of(rank: int) -> int:
    """The priority class of a rank; one beyond the known ones is the nearest."""
    return min(max(rank, 0), CLASSES - 1)


def _per_item(times: Sequence[_Times]) -> float:
    items = sum(some.items for some in times)
    return sum(some.ms for some in times) / items if items else 0.0
