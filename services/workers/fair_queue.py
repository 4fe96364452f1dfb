"""A queue in which the urgent go first and owners take turns."""

from __future__ import annotations

from collections import OrderedDict

from guerdon.services.workers.job import Job


class FairQueue:
    """Jobs by class, by owner, by arrival.

    A lower class always goes first. Within a class the owners take turns, one job each; the jobs of one owner
    go in the order in which they came.
    """

    def __init__(self) -> None:
        self._classes: dict[int, OrderedDict[str, OrderedDict[Job, None]]] = {}
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def push(self, job: Job, *, front: bool = False) -> None:
        """Queue a job, or put it first of its class."""
        owners = self._classes.setdefault(job.urgency.rank, OrderedDict())
        jobs = owners.setdefault(job.urgency.owner, OrderedDict())
        jobs[job] = None
        self._length += 1
        if front:
            jobs.move_to_end(job, last=False)
            owners.move_to_end(job.urgency.owner, last=False)

    def pop(self) -> Job:
        """Take out the job whose turn it is.

        Raises:
            IndexError: no job waits.
        """
        if not self._classes:
            raise IndexError("pop from an empty queue")
        rank = min(self._classes)
        owners = self._classes[rank]
        owner = next(iter(owners))
        job = next(iter(owners[owner]))
        self.discard(job)
        if owner in owners:
            owners.move_to_end(owner)
        return job

    def discard(self, job: Job) -> None:
        """Take a job out if it waits."""
        owners = self._classes.get(job.urgency.rank, OrderedDict())
        jobs = owners.get(job.urgency.owner, OrderedDict())
        if job not in jobs:
            return
        del jobs[job]
        self._length -= 1
        if not jobs:
            del owners[job.urgency.owner]
        if not owners:
            del self._classes[job.urgency.rank]

    def clear(self) -> list[Job]:
        """Take all jobs out, and return them."""
        jobs = [job for owners in self._classes.values() for queue in owners.values() for job in queue]
        self._classes.clear()
        self._length = 0
        return jobs
