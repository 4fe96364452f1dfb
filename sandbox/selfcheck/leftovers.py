"""What is on the host after an engine has ended that was not there before."""

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from guerdon.sandbox.selfcheck.finding import Finding, State
from guerdon.sandbox.selfcheck.surroundings import Surroundings, marked, settled

GROUP = "leftovers"
CHECKS = 4
_SET_CHILD_SUBREAPER, _GET_CHILD_SUBREAPER = 36, 37
_MOUNT_POINT = 4
_JAIL_PLACES = (b"/", b"/sys", b"/tmp")
_CGROUPS = Path("/sys/fs/cgroup")
_libc = ctypes.CDLL(None, use_errno=True)


@contextmanager
def orphans_adopted() -> Iterator[None]:
    """Become the parent of what an engine's processes leave behind, so that it can be seen; reap it at the end."""
    known = _children()
    before = ctypes.c_int()
    _libc.prctl(_GET_CHILD_SUBREAPER, ctypes.byref(before), 0, 0, 0)
    _libc.prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    try:
        yield
    finally:
        _libc.prctl(_SET_CHILD_SUBREAPER, before.value, 0, 0, 0)
        for pid in _children() - known:
            with suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)


@dataclass(frozen=True)
class Inventory:
    """What there is, of what an engine could leave."""

    processes: frozenset[int]
    mounts: frozenset[bytes]
    groups: frozenset[Path]
    files: frozenset[Path]

    @classmethod
    def take(cls, here: Surroundings, folders: frozenset[str] = frozenset()) -> "Inventory":
        """Look around.

        Args:
            here: what was planted, whose names would be on files.
            folders: where runs worked, which must be gone.
        """
        planted = frozenset(here.files)
        places = {Path("/"), Path("/tmp"), Path("/var/tmp"), Path("/dev/shm"), *(path.parent for path in planted)}  # noqa: S108
        files = {path for place in places for path in _entries(place) if here.mark in path.name}
        left = {Path(folder) for folder in folders if folder != "/tmp"}  # noqa: S108
        return cls(
            processes=frozenset(_descendants(os.getpid())),
            mounts=frozenset(_mounts(here.mark)),
            groups=frozenset(_groups(f"guerdon-{os.getpid()}-")),
            files=frozenset(files - planted) | frozenset(path for path in left if path.exists()),
        )


def check_leftovers(before: Inventory, here: Surroundings, folders: frozenset[str]) -> list[Finding]:
    """Compare with how things were before, once what has ended has vanished.

    Args:
        before: taken before the engine started.
        here: what was planted.
        folders: where runs worked.
    """
    settled(lambda: not _grown(before, Inventory.take(here, folders)))
    grown = _grown(before, Inventory.take(here, folders))
    running = marked(here.mark)
    if running:
        grown["processes"] = f"{len(running)} processes that programs started"
    return [
        Finding(
            group=GROUP,
            name=name,
            state=State.FAILS if name in grown else State.HOLDS,
            detail=grown.get(name, "as many as before"),
            means=f"the engine leaves no {name} behind",
        )
        for name in ("processes", "mounts", "control groups", "files")
    ]


def _grown(before: Inventory, now: Inventory) -> dict[str, str]:
    found = {
        "processes": len(now.processes - before.processes),
        "mounts": len(now.mounts - before.mounts),
        "control groups": len(now.groups - before.groups),
        "files": len(now.files - before.files),
    }
    return {name: f"{count} more than before" for name, count in found.items() if count}


def _mounts(mark: str) -> Iterator[bytes]:
    """Mounts where jails are built or with a name of ours; those of containers come and go without us."""
    for line in Path("/proc/self/mountinfo").read_bytes().splitlines():
        point = line.split()[_MOUNT_POINT]
        if point in _JAIL_PLACES or point.startswith(b"/sys/") or mark.encode() in line or b"guerdon-" in point:
            yield line


def _entries(folder: Path) -> list[Path]:
    with suppress(OSError):
        return list(folder.iterdir())
    return []


def _children() -> frozenset[int]:
    """This process's children, of all its threads."""
    found: set[int] = set()
    for task in Path("/proc/self/task").iterdir():
        with suppress(OSError):
            found.update(map(int, (task / "children").read_text().split()))
    return frozenset(found)


def _descendants(pid: int) -> set[int]:
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                state, parent = (entry / "stat").read_text(errors="replace").rpartition(")")[2].split()[:2]
                if state != "Z":
                    children.setdefault(int(parent), []).append(int(entry.name))
    found: set[int] = set()
    open_ = [pid]
    while open_:
        born = children.get(open_.pop(), [])
        found.update(born)
        open_ += born
    return found


def _groups(prefix: str) -> Iterator[Path]:
    for parent, names, _ in os.walk(_CGROUPS):
        yield from (Path(parent, name) for name in names if name.startswith(prefix))
