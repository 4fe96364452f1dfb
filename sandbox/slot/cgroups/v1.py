"""Version 1: one folder in each controller's hierarchy, under this process's own group there.

Run for real on kernel 6.18. ``memory.kmem.*`` is left alone: kernel memory is part of
``memory.limit_in_bytes``, and the separate limit is no longer honoured.
"""

import os
import time
from collections.abc import Mapping
from pathlib import Path

from guerdon.sandbox.slot.cgroups.find import CONTROLLERS
from guerdon.sandbox.slot.cgroups.group import SlotCgroup
from guerdon.sandbox.slot.cgroups.members import read, remove_folder, write

_SMALL = 128
_SWAP_MARGIN_BYTES = 4 << 20
"""Memory with swap is limited that far above memory alone. Were they equal, the kernel would meet the former first
and, in 6.18 at least, count the hit nowhere. As much may be swapped out."""


class CgroupV1(SlotCgroup):
    """A slot's group in the version 1 hierarchies; ``folders`` maps ``memory``, ``pids``, ``cpu`` to folders."""

    version = "v1"

    def __init__(self, folders: Mapping[str, Path]) -> None:
        super().__init__(folders.values(), frozenset(folders))
        self._by_controller = dict(folders)
        self._handles: dict[str, int] = {}
        try:
            self._open_files()
        except OSError:
            self._close()
            raise

    def _open_files(self) -> None:
        if "cpu" in self.controllers:
            self._handles["cpu"] = os.open(
                self._by_controller["cpu"] / "cpuacct.usage", os.O_RDONLY | os.O_CLOEXEC
            )
        if "memory" not in self.controllers:
            return
        self._memory = self._by_controller["memory"]
        for name in ("usage_in_bytes", "oom_control", "failcnt"):
            self._handles[name] = os.open(self._memory / f"memory.{name}", os.O_RDONLY | os.O_CLOEXEC)
        self._handles["peak"] = os.open(self._memory / "memory.max_usage_in_bytes", os.O_RDWR | os.O_CLOEXEC)
        if "oom_kill " not in self._text("oom_control"):
            raise FileNotFoundError("memory.oom_control does not count kills (a kernel before 4.13)")
        self._swap = self._memory / "memory.memsw.limit_in_bytes"
        self._limits_swap = self._swap.exists()
        if not self._limits_swap:
            write(self._memory / "memory.swappiness", "0")

    @property
    def _pids_folder(self) -> Path:
        return self._by_controller["pids"]

    def _text(self, name: str) -> str:
        return os.pread(self._handles[name], _SMALL, 0).decode()

    def _memory_bytes(self) -> int:
        return int(self._text("usage_in_bytes"))

    def _set_memory(self, value: int) -> None:
        # Memory with swap may never be limited below memory alone: which of them goes first depends.
        file = self._memory / "memory.limit_in_bytes"
        values = [(file, value)]
        if self._limits_swap:
            raised = value > int(read(file))
            values.insert(0 if raised else 1, (self._swap, value + _SWAP_MARGIN_BYTES))
        for path, bound in values:
            write(path, str(bound))

    def _reset_peak(self) -> None:
        os.pwrite(self._handles["peak"], b"0", 0)

    def _peak_total_bytes(self) -> int:
        return int(self._text("peak"))

    def _oom_kills(self) -> int:
        return int(self._text("oom_control").rpartition("oom_kill ")[2])

    def _limit_hits(self) -> int:
        return int(self._text("failcnt"))

    def _cpu_total_ns(self) -> int:
        return int(self._text("cpu")) if "cpu" in self.controllers else 0

    def _close(self) -> None:
        while self._handles:
            os.close(self._handles.popitem()[1])


def open_v1(name: str, own: Mapping[str, Path]) -> tuple[CgroupV1 | None, str]:
    """Make or take over the group ``name`` under ``own`` (controller to this process's folder).

    Returns:
        The group with the controllers that could be had, None without any; and what is missing, with the reason.
    """
    folders: dict[str, Path] = {}
    missing = [f"v1 {controller}: not mounted" for controller in CONTROLLERS if controller not in own]
    for controller, called in CONTROLLERS.items():
        if controller not in own:
            continue
        folder = own[controller] / name
        try:
            folder.mkdir(exist_ok=True)
        except OSError as error:
            missing.append(f"v1 {controller}: {error.strerror} at {own[controller]}")
        else:
            folders[called] = folder
    if not folders:
        return None, "; ".join(missing)
    try:
        return CgroupV1(folders), "; ".join(missing)
    except OSError as error:
        for folder in folders.values():
            remove_folder(folder, time.monotonic())
        return None, f"v1: {error}"
