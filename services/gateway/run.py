"""One call in progress: several consumers may follow it, and its work stops when nobody is left."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine
from types import TracebackType
from typing import Any, Self

from guerdon.services.contract import ItemResult, ScoreResponse, Status, Summary
from guerdon.services.contract.errors import DeadlineExceeded, InternalError, VerifierUnavailable

Publish = Callable[[int, ItemResult], None]


class Run:
    """A call in progress or done, to be used as an async context manager by each consumer.

    Args:
        request_id: the caller's name of the call.
        digest: the deployment it is judged by.
        items: how many items it has.
        server_version: version of Guerdon, for the summary.
    """

    def __init__(self, request_id: str, digest: str, items: int, server_version: str) -> None:
        self.request_id = request_id
        self.digest = digest
        self._server_version = server_version
        self._results: list[ItemResult | None] = [None] * items
        self._finished: list[int] = []
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._consumers = 0
        self._abandoned = False
        self._started = time.monotonic()
        self._latency_ms = 0.0

    def begin(self, work: Callable[[Publish], Coroutine[Any, Any, None]], done: Callable[[], None]) -> None:
        """Start the work.

        Args:
            work: is given ``publish(index, result)``, which it calls once per item.
            done: called when the work has ended, however it ended, even if it was never begun.
        """
        self._task = asyncio.create_task(work(self._publish), name=f"run-{self.request_id[:64]}")
        self._task.add_done_callback(lambda _: self._end(done))

    async def __aenter__(self) -> Self:
        self._consumers += 1
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
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

    async def response(self) -> ScoreResponse:
        """Wait for the whole answer.

        Raises:
            VerifierUnavailable: no component of any item could be judged for want of a verifier.
            DeadlineExceeded: the time ran out before any verdict.
        """
        await self._wait_done()
        results = self._complete_results()
        _check_something_done(results)
        return ScoreResponse(
            request_id=self.request_id, digest=self.digest, results=results, summary=self.summary()
        )

    async def events(self) -> AsyncIterator[ItemResult | Summary]:
        """Results in the order in which they are finished, then the summary."""
        told = 0
        while True:
            while told < len(self._finished):
                result = self._results[self._finished[told]]
                told += 1
                if result is not None:
                    yield result
            if not self.alive and told == len(self._finished):
                break
            self._changed.clear()
            await self._changed.wait()
        self._complete_results()
        yield self.summary()

    def summary(self) -> Summary:
        """Counts and time."""
        statuses = Counter(str(result.status) for result in self._results if result is not None)
        return Summary(
            items=len(self._results),
            by_status=dict(sorted(statuses.items())),
            latency_ms=round(self._latency_ms, 3),
            server_version=self._server_version,
        )

    def _end(self, done: Callable[[], None]) -> None:
        self._latency_ms = (time.monotonic() - self._started) * 1000
        self._changed.set()
        done()

    def _publish(self, index: int, result: ItemResult) -> None:
        self._results[index] = result
        self._finished.append(index)
        self._changed.set()

    async def _wait_done(self) -> None:
        if self._task is not None:
            await asyncio.wait([self._task])

    def _complete_results(self) -> list[ItemResult]:
        results = [result for result in self._results if result is not None]
        if len(results) < len(self._results):
            cause = None
            if self._task is not None and self._task.done() and not self._task.cancelled():
                cause = self._task.exception()
            raise InternalError("the service failed while judging this call; its log says why") from cause
        return results


def _check_something_done(results: list[ItemResult]) -> None:
    statuses = {component.status for result in results for component in result.components}
    if statuses == {Status.UNAVAILABLE}:
        explanation = results[0].components[0].explanation if results[0].components else "no verifier is ready"
        raise VerifierUnavailable(f"nothing could be judged: {explanation}", retry_after_s=1.0)
    if statuses == {Status.TIMEOUT}:
        raise DeadlineExceeded("the time ran out before any verdict was reached; allow more time or send less")
