"""CPU time of everything a benchmark sets in motion: itself, engine, slots, zygotes, runs and rivals."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Self

from guerdon.sandbox.slot.cgroups.find import hierarchies
from guerdon.services.bench.cpu import cpu_s

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


class CpuAccount:
    """Counts CPU time in a control group of our own, or from ``/proc`` where none can be had.

    The group must be entered before any process is started, for only what is born inside is counted. It is one of
    version 1; in version 2 a group of our own would change where slots may put theirs.
    """

    def __init__(self) -> None:
        self._folder: Path | None = None
        self._came_from: Path | None = None

    @property
    def exact(self) -> bool:
        """Whether even orphans' time is counted."""
        return self._folder is not None

    @property
    def how(self) -> str:
        """Where the figures come from."""
        return "cgroup v1 cpuacct" if self._folder else "/proc of the process and its descendants"

    def __enter__(self) -> Self:
        own = next((tree.own for tree in hierarchies()[0] if "cpuacct" in tree.controllers), None)
        if own is None:
            return self
        folder = own / f"benchmark-{os.getpid()}"
        try:
            folder.mkdir()
            _move_into(folder)
        except OSError:
            return self
        self._folder, self._came_from = folder, own
        return self

    def __exit__(self, *_: object) -> None:
        if self._folder is not None and self._came_from is not None:
            _move_into(self._came_from)
            self._folder.rmdir()

    def cpu_s(self) -> float:
        """CPU seconds used so far by everything, that which has ended included."""
        if self._folder is None:
            return cpu_s([os.getpid()])
        return int((self._folder / "cpuacct.usage").read_text()) / 1e9


def machine_s() -> tuple[float, float]:
    """Seconds that all processors together have passed so far: in all, and with nothing to do.

    Time that the hypervisor gave to others is part of the first alone.
    """
    fields = Path("/proc/stat").read_text().partition("\n")[0].split()[1:9]
    ticks = [int(field) for field in fields]
    return sum(ticks) / _TICKS_PER_S, (ticks[3] + ticks[4]) / _TICKS_PER_S


def _move_into(folder: Path) -> None:
    (folder / "cgroup.procs").write_text(str(os.getpid()))
