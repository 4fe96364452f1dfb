"""One attempt: a job on a worker, watched until it ends by itself or exceeds a limit.

CPU time decides. It is read from outside, from the kernel's clock for the worker's process. Work on one
thread cannot use CPU faster than time passes, so nothing need be looked at before the rest of its limit has
gone by; the cap on that pause bounds what several threads, or memory, can exceed in between.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import msgspec

from guerdon.services.workers import wire
from guerdon.services.workers.job import Ending, Job, cpu_detail
from guerdon.services.workers.outcome import Kind
from guerdon.services.workers.worker_link import Reply, WorkerLink

_LONGEST_PAUSE_S = 0.05
_SHORTEST_PAUSE_S = 0.001
_UNREADABLE = (msgspec.MsgspecError, ValueError, RecursionError, MemoryError)


class Run:
    """One attempt of a job on a worker.

    Args:
        worker: an idle worker.
        job: what to do.
        on_overrun: told which limit the attempt exceeds; it must end the attempt.
    """

    def __init__(self, worker: WorkerLink, job: Job, on_overrun: Callable[[Run, Kind], None]) -> None:
        self.worker = worker
        self.job = job
        self._on_overrun = on_overrun
        self._timer: asyncio.TimerHandle | None = None
        self._over = False
        self._began = time.monotonic()
        self._cpu_before_s = self._cpu_s = worker.cpu_s() or 0.0

    def start(self) -> bool:
        """Send the job to the worker; False where the worker turns out to be gone."""
        job = self.job
        if not self.worker.request(job.kind, job.body, job.limits.memory_bytes):
            return False
        job.begin_attempt()
        self._look_later(0.0, 0.0)
        return True

    def finish(self, reply: Reply) -> tuple[Ending, bool]:
        """The end that a reply makes of the attempt, and whether the worker is fit for more work."""
        expected = wire.PONG if self.job.kind == wire.PING else wire.DONE
        if reply.kind == expected:
            return (self.end("done"), True) if reply.kind == wire.PONG else self._finish_done(reply.body)
        if reply.kind == wire.FAILED:
            return self.end("failed", reply.body.decode(errors="replace")), True
        if reply.kind == wire.OUT_OF_MEMORY:
            return self.end("memory_limit"), False
        return self.end("failed", "the worker sent something that is no reply"), False

    def end(self, kind: Kind, detail: str = "", value: object = None) -> Ending:
        """Stop watching and take the final measure; to be called while the worker's link is still open."""
        self._over = True
        if self._timer is not None:
            self._timer.cancel()
        cpu_ms, wall_ms = self._cpu_ms(), self._wall_ms()
        self.job.charge(cpu_ms)
        return Ending(
            kind=kind,
            value=value,
            detail=detail or self._numbers(kind, cpu_ms, wall_ms),
            stage=self.worker.stage,
            cpu_ms=cpu_ms,
            wall_ms=wall_ms,
        )

    def _finish_done(self, body: bytes) -> tuple[Ending, bool]:
        try:
            value = msgspec.msgpack.decode(body)
        except _UNREADABLE as error:
            return self.end("failed", f"the worker's result is unreadable: {type(error).__name__}"), False
        return self.end("done", value=value), True

    def _look(self) -> None:
        # After a stall of the event loop an answer may be there already, unread: it counts.
        self.worker.read()
        if self._over:
            return
        cpu_ms, wall_ms = self._cpu_ms(), self._wall_ms()
        kind = self._overrun(cpu_ms, wall_ms)
        if kind is None:
            self._look_later(cpu_ms, wall_ms)
        else:
            self._on_overrun(self, kind)

    def _overrun(self, cpu_ms: float, wall_ms: float) -> Kind | None:
        limits = self.job.limits
        if cpu_ms >= self.job.cpu_stop_ms:
            return "cpu_limit"
        # The address space is limited in the worker already; this catches work that lifted that limit.
        if self.worker.read_resident_bytes() > self.worker.resident_bytes + limits.memory_bytes:
            return "memory_limit"
        return "wall_limit" if wall_ms >= limits.wall_ms else None

    def _look_later(self, cpu_ms: float, wall_ms: float) -> None:
        left_s = min(self.job.cpu_stop_ms - cpu_ms, self.job.limits.wall_ms - wall_ms) / 1000
        pause_s = max(_SHORTEST_PAUSE_S, min(left_s, _LONGEST_PAUSE_S))
        self._timer = asyncio.get_running_loop().call_later(pause_s, self._look)

    def _cpu_ms(self) -> float:
        self._cpu_s = self.worker.cpu_s() or self._cpu_s
        return (self._cpu_s - self._cpu_before_s) * 1000

    def _wall_ms(self) -> float:
        return (time.monotonic() - self._began) * 1000

    def _numbers(self, kind: Kind, cpu_ms: float, wall_ms: float) -> str:
        limits = self.job.limits
        match kind:
            case "cpu_limit":
                return cpu_detail(cpu_ms, limits)
            case "memory_limit":
                return f"{limits.memory_bytes / (1 << 20):g} MiB of memory allowed"
            case "wall_limit":
                used = f"{wall_ms:.0f} ms of wall time used with {cpu_ms:.0f} ms of CPU time"
                return f"{used}, {limits.wall_ms:g} ms allowed"
            case "deadline":
                return f"stopped after {wall_ms:.0f} ms of work"
            case _:
                return ""
