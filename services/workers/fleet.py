"""The processes of a pool: one zygote, and as many warm workers as wanted, replaced as they fall."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Coroutine
from typing import Any, Protocol, TypeVar

import msgspec

from guerdon.services.workers.errors import PoolError, ZygoteLostError
from guerdon.services.workers.wire import Reaped
from guerdon.services.workers.worker_link import WorkerEvents, WorkerLink
from guerdon.services.workers.zygote_link import ZygoteLink

T = TypeVar("T")

_log = logging.getLogger(__name__)

_FORK_RETRY_S = 0.5
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.1, 5.0
_STABLE_AFTER_S = 10.0
_STILLBORN_PAUSES_S = (0.0, 0.02, 0.05, 0.1, 0.2, 0.4)
_TOLERATED_FAILURES = 1


class FleetPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What a fleet consists of."""

    task: str
    """``package.module:factory``."""
    setup: dict[str, Any]
    """Keyword arguments of the factory."""
    workers: int
    """Workers to keep alive."""
    recycle_after: int
    """Replies after which a worker is replaced."""
    recycle_growth_bytes: int
    """Growth of a worker's resident memory after which it is replaced, in bytes."""
    load_timeout_s: float
    """Seconds a zygote may take to load the task."""


class FleetEvents(WorkerEvents, Protocol):
    """Who is told what becomes of the fleet."""

    def worker_added(self) -> None:
        """One more worker is idle."""

    def fleet_failed(self, reason: str) -> None:
        """There is no worker now and none could be made; it will be tried again."""


