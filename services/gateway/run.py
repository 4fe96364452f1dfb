"""One call in progress: several consumers may follow it, and its work stops when nobody is left."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

from guerdon.services.contract import Deadline, ItemResult
from guerdon.services.contract.errors import InternalError


class Run:
    """A call in progress or done.

    Args:
        request_id: the caller's name of the call.
        items: how many items it has.
        unfinished: makes the result of an item that is not finished, by its place.
    """

    def __init__(self, request_id: str, items: int, unfinished: Callable[[int], ItemResult]) -> None:
        self.request_id = request_id
        self._unfinished = unfinished
        self._results: list[ItemResult | None] = [None] * items
        self._finished: list[int] = []
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._consumers = 0
        self._abandoned = False
        self._started = time.monotonic()
        self._ended: float | None = None

    def conclude(self, done: Callable[[], None]) -> None:
        """End the call at once: all results were published before it began."""
        self._end(done)

    def begin(self, work: Callable[[], Coroutine[Any, Any, None]], done: Callable[[], None]) -> None:
        """Start the work.

        Args:
            work: publishes the results that are not there yet.
            done: called when the work has ended, however it ended, even if it was never begun.
        """
        self._task = asyncio.create_task(work(), name=f"run-{self.request_id[:64]}")
        self._task.add_done_callback(lambda _: self._end(done))

    def publish(self, index: int, result: ItemResult) -> None:
        """Take the result of an item."""
        self._results[index] = result
        self._finished.append(index)
        self._changed.set()

    def join(self) -> None:
        """Count one more consumer."""
        self._consumers += 1

    async def leave(self) -> None:
        """Count one consumer less; the work stops when none is left."""
        self._consumers -= 1
        if self._consumers == 0 and self._task is not None and not self._task.done():
            self._abandoned = True
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    @property
    def alive(self) -> bool:
        """Whether the work goes on and may be joined."""
        return self._task is not None and not self._task.done() and not self._abandoned

    @property
    def complete(self) -> bool:
        """Whether every item has a result."""
        return len(self._finished) == len(self._results)

    @property
    def items(self) -> int:
        """Number of items of the call."""
        return len(self._results)

    async def wait(self, cut_off: Deadline, unless: asyncio.Task[None] | None = None) -> None:
        """Wait until the work has ended, a consumer's time is over, or ``unless`` is done."""
        if self._task is None or self._task.done():
            return
        awaited = {self._task} if unless is None else {self._task, unless}
        await asyncio.wait(awaited, timeout=_seconds(cut_off), return_when=asyncio.FIRST_COMPLETED)

    async def finished(self, cut_off: Deadline) -> AsyncIterator[tuple[int, ItemResult]]:
        """Results and their places in the order in which they are finished, until a consumer's time is over."""
        told = 0
        while True:
            while told < len(self._finished):
                index = self._finished[told]
                result = self._results[index]
                told += 1
                if result is not None:
                    yield index, result
            if not self.alive and told == len(self._finished):
                return
            self._changed.clear()
            try:
                await asyncio.wait_for(self._changed.wait(), _seconds(cut_off))
            except TimeoutError:
                return

    def results(self) -> list[ItemResult]:
        """All results; of what goes on, as it is now.

        Raises:
            InternalError: the work broke off.
        """
        if self.complete or self.alive:
            return [self._unfinished(i) if result is None else result for i, result in enumerate(self._results)]
        cause = None
        if self._task is not None and self._task.done() and not self._task.cancelled():
            cause = self._task.exception()
        raise InternalError("the service failed while judging this call; its log says why") from cause

    @property
    def latency_ms(self) -> float:
        """Time from the beginning of the work to its end, or to now."""
        return ((self._ended or time.monotonic()) - self._started) * 1000

    def _end(self, done: Callable[[], None]) -> None:
        self._ended = time.monotonic()
        self._changed.set()
        done()


def _seconds(cut_off: Deadline) -> float | None:
    return None if math.isinf(cut_off.at) else cut_off.remaining_ms() / 1000
