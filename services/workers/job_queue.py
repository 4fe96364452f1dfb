"""Waiting jobs, and whose turn it is."""

from __future__ import annotations

from collections import OrderedDict

from guerdon.services.workers.fair_queue import FairQueue
from guerdon.services.workers.job import Job


class JobQueue:
    """The urgent first and owners in turn, with turns for jobs that must run alone.

    A job that must run alone goes before the others and holds them back until what runs has ended. After
    each such turn as many others as there are slots go first, so that neither kind starves the other.

    Args:
        slots: how many jobs may run at a time.
    """

    def __init__(self, slots: int) -> None:
        self._slots = slots
        self._running = 0
        self._alone_running = False
        self._owed = 0
        self._shared = FairQueue()
        self._alone: OrderedDict[Job, None] = OrderedDict()

    def __len__(self) -> int:
        return len(self._shared) + len(self._alone)

    @property
    def has_free_slot(self) -> bool:
        """Whether an ordinary job that waits does so for want of a worker and not for its turn."""
        others_wait = self._alone_running or (self._alone and self._running)
        return not others_wait and self._running < self._slots

    def push(self, job: Job, *, front: bool = False) -> None:
        """Queue a job, or put it first of its kind."""
        if not job.alone:
            self._shared.push(job, front=front)
            return
        self._alone[job] = None
        if front:
            self._alone.move_to_end(job, last=False)

    def discard(self, job: Job) -> None:
        """Take a job out if it waits."""
        self._shared.discard(job)
        self._alone.pop(job, None)

    def clear(self) -> list[Job]:
        """Take all jobs out, and return them."""
        jobs = [*self._alone, *self._shared.clear()]
        self._alone.clear()
        return jobs

    def pop(self) -> Job | None:
        """Take out the job whose turn it is and count it as running; None where all must wait."""
        if self._alone_running or self._running >= self._slots:
            return None
        if self._alone and not (self._owed and self._shared):
            if self._running:
                return None
            job, _ = self._alone.popitem(last=False)
            self._alone_running = True
        elif self._shared:
            job = self._shared.pop()
            self._owed = max(0, self._owed - 1)
        else:
            return None
        self._running += 1
        return job

    def leave(self) -> None:
        """Count one running job less."""
        self._running -= 1
        if self._alone_running:
            self._alone_running = False
            self._owed = self._slots
