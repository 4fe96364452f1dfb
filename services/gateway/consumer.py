"""One caller that follows a run: with its own time, whoever began the run and however long that may take."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Self

from guerdon import __version__
from guerdon.services.contract import Deadline, ItemResult, ScoreResponse, Status, Summary
from guerdon.services.contract.errors import DeadlineExceeded, VerifierUnavailable
from guerdon.services.gateway.run import Run

CUT_OFF_MS = 200.0
"""How long after its deadline a caller waits for a run to end by itself; the engine cuts off before that."""


class Consumer:
    """Follows a run inside an ``async with`` block.

    Args:
        run: what is followed.
        digest: the deployment it is judged by.
        deadline: when this caller stops waiting.
    """

    def __init__(self, run: Run, digest: str, deadline: Deadline) -> None:
        self.request_id = run.request_id
        self.digest = digest
        self._run = run
        self._cut_off = Deadline(deadline.at + CUT_OFF_MS / 1000)

    async def __aenter__(self) -> Self:
        self._run.join()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._run.leave()

    @property
    def alive(self) -> bool:
        """Whether the work goes on."""
        return self._run.alive

    async def wait(self, unless: asyncio.Task[None] | None = None) -> None:
        """Wait until the work has ended, this caller's time is over, or ``unless`` is done."""
        await self._run.wait(self._cut_off, unless)

    async def response(self) -> ScoreResponse:
        """Wait for the whole answer.

        Raises:
            VerifierUnavailable: no component of any item could be judged for want of a verifier.
            DeadlineExceeded: the time ran out before any verdict.
            InternalError: the work broke off.
        """
        await self.wait()
        results = self._run.results()
        _check_something_done(results)
        return ScoreResponse(
            request_id=self.request_id, digest=self.digest, results=results, summary=self._summary(results)
        )

    async def events(self) -> AsyncIterator[ItemResult | Summary]:
        """Results in the order in which they are finished, then those that are late, then the summary.

        Raises:
            InternalError: the work broke off.
        """
        told: set[int] = set()
        async for index, result in self._run.finished(self._cut_off):
            told.add(index)
            yield result
        results = self._run.results()
        for index, result in enumerate(results):
            if index not in told:
                yield result
        yield self._summary(results)

    def _summary(self, results: list[ItemResult]) -> Summary:
        statuses = Counter([result.status for result in results])
        return Summary(
            items=len(results),
            by_status={str(status): count for status, count in sorted(statuses.items())},
            latency_ms=round(self._run.latency_ms, 3),
            server_version=__version__,
        )


def _check_something_done(results: list[ItemResult]) -> None:
    statuses = {component.status for result in results for component in result.components}
    if statuses == {Status.UNAVAILABLE}:
        explanation = results[0].components[0].explanation if results[0].components else "no verifier is ready"
        raise VerifierUnavailable(f"nothing could be judged: {explanation}", retry_after_s=1.0)
    if statuses == {Status.TIMEOUT}:
        raise DeadlineExceeded("the time ran out before any verdict was reached; allow more time or send less")
