"""What every control group folder can do, whatever its version: list, kill, and remove."""

import errno
import os
import signal
import time
from pathlib import Path

KILL_ROUNDS = 100
REMOVE_SECONDS = 1.0
_BUSY = (errno.EBUSY, errno.ENOTEMPTY)
_GONE = (errno.ENOENT, errno.ENODEV)


def read(path: Path) -> str:
    """Return a control file's text; raises OSError."""
    return path.read_text(encoding="ascii")


def write(path: Path, text: str) -> None:
    """Write a control file in one call, without ever creating it; raises OSError with the kernel's answer."""
    handle = os.open(path, os.O_WRONLY | os.O_TRUNC | os.O_CLOEXEC)
    try:
        os.write(handle, text.encode())
    finally:
        os.close(handle)


def processes(folder: Path) -> list[int]:
    """Return the host pids in the folder, 0 for each in a pid namespace that is not visible from here."""
    try:
        return [int(line) for line in read(folder / "cgroup.procs").split()]
    except OSError as error:
        if error.errno in _GONE:
            return []
        raise


def kill_members(folder: Path) -> None:
    """Send SIGKILL to everything in the folder, and to what it forks meanwhile, without waiting for its death."""
    signalled: set[int] = set()
    for _ in range(KILL_ROUNDS):
        fresh = set(processes(folder)) - signalled - {0}
        if not fresh:
            return
        _kill(fresh, folder)
        signalled |= fresh


def _kill(pids: set[int], folder: Path) -> None:
    """Kill those pids that are still in the folder once a handle keeps their number from being given away."""
    handles: dict[int, int] = {}
    try:
        for pid in pids:
            try:
                handles[pid] = os.pidfd_open(pid)
            except ProcessLookupError:
                continue
        for pid in handles.keys() & set(processes(folder)):
            try:
                signal.pidfd_send_signal(handles[pid], signal.SIGKILL)
            except ProcessLookupError:
                continue
    finally:
        for handle in handles.values():
            os.close(handle)


def remove_folder(folder: Path, deadline: float) -> bool:
    """Remove the folder, trying until ``deadline`` (``time.monotonic()``) while dying processes keep it busy.

    Returns:
        Whether it is gone; it may have been before.

    Raises:
        OSError: the kernel refuses for another reason than that it is in use.
    """
    pause = 0.001
    while True:
        try:
            folder.rmdir()
        except FileNotFoundError:
            return True
        except OSError as error:
            if error.errno not in _BUSY:
                raise
        else:
            return True
        if time.monotonic() >= deadline:
            return False
        time.sleep(pause)
        pause = min(pause * 2, 0.05)
