"""Names that tell whose a group is, and the removal of groups whose engine is dead."""

import os
import re
import time
from pathlib import Path

from guerdon.sandbox.slot.cgroups import v2
from guerdon.sandbox.slot.cgroups.find import PROC, hierarchies
from guerdon.sandbox.slot.cgroups.members import REMOVE_SECONDS, kill_members, processes, remove_folder
from guerdon.sandbox.slot.cgroups.opening import v1_folders

_NAME = re.compile(r"guerdon-(?P<pid>\d+)-(?P<slot>\d+)-(?P<start>\d+)-(?P<namespace>\d+)")
_START_FIELD = 19
"""Of /proc/pid/stat, counted behind the command's closing parenthesis: start time in ticks since boot."""


def group_name(slot: int, engine_pid: int | None = None) -> str:
    """Return the name of a slot's group; the engine is this process if not given.

    It is ``guerdon-<engine pid>-<slot>-<engine start time>-<pid namespace>``: the start time tells a dead engine
    from a later process with its number, and the namespace keeps engines in different containers from taking each
    other for dead.

    Raises:
        ProcessLookupError: there is no process ``engine_pid``.
    """
    pid = os.getpid() if engine_pid is None else engine_pid
    start = _start_time(pid)
    if start is None:
        raise ProcessLookupError(f"no engine with pid {pid}")
    return f"guerdon-{pid}-{slot}-{start}-{_namespace()}"


def sweep(own: bool = False, proc: Path = PROC) -> int:
    """Remove the groups of dead engines beside which this process's would be made, killing what is still inside.

    A group of another pid namespace, or with a process of one in it, is left alone.

    Args:
        own: also remove this process's own groups: the engine's last act, for slots that were killed.
        proc: where /proc is.

    Returns:
        How many groups are gone.
    """
    found, _ = hierarchies(proc)
    bases = set(v1_folders(found).values())
    for tree in found:
        if tree.version == "v2":
            bases.update(v2.places(tree.own, tree.mount))
    removed: dict[str, bool] = {}
    deadline = time.monotonic() + REMOVE_SECONDS
    for folder in [folder for base in bases for folder in base.glob("guerdon-*") if _orphaned(folder, own)]:
        if 0 in processes(folder):
            continue
        kill_members(folder)
        removed[folder.name] = remove_folder(folder, deadline) and removed.get(folder.name, True)
    return sum(removed.values())


def _orphaned(folder: Path, own: bool) -> bool:
    match = _NAME.fullmatch(folder.name)
    if match is None or int(match["namespace"]) != _namespace():
        return False
    pid = int(match["pid"])
    return _start_time(pid) != int(match["start"]) or (own and pid == os.getpid())


def _start_time(pid: int) -> int | None:
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return int(text.rpartition(")")[2].split()[_START_FIELD])


def _namespace() -> int:
    return Path("/proc/self/ns/pid").stat().st_ino
