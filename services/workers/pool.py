"""The pool: hands jobs to workers, kills what exceeds its limits, answers every job with an outcome."""

from __future__ import annotations

import asyncio
import logging
import math
from typing import Any, Self

import msgspec

from guerdon.services.contract import Deadline, Limits
from guerdon.services.workers import wire
from guerdon.services.workers.errors import PoolError
from guerdon.services.workers.fleet import Fleet, FleetPlan
from guerdon.services.workers.job import Ending, Job
from guerdon.services.workers.job_queue import JobQueue
from guerdon.services.workers.outcome import Kind, Outcome
from guerdon.services.workers.run import Run
from guerdon.services.workers.stats import PoolStats
from guerdon.services.workers.wire import Reaped
from guerdon.services.workers.worker_link import Reply, WorkerLink
from guerdon.services.workers.zygote_link import describe_death

_log = logging.getLogger(__name__)

_HEALTHY_WITHIN_MS = 2000.0


class WorkerPool:
    """Runs one task in killable worker processes.

    Work limits start when work starts: waiting for a worker spends none of them. Every call of :meth:`run`
    is answered, whatever dies meanwhile.

    Start it on a thread that lives as long as the pool: the kernel ends a zygote together with the thread that
    started it, so that nothing outlives a service that is killed.

    The zygote that loads the task gets the service's import path (``sys.path`` at the time it starts) and
    nothing of its environment but a short list of harmless variables.

    Args:
        task: ``package.module:factory``; the factory is called with ``**setup`` and returns the callable that
            turns one payload into its result, both msgpack values.
        setup: keyword arguments of the factory, msgpack values of at most 64 KiB in all.
        size: how many pieces of work may run at a time.
        spares: warm workers beyond these, so that a kill costs the next piece of work nothing.
        limits: limits of one piece of work where ``run`` is given none.
        recycle_after: pieces of work after which a worker is replaced.
        recycle_growth_bytes: growth of a worker's resident memory after which it is replaced, in bytes.
        load_timeout_s: seconds the task may take to load.
    """

    def __init__(
        self,
        task: str,
        *,
        setup: dict[str, Any] | None = None,
        size: int,
        spares: int = 1,
        limits: Limits = Limits(),  # noqa: B008 - frozen
        recycle_after: int = 2000,
        recycle_growth_bytes: int = 256 << 20,
        load_timeout_s: float = 120.0,
    ) -> None:
        if size < 1 or spares < 0:
            raise ValueError(f"a pool needs size >= 1 and spares >= 0, not {size} and {spares}")
        self._size = size
        self._limits = limits
        self._queue = JobQueue(size)
        self._runs: dict[WorkerLink, Run] = {}
        self._killed = 0
        self._started = False
        self._failed_to_start = False
        self._closed = False
        self._holders = 1
        self._fleet = Fleet(
            FleetPlan(
                task=task,
                setup=setup or {},
                workers=size + spares,
                recycle_after=recycle_after,
                recycle_growth_bytes=recycle_growth_bytes,
                load_timeout_s=load_timeout_s,
            ),
            self,
        )

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def start(self) -> None:
        """Load the task and fork the workers; after a failure it may be tried again.

        Raises:
            PoolError: the task does not load, with the traceback, or workers cannot be forked; or the pool is
                started already.
        """
        if self._closed or (self._started and not self._failed_to_start):
            raise PoolError("the pool is started or closed already")
        self._started, self._failed_to_start = True, False
        try:
            await self._fleet.start()
        except BaseException:
            self._failed_to_start = True
            self._fleet.outage = "the pool could not be started"
            self.fleet_failed(self._fleet.outage)
            await self._fleet.close()
            raise

    @property
    def size(self) -> int:
        """How many pieces of work may run at a time."""
        return self._size

    def share(self) -> Self:
        """Hold the pool too: it ends when every holder has closed it.

        Raises:
            PoolError: it is closed already.
        """
        if self._closed:
            raise PoolError("a pool that is closed cannot be shared")
        self._holders += 1
        return self

    async def close(self) -> None:
        """End all processes, unless others hold the pool; work that is still open is answered ``unavailable``.

        May be called again by the last holder.
        """
        self._holders -= 1
        if self._holders > 0:
            return
        self._closed = True
        for run in tuple(self._runs.values()):
            ending = run.end("unavailable")
            self._release(run)
            run.job.give_up(ending.kind, "the pool was closed")
        self.fleet_failed("the pool was closed")
        await self._fleet.close()

    async def run(
        self, payload: Any, *, deadline: Deadline, limits: Limits | None = None, alone: bool = False
    ) -> Outcome:
        """Do one piece of work.

        Cancelling the call kills the work.

        Args:
            payload: msgpack value, at most 64 MiB encoded.
            deadline: when the caller stops waiting, queueing included.
            limits: limits of this piece of work; None for the pool's.
            alone: run it while no other work of the pool runs.

        Raises:
            PoolError: the pool was not started.
            TypeError: the payload holds something msgpack cannot carry.
            ValueError: the payload is too long.
        """
        if not self._started:
            raise PoolError("start the pool before giving it work")
        body = msgspec.msgpack.encode(payload)
        if len(body) > wire.MAX_PAYLOAD_BYTES:
            raise ValueError(f"a payload of {len(body)} bytes is over the {wire.MAX_PAYLOAD_BYTES} a worker takes")
        return await self._do(Job(wire.RUN, body, limits or self._limits, deadline, alone=alone))

    async def check_health(self) -> None:
        """Prove that work would be done: a worker answers a ping, or all slots are at work within their limits.

        Raises:
            PoolError: no worker answers within 2 s although slots are free.
        """
        if not self._started:
            raise PoolError("the pool is not started")
        ping = Job(wire.PING, b"", Limits(), Deadline.after_ms(_HEALTHY_WITHIN_MS), alone=False)
        outcome = await self._do(ping, front=True)
        waited_for_slot = outcome.kind == "deadline" and not outcome.attempts and not self._queue.has_free_slot
        if outcome.kind != "done" and not waited_for_slot:
            raise PoolError(f"no worker answered a ping: {outcome.kind}, {outcome.detail}")

    def stats(self) -> PoolStats:
        """What the pool is doing and has done."""
        fleet = self._fleet
        ready = len(fleet.idle)
        idle = min(ready, self._size - len(self._runs))
        return PoolStats(
            busy=len(self._runs),
            idle=idle,
            spares=ready - idle,
            queued=len(self._queue),
            killed=self._killed,
            recycled=fleet.recycled,
            lost=fleet.lost,
            zygotes_lost=fleet.zygotes_lost,
            cpu_seconds=fleet.cpu_s(),
            pids=tuple(worker.pid for worker in fleet.workers),
            zygote_pid=fleet.zygote_pid,
        )

    async def _do(self, job: Job, *, front: bool = False) -> Outcome:
        timer = None
        if job.deadline.expired:
            job.give_up("deadline", "it had passed before the work could be queued")
        else:
            self._enqueue(job, front=front)
            self._dispatch()
        try:
            if not job.outcome.done() and job.deadline.at != math.inf:
                delay_s = job.deadline.remaining_ms() / 1000
                timer = asyncio.get_running_loop().call_later(delay_s, self._expire, job)
            return await job.outcome
        except asyncio.CancelledError:
            self._withdraw(job, "deadline")
            raise
        finally:
            if timer is not None:
                timer.cancel()

    def _enqueue(self, job: Job, *, front: bool = False) -> None:
        if self._closed or self._fleet.outage:
            job.give_up("unavailable", self._fleet.outage or "the pool was closed")
        else:
            self._queue.push(job, front=front)

    def _dispatch(self) -> None:
        while self._fleet.idle and (job := self._queue.pop()):
            if not self._begin(job):
                self._queue.leave()
                self._queue.push(job, front=True)

    def _begin(self, job: Job) -> bool:
        """Start a job on an idle worker that lives; whether there was one."""
        while worker := self._fleet.take():
            run = Run(worker, job, self._kill)
            if run.start():
                self._runs[worker] = run
                return True
            self._fleet.bury(worker)
        return False

    def _release(self, run: Run) -> None:
        del self._runs[run.worker]
        self._queue.leave()

    def _conclude(self, job: Job, ending: Ending) -> None:
        """Take in how an attempt ended: answer the job or queue it again, and let the next one start."""
        if not job.outcome.done() and not job.settle(ending):
            job.await_attempt()
            self._enqueue(job, front=ending.kind == "unavailable")
        self._dispatch()

    def _kill(self, run: Run, kind: Kind) -> None:
        """End an attempt by killing its worker."""
        ending = run.end(kind)
        self._release(run)
        self._fleet.kill(run.worker)
        self._killed += 1
        _log.info(
            "worker_killed",
            extra={
                "worker_pid": run.worker.pid,
                "reason": kind,
                "stage": ending.stage,
                "cpu_ms": round(ending.cpu_ms, 1),
                "wall_ms": round(ending.wall_ms, 1),
            },
        )
        self._conclude(run.job, ending)

    def _expire(self, job: Job) -> None:
        run = self._run_of(job)
        if run is not None:
            # An answer that arrived while the event loop was busy elsewhere is in time.
            run.worker.read()
        if not job.outcome.done():
            self._withdraw(job, "deadline")

    def _withdraw(self, job: Job, kind: Kind) -> None:
        run = self._run_of(job)
        if run is not None:
            self._kill(run, kind)
        else:
            self._queue.discard(job)
            job.give_up(kind, "it was still waiting for a worker")
            self._dispatch()

    def _run_of(self, job: Job) -> Run | None:
        return next((run for run in self._runs.values() if run.job is job), None)

    async def _attribute_loss(
        self, worker: WorkerLink, reaped: asyncio.Task[Reaped | None], job: Job, ending: Ending
    ) -> None:
        """Find out whose fault the end of a busy worker is: the work's, or that of its zygote."""
        death = await reaped
        if death is None:
            ending = msgspec.structs.replace(ending, kind="unavailable", detail="the zygote of the workers died")
        else:
            how = describe_death(death)
            ending = msgspec.structs.replace(ending, detail=f"the last one ended with {how}")
            _log.warning("worker_lost", extra={"worker_pid": worker.pid, "how": how, "stage": ending.stage})
        self._conclude(job, ending)

    def worker_added(self) -> None:
        """Start waiting work on a new worker."""
        self._dispatch()

    def worker_replied(self, worker: WorkerLink, reply: Reply) -> None:
        """End the attempt that the worker answers."""
        run = self._runs.get(worker)
        if run is None:
            _log.warning("worker_misbehaved", extra={"worker_pid": worker.pid})
            self._fleet.kill(worker)
            return
        ending, fit = run.finish(reply)
        self._release(run)
        if fit:
            self._fleet.give_back(worker)
        else:
            self._fleet.kill(worker)
        self._conclude(run.job, ending)

    def worker_hung_up(self, worker: WorkerLink) -> None:
        """Replace the worker; what it was at is tried again."""
        run = self._runs.get(worker)
        if run is None:
            self._fleet.bury(worker)
            return
        ending = run.end("lost")
        self._release(run)
        death = self._fleet.bury(worker)
        self._fleet.spawn(self._attribute_loss(worker, death, run.job, ending))
        self._dispatch()

    def fleet_failed(self, reason: str) -> None:
        """Answer everything that waits: nobody knows when there will be a worker again."""
        for job in self._queue.clear():
            job.give_up("unavailable", reason)
