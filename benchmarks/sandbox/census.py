"""What there is of an engine on the host: processes, descriptors, mounts, control groups, files, memory."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from guerdon.sandbox.slot.cgroups.find import hierarchies
from guerdon.services.bench.cpu import family

COMMON = (Path("/tmp"), Path("/var/tmp"), Path("/dev/shm"))  # noqa: S108 - looked at, not written to
FIRST_JAIL_UID = 1_000_000_000
_PAGE_KIB = os.sysconf("SC_PAGE_SIZE") // 1024


def census(slots: Iterable[int], tier: str) -> dict[str, int | None]:
    """Count what must not grow from one idle moment to the next; None is what this user may not see.

    Args:
        slots: their processes.
        tier: that the engine is to have.
    """
    pids = family([os.getpid()])
    others = [pid for pid in pids if pid != os.getpid()]
    return {
        "processes": len(pids),
        # Not of this process, whose event loop keeps a pool.
        "threads of the others": _total(others, lambda pid: _entries(f"/proc/{pid}/task")),
        "descriptors of the engine": _entries("/proc/self/fd"),
        "descriptors of the slots": _total(slots, lambda pid: _entries(f"/proc/{pid}/fd")),
        "mounts of the engine": _mounts(os.getpid()),
        "mounts that slots and zygotes see": _total(others, _mounts),
        "control groups": len(groups(os.getpid())),
        "files left on the host": len(litter(tier)),
    }


def memory_kib(slots: Iterable[int]) -> dict[str, int]:
    """Resident memory of the engine, of the slots and of all below them, in KiB."""
    slots = list(slots)
    below = set(family(slots)) - set(slots)
    return {
        "engine": _resident_kib(os.getpid()),
        "slots": sum(map(_resident_kib, slots)),
        "zygotes and runs": sum(map(_resident_kib, below)),
    }


def kernel() -> dict[str, int]:
    """The kernel's own memory in KiB and memory groups, dying ones included; both of the whole machine."""
    found = {}
    for line in Path("/proc/meminfo").read_text().splitlines():
        name, _, value = line.partition(":")
        if name in ("Slab", "SUnreclaim"):
            found[f"{name}_kib"] = int(value.split()[0])
    for line in Path("/proc/cgroups").read_text().splitlines():
        if line.startswith("memory"):
            found["memory_groups"] = int(line.split()[2])
    return found


def groups(engine: int) -> list[Path]:
    """Folders of control groups that belong to slots of this engine, whether it lives or not."""
    mounts = {tree.mount for tree in hierarchies()[0]}
    prefix = f"guerdon-{engine}-"
    return [
        Path(parent, name)
        for mount in mounts
        for parent, names, _ in os.walk(mount)
        for name in names
        if name.startswith(prefix)
    ]


def litter(tier: str) -> list[Path]:
    """Files in the host's common folders that a jail's user owns, or with a name that the sandbox gives.

    It names none of its own in the full tier; what has such a name there belongs to somebody else's engine.
    """
    found = (path for folder in COMMON for path in _inside(folder))
    return [
        path for path in found if _of_a_jail(path) or (tier != "full" and path.name.startswith("guerdon-run-"))
    ]


def _inside(folder: Path) -> Iterator[Path]:
    with contextlib.suppress(OSError):
        yield from folder.iterdir()


def _of_a_jail(path: Path) -> bool:
    with contextlib.suppress(OSError):
        return path.lstat().st_uid >= FIRST_JAIL_UID
    return False


def _total(pids: Iterable[int], count: Callable[[int], int]) -> int | None:
    """The sum over processes; those that end meanwhile have nothing."""
    total = 0
    for pid in pids:
        try:
            total += count(pid)
        except PermissionError:
            return None
        except (FileNotFoundError, ProcessLookupError):
            continue
    return total


def _entries(folder: str) -> int:
    return sum(1 for _ in Path(folder).iterdir())


def _mounts(pid: int) -> int:
    # Containers of others on this machine come and go.
    lines = Path(f"/proc/{pid}/mountinfo").read_text().splitlines()
    return sum("docker" not in line and "containerd" not in line for line in lines)


def grown(before: dict[str, int | None], now: dict[str, int | None]) -> Iterator[str]:
    """Say what is more than it was."""
    for what, was in before.items():
        value = now[what]
        if was is not None and value is not None and value > was:
            yield f"{what}: {was} became {value}"


def _resident_kib(pid: int) -> int:
    with contextlib.suppress(OSError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE_KIB
    return 0
