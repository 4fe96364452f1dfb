"""Control groups of the slots, versions 1 and 2."""

from guerdon.sandbox.slot.cgroups.group import SlotCgroup
from guerdon.sandbox.slot.cgroups.opening import Opened, open_group, prepare
from guerdon.sandbox.slot.cgroups.sweep import group_name, is_orphan, sweep

__all__ = ["Opened", "SlotCgroup", "group_name", "is_orphan", "open_group", "prepare", "sweep"]
