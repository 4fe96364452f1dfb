"""Sends the completions of one step as they end: over one gRPC session, or over HTTP in small batches."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import NamedTuple

from guerdon.services.bench.answers import Tally, components_of
from guerdon.services.bench.client import Client
from guerdon.services.bench.completions import REWARDS, Ending, make_step, request_of
from guerdon.services.bench.cpu import cpu_s
from guerdon.services.bench.jobs import StepJob, Window
from guerdon.services.bench.payloads import encode

_CONNECT_S = 10.0


class _Batch(NamedTuple):
    """What is sent at one moment."""

    due_s: float
    endings: list[Ending]
    body: bytes


class _Score:
    """What came back, and when."""

    def __init__(self, job: StepJob, endings: list[Ending]) -> None:
        self._job = job
        self._last_s = max(ending.at_s for ending in endings)
        self._expected = len(endings) * len(REWARDS)
        self._tally = Tally()
        self._latencies_ms: list[float] = []
        self._last_verdict_s = 0.0
        self.failures: Counter[str] = Counter()
        self.late_s = 0.0

    def add(self, components: list[tuple[str, float | None, bool]], ended_s: list[float], now_s: float) -> None:
        """Book the verdicts on completions that ended at ``ended_s``."""
        self._tally.add(components)
        self._latencies_ms += [(now_s - ended) * 1000 for ended in ended_s]
        self._last_verdict_s = max(self._last_verdict_s, now_s)

    def window(self, wall_s: float, cpu: float | None) -> Window:
        """The step as a window."""
        return Window(
            wall_s=wall_s,
            cpu_s=cpu,
            latencies_ms=self._latencies_ms,
            last_ms=max(0.0, (self._last_verdict_s - self._last_s) * 1000),
            failures=dict(self.failures),
            expected=self._expected,
            statuses=dict(self._tally.statuses),
            cached=self._tally.cached,
            late_ms=self.late_s * 1000,
        )


def batches_of(job: StepJob) -> list[_Batch]:
    """What is sent and when: over gRPC each completion at once, over HTTP what ended in each tick."""
    endings = make_step(job.seed, job.completions, job.group, job.span_s)
    if job.transport == "grpc":
        gathered = [(ending.at_s, [ending]) for ending in endings]
    else:
        tick_s = job.tick_ms / 1000
        ticks: dict[int, list[Ending]] = {}
        for ending in endings:
            ticks.setdefault(int(ending.at_s / tick_s) + 1, []).append(ending)
        # What remains when the last completion ends is sent then, not at a tick that nobody waits for.
        gathered = [(min(tick * tick_s, job.span_s), members) for tick, members in ticks.items()]
    return [
        _Batch(
            due_s,
            members,
            encode(request_of([each.item for each in members]), job.transport),
        )
        for due_s, members in gathered
    ]


async def run_http_step(job: StepJob, connect: Callable[[], Client]) -> Window:
    """A step over HTTP."""
    batches = batches_of(job)
    score = _Score(job, [ending for batch in batches for ending in batch.endings])
    answers: list[tuple[bytes, list[float], float]] = []

    async def send(batch: _Batch, client: Client) -> None:
        answer = await client.call(batch.body)
        if answer.kind == "answered":
            answers.append((answer.raw, [ending.at_s for ending in batch.endings], time.perf_counter() - began))
        else:
            score.failures[answer.message] += 1

    async with connect() as client:
        cpu_before, began = cpu_s(job.pids), time.perf_counter()
        async with asyncio.TaskGroup() as calls:
            for batch in batches:
                await _wait_until(began + batch.due_s, score)
                calls.create_task(send(batch, client))
        wall_s, cpu = time.perf_counter() - began, _spent(job, cpu_before)
    for raw, ended_s, now_s in answers:
        score.add(components_of("http", raw), ended_s, now_s)
    return score.window(wall_s, cpu)


async def run_session_step(job: StepJob) -> Window:
    """A step over one ``ScoreSession``."""
    import grpc

    from guerdon.services.bench.client_grpc import GrpcClient
    from guerdon.services.bench.protocol import event_components, event_item

    batches = batches_of(job)
    score = _Score(job, [batch.endings[0] for batch in batches])
    ended_s = {batch.endings[0].item["id"]: batch.due_s for batch in batches}
    events: list[tuple[float, bytes]] = []

    async def requests() -> AsyncIterator[bytes]:
        for batch in batches:
            await _wait_until(began + batch.due_s, score)
            yield batch.body

    async with GrpcClient(job.address, job.api_key) as client:
        async with asyncio.timeout(_CONNECT_S):
            await client.channel.channel_ready()
        cpu_before, began = cpu_s(job.pids), time.perf_counter()
        try:
            async for raw in client.session()(requests(), metadata=client.metadata):
                events.append((time.perf_counter() - began, raw))  # noqa: PERF401 - each with its own time
        except grpc.aio.AioRpcError as error:
            score.failures[f"{error.code().name}: {error.details()}"] += 1
        wall_s, cpu = time.perf_counter() - began, _spent(job, cpu_before)
    for now_s, raw in events:
        told = event_components(raw)
        if isinstance(told, str):
            score.failures[told] += 1
        elif told is not None:
            score.add(told, [ended_s[event_item(raw)]], now_s)
    return score.window(wall_s, cpu)


async def _wait_until(due: float, score: _Score) -> None:
    if (wait_s := due - time.perf_counter()) > 0:
        await asyncio.sleep(wait_s)
    score.late_s = max(score.late_s, time.perf_counter() - due)


def _spent(job: StepJob, before_s: float) -> float | None:
    return cpu_s(job.pids) - before_s if job.pids else None
