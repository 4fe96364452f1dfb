"""CPU time of processes, from ``/proc``.

The kernel tells it in clock ticks (10 ms as a rule) but sums it exactly, so a figure is wrong by one tick a
process at most. What a process reaped is part of its own time: a worker that ends in between is not lost.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_PROC = Path("/proc")
# Fields of /proc/<pid>/stat (proc(5)), counted after the command's closing parenthesis.
_PARENT = 1
_TIMES = slice(11, 15)


def family(pids: Iterable[int]) -> list[int]:
    """The processes and all their living descendants."""
    children: dict[int, list[int]] = {}
    for entry in _PROC.iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            children.setdefault(int(fields[_PARENT]), []).append(int(entry.name))
    found: list[int] = []
    waiting = list(pids)
    while waiting:
        pid = waiting.pop()
        if pid not in found:
            found.append(pid)
            waiting += children.get(pid, [])
    return found


def cpu_s(pids: Iterable[int]) -> float:
    """CPU seconds the processes and their families have used so far, reaped children included.

    A process that is gone counts as nothing here: its time is in that of the parent that reaped it.
    """
    return sum(sum(map(int, fields[_TIMES])) for pid in family(pids) if (fields := _stat(pid))) / _TICKS_PER_S


def alive(pid: int) -> bool:
    """Whether there is such a process that has not ended."""
    fields = _stat(pid)
    return bool(fields) and fields[0] != "Z"


def _stat(pid: int) -> list[str]:
    """Fields after the command, which may hold anything; empty where the process is gone."""
    try:
        content = (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return content.rpartition(")")[2].split()
