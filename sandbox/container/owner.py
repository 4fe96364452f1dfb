"""Whose a container is, written so that another process can tell whether that owner still lives."""

import os
from pathlib import Path

_PROC = Path("/proc")
_START_TIME = 19
"""Place of the start time among the fields behind the command's name in ``/proc/<pid>/stat``."""


def owner() -> str:
    """Return this process's mark: boot, process namespace, process, its start time."""
    pid = os.getpid()
    return f"{_here()}/{pid}/{_started(pid)}"


def is_gone(mark: str) -> bool:
    """Whether the process that left the mark has certainly ended.

    Whoever ran on another host or in another process namespace cannot be seen from here and counts as alive.
    """
    place, _, rest = mark.rpartition("/")
    place, _, pid = place.rpartition("/")
    if place != _here() or not pid.isdecimal():
        return False
    try:
        return _started(int(pid)) != rest
    except FileNotFoundError:
        return True


def _here() -> str:
    boot = (_PROC / "sys/kernel/random/boot_id").read_text().strip()
    return f"{boot}/{(_PROC / 'self/ns/pid').readlink()}"


def _started(pid: int) -> str:
    """Return when a process started, in clock ticks since boot.

    Raises:
        FileNotFoundError: there is no such process.
    """
    try:
        fields = (_PROC / str(pid) / "stat").read_text()
    except ProcessLookupError:
        raise FileNotFoundError(pid) from None
    return fields.rpartition(")")[2].split()[_START_TIME]
