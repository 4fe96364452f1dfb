"""The parent of a private Ray: it ends with its owner, however that ends, and leaves nothing behind.

Run as ``python -m guerdon.services.cluster.guard RUN FOLDER COMMAND…``. Standard input is a pipe whose other end
only the owner holds: it closes even if the owner is killed. The command starts processes and returns; they become
children of the guard. ``ray start --block`` would stay with them too, but costs 85 MiB. Standard library only,
because the guard lives as long as Ray.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from guerdon.services.cluster.processes import RUN, children_of, sweep

LOG = "ray-start.log"
"""What the command says, in the folder of the run."""

_PR_SET_CHILD_SUBREAPER = 36
_LOOK_S = 0.5


def main(run: str, folder: str, *command: str) -> int:
    """Run the command and stay until standard input closes or a process that it started ends.

    Returns:
        0 if the owner ended, 1 if Ray ended by itself; the folder is then left for the owner to read.
    """
    # One waits for the owner, not for signals; they end it the same way.
    for kind in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(kind, lambda *_: os.close(sys.stdin.fileno()))
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)
    try:
        with (Path(folder) / LOG).open("wb") as log:
            child = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env={**os.environ, RUN: run}
            )
        owner_ended = _wait_for_owner(lambda: child.poll() is not None)
        if not owner_ended and child.returncode == 0:
            essential = children_of(os.getpid())
            owner_ended = _wait_for_owner(lambda: not essential.isdisjoint(_reap()))
    finally:
        sweep(run)
    if owner_ended:
        shutil.rmtree(folder, ignore_errors=True)
    return 0 if owner_ended else 1


def _wait_for_owner(ended: Callable[[], bool]) -> bool:
    """Wait for the end of the owner (true) or of what it wants (false)."""
    while not ended():
        try:
            ready, _, _ = select.select([sys.stdin.fileno()], [], [], _LOOK_S)
            if ready and not os.read(sys.stdin.fileno(), 1):
                return True
        except (OSError, ValueError):
            return True
    return False


def _reap() -> set[int]:
    """Children that have ended since the last call."""
    ended = set()
    with contextlib.suppress(ChildProcessError):
        while pid := os.waitpid(-1, os.WNOHANG)[0]:
            ended.add(pid)
    return ended


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
