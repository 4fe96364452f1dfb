"""Version 2: one folder in the unified hierarchy.

What was run: on a kernel 6.18 whose version 2 tree offers no controllers, making, adding, killing through
``cgroup.kill``, removing and ``cpu.stat`` are real; ``memory.*``, ``pids.*``, enabling controllers and moving
aside were run over a tree of ordinary files only.
"""

import errno
import os
import time
from pathlib import Path

from guerdon.sandbox.slot.cgroups.group import SlotCgroup
from guerdon.sandbox.slot.cgroups.members import read, remove_folder, write
from guerdon.sandbox.slot.cgroups.places import WANTED, place

_PAGE = 4096


class CgroupV2(SlotCgroup):
    """A slot's group in the unified hierarchy.

    ``memory.peak`` can be reset since kernel 6.12. Before that the peak is exact only for a run that needs more
    than any before it; for others it is the largest of the readings made meanwhile, so a lower bound.
    """

    version = "v2"

    def __init__(self, folder: Path) -> None:
        super().__init__((folder,), WANTED & set(read(folder / "cgroup.controllers").split()) | {"cpu"})
        self._folder = folder
        self._peak_seen = 0
        self._peak_before = 0
        self._peak_resets = False
        self._handles = {"cpu": os.open(folder / "cpu.stat", os.O_RDONLY | os.O_CLOEXEC)}
        try:
            self._open_memory()
        except OSError:
            self._close()
            raise

    def _open_memory(self) -> None:
        if "memory" not in self.controllers:
            return
        for name in ("current", "events"):
            self._handles[name] = os.open(self._folder / f"memory.{name}", os.O_RDONLY | os.O_CLOEXEC)
        for name, value in (("memory.swap.max", "0"), ("memory.oom.group", "0")):
            if (self._folder / name).exists():
                write(self._folder / name, value)
        peak = self._folder / "memory.peak"
        try:
            self._handles["peak"] = os.open(peak, os.O_RDWR | os.O_CLOEXEC)
            self._reset_handle()
            self._peak_resets = True
        except OSError:
            if "peak" not in self._handles and peak.exists():
                self._handles["peak"] = os.open(peak, os.O_RDONLY | os.O_CLOEXEC)

    @property
    def _pids_folder(self) -> Path:
        return self._folder

    def kill(self) -> None:
        """Kill everything inside at once (kernel 5.14); before that, one by one."""
        switch = self._folder / "cgroup.kill"
        if switch.exists():
            write(switch, "1")
        else:
            super().kill()

    def _text(self, name: str) -> str:
        return os.pread(self._handles[name], _PAGE, 0).decode()

    def _event(self, name: str) -> int:
        return _value(self._text("events"), name)

    def _memory_bytes(self) -> int:
        return int(self._text("current"))

    def _set_memory(self, value: int) -> None:
        # Lowering memory.max below what is in use kills; version 1 answers EBUSY, and so does this.
        used = self._memory_bytes()
        if used > value:
            raise OSError(errno.EBUSY, f"{used} bytes are in use, more than {value}")
        write(self._folder / "memory.max", str(value))

    def _reset_handle(self) -> None:
        os.pwrite(self._handles["peak"], b"reset", 0)

    def _reset_peak(self) -> None:
        if self._peak_resets:
            self._reset_handle()
            return
        self._peak_seen = self._memory_bytes()
        if "peak" in self._handles:
            self._peak_before = int(self._text("peak"))

    def _peak_total_bytes(self) -> int:
        if self._peak_resets:
            return int(self._text("peak"))
        self._peak_seen = max(self._peak_seen, self._memory_bytes())
        ever = int(self._text("peak")) if "peak" in self._handles else 0
        return ever if ever > self._peak_before else self._peak_seen

    def _oom_kills(self) -> int:
        return self._event("oom_kill")

    def _limit_hits(self) -> int:
        return self._event("max")

    def _cpu_total_ns(self) -> int:
        return _value(self._text("cpu"), "usage_usec") * 1000

    def _close(self) -> None:
        while self._handles:
            os.close(self._handles.popitem()[1])


def open_v2(name: str, own: Path, mount: Path) -> tuple[CgroupV2 | None, str]:
    """Make or take over the group ``name`` near ``own``, this process's folder in the tree mounted at ``mount``.

    Returns:
        The group, None if there is no place for it; and what is missing, with the reason.
    """
    base, reason = place(own, mount)
    if base is None:
        return None, reason
    folder = base / name
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        return None, f"v2: {error.strerror} at {base}"
    try:
        group = CgroupV2(folder)
    except OSError as error:
        remove_folder(folder, time.monotonic())
        return None, f"v2: {error}"
    missing = ", ".join(sorted(WANTED - group.controllers))
    return group, reason or (f"v2: no {missing} controller at {base}" if missing else "")


def _value(text: str, name: str) -> int:
    for line in text.splitlines():
        key, _, value = line.partition(" ")
        if key == name:
            return int(value)
    return 0
