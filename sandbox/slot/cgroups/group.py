"""A slot's control group: made once, reused by every run, with the zygote and all its children inside.

Making and removing a group for each run costs 0.5 to 1 ms with tails of several; reading a counter through an open
file costs one microsecond. What to know about the numbers:

- The zygote is added once, before it forks. Memory stays charged to the group that touched it first, so what a
  process held before it was added is not in here.
- CPU time is brought up to date by the scheduler's tick: a reading lags by up to one (4 ms at 250 Hz).
- CPU time of a killed process is charged until it is gone, so ``begin`` belongs after the last run's processes
  were waited for; otherwise one run pays for the end of another.
- Kernel memory (page tables, stacks, pipe buffers, sockets) counts as memory. So do files in a tmpfs, which no
  signal frees: they stay charged until they are deleted or the tmpfs is unmounted.
- Page cache of files the group read first is charged to it as well. It is dropped before anything is killed, but
  it makes ``peak_bytes`` larger. Charges are taken in batches of 256 KiB for each processor.
- When nothing that can be killed would free the memory (tmpfs files), the victim may be the zygote: a caller that
  finds the zygote dead asks ``memory_killed`` before it calls that a fault of its own.
- An engine that is killed together with its slots leaves empty groups; the next engine's ``sweep`` removes them.
"""

import time
from abc import ABC, abstractmethod
from collections.abc import Iterable
from pathlib import Path

from guerdon.sandbox.slot.cgroups.members import (
    REMOVE_SECONDS,
    kill_members,
    processes,
    read,
    remove_folder,
    write,
)

_UNLIMITED = 1 << 62


class SlotCgroup(ABC):
    """Limits and counters of everything that runs in one slot.

    Methods raise OSError when the group was removed behind the slot's back; the slot is then not fit to judge.
    """

    version: str
    """``v1`` or ``v2``."""

    def __init__(self, folders: Iterable[Path], controllers: frozenset[str]) -> None:
        self.controllers = controllers
        """Which of ``memory``, ``pids`` and ``cpu`` really hold here."""
        self.folders = tuple(dict.fromkeys(folders))
        self._memory_baseline = 0
        self._pids_baseline = 0
        self._limits: dict[str, int] = {}
        self._cpu_before_ns = 0
        self._kills_before = 0
        self._hits_before = 0

    def add(self, pid: int) -> None:
        """Move a process in; what it forks from then on is inside by itself."""
        for folder in self.folders:
            write(folder / "cgroup.procs", str(pid))

    def baseline(self) -> int:
        """Take what is held now, by warm and idle zygotes, as the zero of limits and peaks; return the bytes."""
        if "memory" in self.controllers:
            self._memory_baseline = self._memory_bytes()
        if "pids" in self.controllers:
            self._pids_baseline = int(read(self._pids_folder / "pids.current"))
        return self._memory_baseline

    def limit(self, memory_bytes: int, pids: int) -> None:
        """Set what may be used beyond the baseline; a value that did not change is not written.

        Raises:
            OSError: with EBUSY, more than this is in use already and cannot be dropped. Nothing was killed.
        """
        if "memory" in self.controllers:
            self._change("memory", self._memory_baseline + memory_bytes)
        if "pids" in self.controllers:
            self._change("pids", self._pids_baseline + pids)

    def unlimit(self) -> None:
        """Lift both limits, for the time a new zygote warms up."""
        if "memory" in self.controllers:
            self._change("memory", _UNLIMITED)
        if "pids" in self.controllers:
            self._set_pids(None)
            self._limits.pop("pids", None)

    def begin(self) -> None:
        """Start a run: reset the peak and remember the counters."""
        self._cpu_before_ns = self._cpu_total_ns()
        if "memory" in self.controllers:
            self._reset_peak()
            self._kills_before, self._hits_before = self._oom_kills(), self._limit_hits()

    def cpu_ns(self) -> int:
        """Return the CPU time everything in the group used since ``begin``, 0 without ``cpu``."""
        return self._cpu_total_ns() - self._cpu_before_ns

    def peak_bytes(self) -> int:
        """Return the most memory held at once since ``begin``, beyond the baseline, 0 without ``memory``."""
        return max(0, self._peak_total_bytes() - self._memory_baseline) if "memory" in self.controllers else 0

    def memory_killed(self) -> bool:
        """Whether a process here was killed since ``begin`` for this group's own limit."""
        return self._killed() and self._limit_hits() > self._hits_before

    def killed_from_above(self) -> bool:
        """Whether a process here was killed since ``begin`` because an enclosing group or the host ran out.

        That is no fault of the program: its own limit was never reached.
        """
        return self._killed() and self._limit_hits() == self._hits_before

    def processes(self) -> list[int]:
        """Return the host pids of all processes inside."""
        return [pid for pid in processes(self.folders[0]) if pid]

    def kill(self) -> None:
        """Kill everything inside, zygotes too, without waiting; while it lasts nothing inside can fork."""
        before = self._limits.get("pids")
        if "pids" in self.controllers:
            self._set_pids(0)
        kill_members(self.folders[0])
        if "pids" in self.controllers:
            self._set_pids(before)

    def remove(self) -> bool:
        """Remove the group, trying for a second while the kernel empties it; return whether it is gone.

        Fit to be called twice. ``memory.force_empty`` is left alone: it would evict page cache that others use,
        and what stays charged to a removed group is freed with its pages.
        """
        self._close()
        deadline = time.monotonic() + REMOVE_SECONDS
        gone = [remove_folder(folder, deadline) for folder in self.folders]
        return all(gone)

    def _change(self, what: str, value: int) -> None:
        if self._limits.get(what) == value:
            return
        if what == "memory":
            self._set_memory(value)
        else:
            self._set_pids(value)
        self._limits[what] = value

    def _set_pids(self, value: int | None) -> None:
        write(self._pids_folder / "pids.max", "max" if value is None else str(value))

    def _killed(self) -> bool:
        return "memory" in self.controllers and self._oom_kills() > self._kills_before

    @property
    @abstractmethod
    def _pids_folder(self) -> Path: ...

    @abstractmethod
    def _memory_bytes(self) -> int: ...

    @abstractmethod
    def _set_memory(self, value: int) -> None: ...

    @abstractmethod
    def _reset_peak(self) -> None: ...

    @abstractmethod
    def _peak_total_bytes(self) -> int: ...

    @abstractmethod
    def _oom_kills(self) -> int: ...

    @abstractmethod
    def _limit_hits(self) -> int: ...

    @abstractmethod
    def _cpu_total_ns(self) -> int: ...

    @abstractmethod
    def _close(self) -> None: ...
