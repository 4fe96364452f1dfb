"""Finds and ends the processes of one run: those that carry its name in their environment, and no others.

Standard library only: the guard that outlives ``guerdon up`` imports nothing else.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from pathlib import Path

RUN = "GUERDON_RUN"
"""The variable that names the run; every descendant inherits it."""

_POLL_S = 0.02


def pids_of(run: str) -> list[int]:
    """Processes of a run."""
    return sorted(_members(run))


def sweep(run: str, *, patience_s: float = 5.0) -> int:
    """Kill every process of a run, those included that start meanwhile.

    Args:
        run: name of the run.
        patience_s: how long to go on, in seconds.

    Returns:
        How many were killed.
    """
    killed: set[int] = set()
    until = time.monotonic() + patience_s
    while time.monotonic() < until:
        alive = [(pid, fd) for pid in _members(run) if (fd := _opened(pid)) is not None]
        # Looked at again: a number may have passed on to another process before it was opened.
        still = _members(run) if alive else set()
        for pid, fd in alive:
            if pid in still:
                with contextlib.suppress(ProcessLookupError):
                    signal.pidfd_send_signal(fd, signal.SIGKILL)
                    killed.add(pid)
            os.close(fd)
        if not alive:
            break
        time.sleep(_POLL_S)
    return len(killed)


def children_of(parent: int) -> set[int]:
    """Living children of a process."""
    return {
        int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit() and _parent(entry) == parent
    }


def _members(run: str) -> set[int]:
    """Processes that carry the mark, and their descendants: a process that sets its title overwrites the mark."""
    mark = f"{RUN}={run}".encode()
    children: dict[int, list[int]] = {}
    found: set[int] = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (parent := _parent(entry)) is not None:
            children.setdefault(parent, []).append(int(entry.name))
            if _carries(entry, mark):
                found.add(int(entry.name))
    unseen = list(found)
    while unseen:
        for child in children.get(unseen.pop(), ()):
            if child not in found:
                found.add(child)
                unseen.append(child)
    return found


def _parent(entry: Path) -> int | None:
    """The parent of a living process; None for one that has ended, and for a zombie."""
    try:
        # The name, in parentheses, may hold anything.
        state, parent = (entry / "stat").read_bytes().rpartition(b")")[2].split()[:2]
    except (OSError, ValueError):
        return None
    return None if state == b"Z" else int(parent)


def _opened(pid: int) -> int | None:
    try:
        return os.pidfd_open(pid)
    except OSError:
        return None


def _carries(entry: Path, mark: bytes) -> bool:
    try:
        return mark in (entry / "environ").read_bytes().split(b"\0")
    except OSError:
        return False
