"""Version 2: one folder in the unified hierarchy.

What was run: on a kernel 6.18 whose version 2 tree offers no controllers, making, adding, killing through
``cgroup.kill``, removing and ``cpu.stat`` are real; ``memory.*``, ``pids.*``, enabling controllers and moving
aside were run over a tree of ordinary files only.

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

import errno
import os
import time
from pathlib import Path

from guerdon.sandbox.slot.cgroups.group import SlotCgroup
from guerdon.sandbox.slot.cgroups.members import processes, read, remove_folder, write

WANTED = frozenset({"memory", "pids"})
MAIN = "guerdon-main"
_PAGE = 4096
_SYSTEMD = Path("/run/systemd/system")


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
    base, reason = prepare(own, mount)
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


def places(own: Path, mount: Path) -> tuple[Path, ...]:
    """Return the folders in which ``open_v2`` may make groups for a process in ``own``; nothing is changed."""
    return (own,) if own == mount else (own, own.parent)


def prepare(own: Path, mount: Path) -> tuple[Path | None, str]:
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


def _value(text: str, name: str) -> int:
    for line in text.splitlines():
        key, _, value = line.partition(" ")
        if key == name:
            return int(value)
    return 0