class Fleet:
    """Keeps a zygote and its workers alive.

    Args:
        plan: what to keep alive.
        events: told what happens.
    """

    def __init__(self, plan: FleetPlan, events: FleetEvents) -> None:
        self.outage = ""
        self.recycled = 0
        self.lost = 0
        self.zygotes_lost = 0
        self.idle: list[WorkerLink] = []
        self.workers: set[WorkerLink] = set()
        self._plan = plan
        self._events = events
        self._zygote: ZygoteLink | None = None
        self._supervisor: asyncio.Task[None] | None = None
        self._background: set[asyncio.Task[Any]] = set()
        self._changed = asyncio.Event()
        self._buried_cpu_s = 0.0
        self._stillborn = 0
        self._pause_s = 0.0

    @property
    def zygote_pid(self) -> int:
        """Process of the zygote; 0 where there is none."""
        return self._zygote.pid if self._zygote is not None and not self._zygote.gone else 0

    def cpu_s(self) -> float:
        """CPU seconds used by all workers, dead and alive."""
        return self._buried_cpu_s + sum(worker.cpu_s() or 0.0 for worker in self.workers)

    async def start(self) -> None:
        """Load the task and fork all workers; close the fleet also where this fails.

        Raises:
            PoolError: the task does not load, with the traceback, or workers cannot be forked.
        """
        zygote = await self._start_zygote()
        while len(self.workers) < self._plan.workers:
            await self._add_worker(zygote)
        self._supervisor = asyncio.create_task(self._supervise(zygote))
        self._supervisor.add_done_callback(self._supervision_ended)

    async def close(self) -> None:
        """End all processes; returns when none is left."""
        if self._supervisor is not None:
            self._supervisor.cancel()
            await asyncio.wait([self._supervisor])
        for worker in tuple(self.workers):
            self._remove(worker)
        if self._zygote is not None:
            await self._zygote.stop()
        if self._background:
            await asyncio.wait(self._background)

    def take(self) -> WorkerLink | None:
        """Take the idle worker that was busy last: its caches are the warmest."""
        while self.idle:
            worker = self.idle.pop()
            # The workers of a dead zygote are about to die; work given to one would be lost for nothing.
            if worker.zygote.is_alive():
                return worker
        return None

    def give_back(self, worker: WorkerLink) -> None:
        """Return a worker that is fit for more work, unless it is time to replace it."""
        self._stillborn = 0
        growth_bytes = worker.resident_bytes - worker.initial_resident_bytes
        if worker.replies < self._plan.recycle_after and growth_bytes <= self._plan.recycle_growth_bytes:
            self.idle.append(worker)
            return
        self.recycled += 1
        _log.debug("worker_recycled", extra={"worker_pid": worker.pid, "growth_bytes": growth_bytes})
        self.kill(worker)

    def kill(self, worker: WorkerLink) -> None:
        """End a worker and have it replaced."""
        self._remove(worker)
        self.spawn(self._reap(worker))

    def bury(self, worker: WorkerLink) -> asyncio.Task[Reaped | None]:
        """Replace a worker that hung up by itself.

        Returns:
            How it died; None where its zygote died too.
        """
        self._remove(worker)
        if not worker.requests:
            self._stillborn += 1
        return self.spawn(self._reap_lost(worker))

    def spawn(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Run something in the background that :meth:`close` waits for."""
        task = asyncio.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)
        return task

    def _remove(self, worker: WorkerLink) -> None:
        worker.end()
        self.workers.discard(worker)
        if worker in self.idle:
            self.idle.remove(worker)
        self._changed.set()

    async def _reap_lost(self, worker: WorkerLink) -> Reaped | None:
        death = await self._reap(worker)
        if death is not None:
            self.lost += 1
        return death

    async def _reap(self, worker: WorkerLink) -> Reaped | None:
        try:
            death = await worker.zygote.reap(worker.pid)
        except ZygoteLostError:
            return None
        self._buried_cpu_s += death.cpu_s
        return death

    async def _start_zygote(self) -> ZygoteLink:
        try:
            zygote = self._zygote = ZygoteLink(on_gone=self._changed.set)
        except OSError as error:
            raise PoolError(f"a zygote could not be started: {error}") from error
        try:
            loaded = await zygote.load(self._plan.task, self._plan.setup, self._plan.load_timeout_s)
        except BaseException:
            await zygote.stop()
            raise
        _log.info("zygote_started", extra={"zygote_pid": zygote.pid, "task_name": self._plan.task})
        if loaded.threads > 1:
            _log.warning("zygote_threaded", extra={"task_name": self._plan.task, "threads": loaded.threads})
        return zygote

    async def _add_worker(self, zygote: ZygoteLink) -> None:
        worker = await WorkerLink.fork(zygote, self._events)
        self.workers.add(worker)
        self.idle.append(worker)
        self.outage = ""
        self._events.worker_added()

    async def _supervise(self, zygote: ZygoteLink) -> None:
        while True:
            began = time.monotonic()
            await self._keep_filled(zygote)
            self.zygotes_lost += 1
            _log.error("zygote_lost", extra={"zygote_pid": zygote.pid, "task_name": self._plan.task})
            await zygote.stop()
            for worker in tuple(self.workers):
                self._events.worker_hung_up(worker)
            if time.monotonic() - began > _STABLE_AFTER_S:
                self._pause_s = 0.0
            zygote = await self._restart_zygote()

    async def _keep_filled(self, zygote: ZygoteLink) -> None:
        """Replace workers for as long as the zygote lives."""
        while not zygote.gone:
            self._changed.clear()
            while len(self.workers) < self._plan.workers and not zygote.gone:
                await self._replace_one(zygote)
            await self._changed.wait()

    async def _replace_one(self, zygote: ZygoteLink) -> None:
        # Workers that die before their first task would otherwise be forked and lost in a tight loop.
        await asyncio.sleep(_STILLBORN_PAUSES_S[min(self._stillborn, len(_STILLBORN_PAUSES_S) - 1)])
        try:
            await self._add_worker(zygote)
        except ZygoteLostError:
            return
        except PoolError as error:
            _log.error("fork_failed", extra={"task_name": self._plan.task, "error": str(error)})
            if not self.workers:
                self._fail(str(error))
            await asyncio.sleep(_FORK_RETRY_S)

    async def _restart_zygote(self) -> ZygoteLink:
        failures = 0
        while True:
            await asyncio.sleep(self._pause_s)
            self._pause_s = min(max(2 * self._pause_s, _FIRST_PAUSE_S), _LONGEST_PAUSE_S)
            try:
                return await self._start_zygote()
            except PoolError as error:
                _log.error("zygote_failed", extra={"task_name": self._plan.task, "error": str(error)})
                failures += 1
                if failures > _TOLERATED_FAILURES:
                    self._fail(str(error))

    def _fail(self, reason: str) -> None:
        self.outage = reason
        self._events.fleet_failed(reason)

    def _supervision_ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled():
            _log.critical("supervision_ended", exc_info=task.exception())
            self._fail("the supervision of the workers ended")
