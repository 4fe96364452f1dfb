"""Sends one payload again and again: one call after the other, or at a rate whatever becomes of the calls."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable

from guerdon.services.bench.answers import Ledger
from guerdon.services.bench.client import Answer, Client
from guerdon.services.bench.cpu import cpu_s
from guerdon.services.bench.floors import score_function
from guerdon.services.bench.jobs import LoadJob, Window
from guerdon.services.bench.payloads import body_of


class Meter:
    """Measures the calls of one window."""

    def __init__(self, job: LoadJob) -> None:
        self._job = job
        self._ledger = Ledger(job.transport)
        self._latencies_ms: list[float] = []
        self._refused_ms: list[float] = []
        self._expired = 0
        self._failures: Counter[str] = Counter()
        self._cpu_before = cpu_s(job.pids)
        self._began = time.perf_counter()
        self.late_s = 0.0

    def ended(self) -> int:
        """Calls that have ended so far."""
        return len(self._latencies_ms) + len(self._refused_ms) + self._expired + self._failures.total()

    def add(self, answer: Answer, seconds: float) -> None:
        """Book the end of a call."""
        match answer.kind:
            case "answered":
                self._latencies_ms.append(seconds * 1000)
                self._ledger.add(answer.raw)
            case "refused":
                self._refused_ms.append(seconds * 1000)
            case "expired":
                self._expired += 1
            case "failed":
                self._failures[answer.message] += 1

    def end(self, own_cpu_s: float | None = None) -> Window:
        """Close the window; answers are read only now."""
        wall_s = time.perf_counter() - self._began
        counted_s = cpu_s(self._job.pids) - self._cpu_before if self._job.pids else own_cpu_s
        self._ledger.settle()
        if self._ledger.unreadable:
            self._failures["an answer that cannot be read"] += self._ledger.unreadable
        return Window(
            wall_s=wall_s,
            cpu_s=counted_s,
            latencies_ms=self._latencies_ms,
            sizes=self._ledger.sizes,
            refused_ms=self._refused_ms,
            expired=self._expired,
            failures=dict(self._failures),
            expected=len(self._latencies_ms) * self._job.payload.verdicts,
            statuses=dict(self._ledger.tally.statuses),
            cached=self._ledger.tally.cached,
            late_ms=self.late_s * 1000,
        )


def run_function(job: LoadJob) -> Window:
    """Call the plain function; its CPU time is that of this process."""
    body = body_of(job.payload, "function")
    score_function(body)
    meter = Meter(job)
    cpu_before = time.process_time()
    _repeat_function(job, meter, body)
    return meter.end(time.process_time() - cpu_before)


def _repeat_function(job: LoadJob, meter: Meter, body: bytes) -> None:
    until = time.perf_counter() + job.seconds
    while meter.ended() < job.min_calls or time.perf_counter() < until:
        start = time.perf_counter()
        raw = score_function(body)
        meter.add(Answer("answered", raw), time.perf_counter() - start)


async def run_load(job: LoadJob, connect: Callable[[], Client]) -> Window:
    """Carry a job out over a client."""
    body = body_of(job.payload, job.transport)
    async with connect() as client:
        for _ in range(job.warm_up):
            await asyncio.gather(*(client.call(body) for _ in range(job.concurrency)))
        meter = Meter(job)
        await (_open(job, meter, client, body) if job.rate else _closed(job, meter, client, body))
        return meter.end()


async def _one(meter: Meter, client: Client, body: bytes) -> None:
    start = time.perf_counter()
    answer = await client.call(body)
    meter.add(answer, time.perf_counter() - start)


async def _closed(job: LoadJob, meter: Meter, client: Client, body: bytes) -> None:
    until = time.perf_counter() + job.seconds

    async def caller() -> None:
        while meter.ended() < job.min_calls or time.perf_counter() < until:
            await _one(meter, client, body)

    async with asyncio.TaskGroup() as callers:
        for _ in range(job.concurrency):
            callers.create_task(caller())


async def _open(job: LoadJob, meter: Meter, client: Client, body: bytes) -> None:
    began = time.perf_counter()
    async with asyncio.TaskGroup() as calls:
        for number in range(round(job.rate * job.seconds)):
            due = began + number / job.rate
            if (wait_s := due - time.perf_counter()) > 0:
                await asyncio.sleep(wait_s)
            meter.late_s = max(meter.late_s, time.perf_counter() - due)
            calls.create_task(_one(meter, client, body))
