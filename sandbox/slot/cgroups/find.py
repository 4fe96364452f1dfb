"""Where this process stands in the control group hierarchies, seen from inside whatever namespace it is in."""

import re
from pathlib import Path, PurePosixPath
from typing import NamedTuple

PROC = Path("/proc")
CONTROLLERS = {"memory": "memory", "pids": "pids", "cpuacct": "cpu"}
"""Controllers of version 1 that slots use, and what each is called in ``SlotCgroup.controllers``."""
_OCTAL = re.compile(r"\\([0-7]{3})")


class Hierarchy(NamedTuple):
    """One mounted hierarchy: its controllers (none for version 2), its mount and this process's folder in it."""

    version: str
    controllers: frozenset[str]
    mount: Path
    own: Path


class _Mount(NamedTuple):
    version: str
    options: frozenset[str]
    root: str
    point: Path
    writable: bool


def hierarchies(proc: Path = PROC) -> tuple[list[Hierarchy], list[str]]:
    """Return the hierarchies that can be written, and why the others cannot."""
    mounts = [mount for line in _lines(proc / "self/mountinfo") if (mount := _mount(line))]
    found: list[Hierarchy] = []
    reasons: list[str] = []
    for line in _lines(proc / "self/cgroup"):
        _, names, path = line.split(":", 2)
        controllers = frozenset(names.split(",")) if names else frozenset()
        if names and not controllers & CONTROLLERS.keys():
            continue
        version = "v1" if names else "v2"
        own = [
            (mount, folder) for mount in _holding(mounts, version, controllers) if (folder := _own(mount, path))
        ]
        writable = [(mount, folder) for mount, folder in own if mount.writable]
        if writable:
            mount, folder = writable[0]
            found.append(Hierarchy(version, controllers, mount.point, folder))
        else:
            seen = "mounted read-only" if own else "not visible here"
            reasons.append(f"{version} {names}".rstrip() + f": {seen}")
    return found, reasons


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text().splitlines()
    except FileNotFoundError:
        return []


def _holding(mounts: list[_Mount], version: str, controllers: frozenset[str]) -> list[_Mount]:
    return [mount for mount in mounts if mount.version == version and controllers <= mount.options | {""}]


def _mount(line: str) -> _Mount | None:
    left, _, right = line.partition(" - ")
    fields, (kind, _, superblock) = left.split(" "), right.split(" ", 2)
    if kind not in ("cgroup", "cgroup2"):
        return None
    root, point = _unescape(fields[3]), Path(_unescape(fields[4]))
    options = frozenset(superblock.split(","))
    writable = "rw" in fields[5].split(",") and "rw" in options
    return _Mount("v2" if kind == "cgroup2" else "v1", options, root, point, writable)


def _unescape(text: str) -> str:
    return _OCTAL.sub(lambda match: chr(int(match[1], 8)), text)


def _own(mount: _Mount, path: str) -> Path | None:
    """Return the folder of group ``path``, None if the mount does not show it (another namespace's part)."""
    group = PurePosixPath(path)
    if ".." in group.parts or not group.is_relative_to(mount.root):
        return None
    return mount.point / group.relative_to(mount.root)
