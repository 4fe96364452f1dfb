"""Opening a slot's group in whichever version offers more here."""

from pathlib import Path
from typing import NamedTuple

from guerdon.sandbox.slot.cgroups.find import CONTROLLERS, PROC, Hierarchy, hierarchies
from guerdon.sandbox.slot.cgroups.group import SlotCgroup
from guerdon.sandbox.slot.cgroups.places import place
from guerdon.sandbox.slot.cgroups.v1 import open_v1
from guerdon.sandbox.slot.cgroups.v2 import open_v2


class Opened(NamedTuple):
    """A group, None if none can be had, and what is missing, for people; ``reason`` is empty if nothing is."""

    group: SlotCgroup | None
    reason: str


def v1_folders(found: list[Hierarchy]) -> dict[str, Path]:
    """Return this process's folder for each version 1 controller that slots use."""
    return {
        controller: hierarchy.own
        for hierarchy in found
        if hierarchy.version == "v1"
        for controller in hierarchy.controllers & CONTROLLERS.keys()
    }


def prepare(proc: Path = PROC) -> str:
    """Arrange the version 2 tree for slots' groups; an engine calls this once, before it starts any process.

    Where this process is alone in a group that is ours to arrange, it is moved into a child group (see
    :mod:`guerdon.sandbox.slot.cgroups.places`). Elsewhere nothing moves.

    Returns:
        Why groups of version 2 cannot be had in full, empty if they can or if there is no such tree.
    """
    found, _ = hierarchies(proc)
    return "; ".join(place(tree.own, tree.mount)[1] for tree in found if tree.version == "v2")


def open_group(name: str, proc: Path = PROC) -> Opened:
    """Make the group ``name`` (of :func:`group_name`), or take over what a killed slot left of it.

    Both versions are tried; the one with more controllers is kept. Processes of an earlier slot are killed.
    """
    found, reasons = hierarchies(proc)
    groups: list[SlotCgroup] = []
    for tree in found:
        if tree.version == "v2":
            unified, reason = open_v2(name, tree.own, tree.mount)
            reasons.append(reason)
            groups += [unified] if unified else []
    if own := v1_folders(found):
        split, reason = open_v1(name, own)
        reasons.append(reason)
        groups += [split] if split else []
    if not groups:
        return Opened(None, "; ".join(filter(None, reasons)) or "no control groups are mounted")
    groups.sort(key=lambda group: len(group.controllers))
    best = groups.pop()
    for lesser in groups:
        lesser.remove()
    best.kill()
    best.unlimit()
    complete = len(best.controllers) == len(CONTROLLERS)
    return Opened(best, "" if complete else "; ".join(filter(None, reasons)))
