"""The load generator: a process of its own, so that its CPU time is not counted and several can run at once."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine
from typing import Any

import msgspec

from guerdon.services.bench.client import Client
from guerdon.services.bench.errors import BenchError
from guerdon.services.bench.jobs import Done, Failure, LoadJob, StepJob, Window
from guerdon.services.bench.load import run_function, run_load
from guerdon.services.bench.process import Child

OVERTIME_S = 120.0
"""What a job may take beyond the time it asks for, before it counts as stuck."""


class Generator:
    """A load generator, seen from the bench. Use as a context manager."""

    def __init__(self) -> None:
        self._child = Child(__name__)
        self._wait_s = 0.0

    def __enter__(self) -> Generator:
        return self

    def __exit__(self, *raised: object) -> None:
        self._child.close()

    def begin(self, job: LoadJob | StepJob) -> None:
        """Start a job; :meth:`collect` waits for it."""
        self._wait_s = _duration_s(job) + 2 * OVERTIME_S
        self._child.send(msgspec.json.encode(job))

    def collect(self) -> Window:
        """What became of the job that was started last.

        Raises:
            BenchError: it could not be carried out.
        """
        outcome = msgspec.json.decode(self._child.receive(self._wait_s), type=Done | Failure)
        if isinstance(outcome, Failure):
            raise BenchError(outcome.message)
        return outcome.window

    def run(self, job: LoadJob | StepJob) -> Window:
        """Start a job and wait for it."""
        self.begin(job)
        return self.collect()


def main() -> None:
    """Carry out jobs, one line each, until standard input ends."""
    for line in sys.stdin.buffer:
        try:
            outcome: Done | Failure = Done(window=perform(msgspec.json.decode(line, type=LoadJob | StepJob)))
        except TimeoutError:
            outcome = Failure(message="the server still owed answers long after the last call was begun")
        except (OSError, BenchError) as cause:
            outcome = Failure(message=f"{type(cause).__name__}: {cause}")
        sys.stdout.buffer.write(msgspec.json.encode(outcome) + b"\n")
        sys.stdout.buffer.flush()


def perform(job: LoadJob | StepJob) -> Window:
    """Carry one job out in an event loop of its own."""
    if job.transport == "function" and isinstance(job, LoadJob):
        return run_function(job)
    if isinstance(job, LoadJob):
        return _run(run_load(job, _connect(job)), job)
    from guerdon.services.bench.step_load import run_http_step, run_session_step

    if job.transport == "http":
        return _run(run_http_step(job, _connect(job)), job)
    return _run(run_session_step(job), job)


def _connect(job: LoadJob | StepJob) -> Callable[[], Client]:
    if job.transport == "http":
        from guerdon.services.bench.client_http import HttpClient

        return lambda: HttpClient(job.address, job.api_key)
    from guerdon.services.bench.client_grpc import GrpcClient

    return lambda: GrpcClient(job.address, job.api_key)


def _run(work: Coroutine[Any, Any, Window], job: LoadJob | StepJob) -> Window:
    async def bounded() -> Window:
        async with asyncio.timeout(_duration_s(job) + OVERTIME_S):
            return await work

    if job.transport == "http":
        try:
            import uvloop
        except ImportError:
            return asyncio.run(bounded())
        return uvloop.run(bounded())
    # gRPC brings a poller of its own, which uvloop does not speed up.
    return asyncio.run(bounded())


def _duration_s(job: LoadJob | StepJob) -> float:
    return job.seconds if isinstance(job, LoadJob) else job.span_s


if __name__ == "__main__":
    main()
