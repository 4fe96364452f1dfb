"""One piece of work in the pool: its limits, its attempts, and what an attempt's end means for it."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import msgspec

from guerdon.services.contract import Deadline, Limits
from guerdon.services.contract.meter import METER
from guerdon.services.contract.urgency import URGENCY
from guerdon.services.workers.outcome import Kind, Outcome

NEAR_LIMIT_LOW, NEAR_LIMIT_HIGH = 0.8, 1.2
"""The band around the CPU limit, as shares of it, in which one measurement does not decide."""

_MAX_LOSSES = 2
_MAX_OUTAGES = 2


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """How one attempt ended."""

    kind: Kind
    """As in an outcome; ``unavailable`` where the worker went down with its zygote."""
    value: Any = None
    """The task's result, where it is done."""
    detail: str = ""
    """What happened."""
    stage: str = ""
    """The stage the task marked last."""
    cpu_ms: float = 0.0
    """CPU time of the attempt."""
    wall_ms: float = 0.0
    """Wall time of the attempt."""


class Job:
    """One piece of work from its submission to its outcome.

    Args:
        kind: kind of the request to a worker.
        body: encoded payload.
        limits: what one attempt may use.
        deadline: when the caller stops waiting.
        alone: whether it runs while nothing else does.

    Its urgency and the meter its CPU time is charged to are those of the context it is made in.
    """

    def __init__(self, kind: int, body: bytes, limits: Limits, deadline: Deadline, *, alone: bool) -> None:
        self.kind = kind
        self.body = body
        self.limits = limits
        self.deadline = deadline
        self.alone = alone
        self.urgency = URGENCY.get()
        self.near_limit = False
        self.outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._meter = METER.get()
        self._attempts = 0
        self._losses = 0
        self._outages = 0
        self._waited_s = 0.0
        self._waiting_since: float | None = time.monotonic()

    @property
    def cpu_stop_ms(self) -> float:
        """CPU time in milliseconds at which an attempt is stopped without waiting for its end."""
        return self.limits.cpu_ms * (1.0 if self.near_limit else NEAR_LIMIT_HIGH)

    def begin_attempt(self) -> None:
        """Count an attempt; its time is work, not waiting."""
        self._attempts += 1
        self._stop_waiting()

    def charge(self, cpu_ms: float) -> None:
        """Put the CPU time of an attempt, in milliseconds, on the bill of the call, however the attempt ended."""
        if self._meter is not None:
            self._meter.cpu_ms += cpu_ms

    def await_attempt(self) -> None:
        """Count the time from now on as waiting again."""
        self._waiting_since = time.monotonic()

    def settle(self, ending: Ending) -> bool:
        """Take in how an attempt ended; whether that settles the outcome (otherwise it is to be run again)."""
        match ending.kind:
            case "lost":
                self._losses += 1
                self.alone = True
                settled = self._losses >= _MAX_LOSSES
            case "unavailable":
                self._outages += 1
                settled = self._outages >= _MAX_OUTAGES
            case "done" | "failed":
                return self._judge_cpu(ending)
            case _:
                settled = True
        if settled:
            self._resolve(ending)
        return settled

    def give_up(self, kind: Kind, detail: str) -> None:
        """Settle the outcome of work that is not running."""
        self._resolve(Ending(kind=kind, detail=detail))

    def _judge_cpu(self, ending: Ending) -> bool:
        """Judge work that came to its end by itself: the CPU it took decides, not when somebody looked."""
        if ending.cpu_ms > self.cpu_stop_ms:
            over = cpu_detail(ending.cpu_ms, self.limits)
            self._resolve(msgspec.structs.replace(ending, kind="cpu_limit", value=None, detail=over))
            return True
        if not self.near_limit and ending.cpu_ms >= self.limits.cpu_ms * NEAR_LIMIT_LOW:
            self.near_limit = self.alone = True
            return False
        self._resolve(ending)
        return True

    def _resolve(self, ending: Ending) -> None:
        self._stop_waiting()
        if self.outcome.done():
            return
        self.outcome.set_result(
            Outcome(
                kind=ending.kind,
                value=ending.value,
                detail=ending.detail,
                stage=ending.stage,
                cpu_ms=ending.cpu_ms,
                wall_ms=ending.wall_ms,
                queue_ms=self._waited_s * 1000,
                attempts=self._attempts,
                near_limit=self.near_limit,
            )
        )

    def _stop_waiting(self) -> None:
        if self._waiting_since is not None:
            self._waited_s += time.monotonic() - self._waiting_since
            self._waiting_since = None


def cpu_detail(cpu_ms: float, limits: Limits) -> str:
    """The numbers behind a CPU limit, for people."""
    return f"{cpu_ms:.0f} ms of CPU time used, {limits.cpu_ms:g} ms allowed"
