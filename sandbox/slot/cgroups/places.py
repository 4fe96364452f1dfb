"""Where in the version 2 tree slots' groups go.

A group other than the root's may hold processes or hand controllers to children, never both. Where the slot's
group goes, first that applies:

1. The own group is ``guerdon-main`` (rule 3 was applied in a parent process): the group above it.
2. The own group is the real root or hands its controllers down already: the own group.
3. This process is alone in its group and the group is ours to arrange: the process is moved into a new child
   ``guerdon-main`` and the group is free. This is the only case in which a process is moved. An engine that wants
   it calls ``prepare`` before it starts slots; the child group stays, as its process is in it.
4. The group above is ours to arrange and hands down controllers: a sibling of the own group.

A group is ours to arrange if systemd is not running here (containers), it is marked as delegated, or its owner is
this user and not root.
"""

import os
from pathlib import Path

from guerdon.sandbox.slot.cgroups.members import processes, read, write

WANTED = frozenset({"memory", "pids"})
MAIN = "guerdon-main"
_SYSTEMD = Path("/run/systemd/system")


def place(own: Path, mount: Path) -> tuple[Path | None, str]:
    """Find the folder for slots' groups by the rules above and turn its controllers on.

    Returns:
        The folder, None if no rule applies; and the reason if something is missing.
    """
    if own.name == MAIN and own != mount:
        return own.parent, ""
    try:
        available = WANTED & _words(own / "cgroup.controllers")
        if not available:
            return own, f"v2: no memory or pids controller at {own}"
        if available <= _words(own / "cgroup.subtree_control"):
            return own, ""
        if not _is_root(own):
            if processes(own) != [os.getpid()] or not _ours(own):
                return _above(own, mount)
            _move_aside(own)
        return _enable(own, available)
    except OSError as error:
        return None, f"v2: {error}"


def _above(own: Path, mount: Path) -> tuple[Path | None, str]:
    if own != mount and _ours(own.parent) and WANTED & _words(own.parent / "cgroup.subtree_control"):
        return own.parent, ""
    return None, f"v2: {own} holds other processes and the group above it is not delegated"


def _move_aside(own: Path) -> None:
    aside = own / MAIN
    aside.mkdir(exist_ok=True)
    write(aside / "cgroup.procs", str(os.getpid()))


def _enable(base: Path, available: frozenset[str]) -> tuple[Path | None, str]:
    refused = []
    for controller in sorted(available):
        try:
            write(base / "cgroup.subtree_control", f"+{controller}")
        except OSError as error:
            refused.append(f"{controller} cannot be enabled at {base}: {error.strerror}")
    return base, f"v2: {'; '.join(refused)}" if refused else ""


def _is_root(folder: Path) -> bool:
    return not (folder / "cgroup.type").exists()


def _ours(folder: Path) -> bool:
    if not _SYSTEMD.exists():
        return True
    owner = folder.stat().st_uid
    return owner == os.geteuid() != 0 or any(
        _marked(folder, name) for name in ("user.delegate", "trusted.delegate")
    )


def _marked(folder: Path, attribute: str) -> bool:
    try:
        return os.getxattr(folder, attribute) == b"1"
    except OSError:
        return False


def _words(path: Path) -> frozenset[str]:
    return frozenset(read(path).split())
