"""One run: its descriptors, its limits, its watch. A case is a run of its own, or a fork of a loaded snapshot."""

import os
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec

from guerdon.sandbox.program import MEBIBYTE, Case, Limits
from guerdon.sandbox.result import CaseResult
from guerdon.sandbox.slot.cgroups import SlotCgroup
from guerdon.sandbox.slot.classify import Memory, judge
from guerdon.sandbox.slot.clocks import Reading
from guerdon.sandbox.slot.mailbox import Mailbox
from guerdon.sandbox.slot.programs import sealed
from guerdon.sandbox.slot.streams import Outputs
from guerdon.sandbox.slot.watch import Observed, Watch
from guerdon.sandbox.slot.zygotes import Zygote

_RLIMIT_CPU, _RLIMIT_FSIZE, _RLIMIT_STACK, _RLIMIT_CORE = 0, 1, 3, 4
_RLIMIT_NPROC, _RLIMIT_NOFILE, _RLIMIT_MEMLOCK, _RLIMIT_AS = 6, 7, 8, 9
_RLIMIT_MSGQUEUE = 12
# Where /dev/stdin of the jail leads: there is no /proc for it to lead to.
_STDIN_NAME = ".stdin"
# What the interpreter itself has mapped before a program begins, for tiers that bound address space.
_OWN_ADDRESS_SPACE = 192 * MEBIBYTE


@dataclass(frozen=True)
class Way:
    """How a language's programs are run.

    Attributes:
        runtime: name of the zygote that forks them.
        mode: ``python`` in the warm interpreter, ``exec`` by executing.
        filter: name of the zygote's filter.
        argv: command line for ``exec``, given the memory limit; an empty first word is the artifact itself.
        env: environment for ``exec``.
        folder: working directory.
        processes: processes and threads at once when the limits leave it open.
        address_space: whether RLIMIT_AS fits the runtime.
        memory_overhead_bytes: what the runtime itself takes beyond the program's limit.
        stack_bytes: of the first thread; -1 up to the memory limit, 0 as the zygote has it.
        tree: whether there may be processes below the first.
        executable_tmp: whether ``/tmp`` may hold what is executed.
        snapshots: whether a program can be loaded once for several cases.
        stdin_by_name: whether the program wants its input as a file of its own, for it opens ``/dev/stdin``.
        execs: programs it takes to start it: one, or two where a shell does.
        out_of_memory: texts on standard error by which the runtime says that it ran into its limit.
    """

    runtime: str
    mode: str
    filter: str
    argv: Callable[[int], tuple[str, ...]] | None
    env: dict[str, str]
    folder: str
    processes: int
    address_space: bool
    memory_overhead_bytes: int
    stack_bytes: int
    tree: bool
    executable_tmp: bool
    snapshots: bool
    stdin_by_name: bool
    execs: int
    out_of_memory: tuple[bytes, ...]


@dataclass(frozen=True)
class Scene:
    """What runs of one job share.

    Attributes:
        zygote: forks them.
        group: the slot's cgroup, where there is one.
        mailbox: the engine's connection.
    """

    zygote: Zygote
    group: SlotCgroup | None
    mailbox: Mailbox


def run_case(
    scene: Scene,
    way: Way,
    limits: Limits,
    case: Case,
    source: int,
    files: Sequence[tuple[str, int]],
    entry: str = "",
) -> CaseResult:
    """Run one case as a process of its own, from the zygote."""
    with Outputs(limits, call=bool(entry)) as outputs:
        stdin = standard_input(case.stdin)
        if way.stdin_by_name:
            files = [*files, (_STDIN_NAME, stdin)]
            limits = msgspec.structs.replace(limits, disk_bytes=limits.disk_bytes + len(case.stdin))
        blobs = [source, *([sealed(case.call)] if entry else []), *(blob for _, blob in files)]
        watch = _launch(
            scene, way, limits, outputs, stdin, blobs, [name for name, _ in files], entry=entry, snapshot=False
        )
        os.close(stdin)
        if entry:
            os.close(blobs[1])
        return finish(scene, way, limits, watch, outputs, until=b"")


def finish(scene: Scene, way: Way, limits: Limits, watch: Watch, outputs: Outputs, until: bytes) -> CaseResult:
    """Watch a started case to its end and judge it."""
    group = scene.group
    reading = Reading(
        meter=group if until or (way.tree and group is not None and "cpu" in group.controllers) else None,
        tree=way.tree,
        resident_bytes=_polled_memory(way, limits, group),
    )
    seen = watch.case(outputs.streams, limits, reading, until)
    if watch.over:
        watch.close()
    return judge(seen, outputs, limits, _memory_of(seen, group), way.out_of_memory)


def _memory_of(seen: Observed, group: SlotCgroup | None) -> Memory:
    """Say what is known of a case's memory: by the cgroup, by polling, or by the process that waited for it."""
    if group is None or "memory" not in group.controllers:
        waited = seen.ended.peak_bytes if seen.ended is not None else 0
        return Memory(peak_bytes=max(seen.clocks.peak_bytes, waited))
    return Memory(
        peak_bytes=group.peak_bytes(),
        killed=group.memory_killed(),
        killed_from_above=group.killed_from_above(),
    )


def launch_snapshot(
    scene: Scene,
    way: Way,
    limits: Limits,
    outputs: Outputs,
    source: int,
    files: Sequence[tuple[str, int]],
    entry: str,
) -> Watch:
    """Start the process that loads a program once and forks per case."""
    stdin = standard_input(b"")
    empty = [sealed(b"")] if entry else []
    blobs = [source, *empty, *(blob for _, blob in files)]
    watch = _launch(
        scene, way, limits, outputs, stdin, blobs, [name for name, _ in files], entry=entry, snapshot=True
    )
    for descriptor in (stdin, *empty):
        os.close(descriptor)
    return watch


def _launch(
    scene: Scene,
    way: Way,
    limits: Limits,
    outputs: Outputs,
    stdin: int,
    blobs: list[int],
    files: list[str],
    *,
    entry: str,
    snapshot: bool,
) -> Watch:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
    ours.setblocking(False)
    value = bool(entry) and not snapshot
    # In the order that ``live`` of the jail reads it.
    run = (
        "snapshot" if snapshot else way.mode,
        entry,
        value,
        files,
        way.folder,
        rlimits(way, limits, scene.group),
        way.filter,
        list(way.argv(limits.memory_bytes)) if way.argv else [],
        way.env,
        scene.zygote.tmp_wanted(limits.disk_bytes, limits.inodes, way.executable_tmp),
    )
    if scene.group is not None:
        scene.group.limit(limits.memory_bytes + way.memory_overhead_bytes, _processes(way, limits) + 2)
        scene.group.begin()
    started = time.monotonic()
    scene.zygote.spawn(
        run, [stdin, *outputs.theirs[:2], theirs.fileno(), *(outputs.theirs[2:] if value else ()), *blobs]
    )
    theirs.close()
    outputs.hand_over()
    return Watch(scene.zygote, ours, scene.mailbox, execs=way.execs, started=started)


def rlimits(way: Way, limits: Limits, group: SlotCgroup | None) -> list[tuple[int, int]]:
    """Return the process limits: the last line behind the watch, so a little looser where the watch decides."""
    pairs = [
        (_RLIMIT_CPU, limits.cpu_ms // 1000 + 3),
        (_RLIMIT_FSIZE, limits.disk_bytes),
        (_RLIMIT_CORE, 0),
        (_RLIMIT_NPROC, _processes(way, limits)),
        (_RLIMIT_NOFILE, limits.open_files),
        (_RLIMIT_MEMLOCK, 1 << 16),
        (_RLIMIT_MSGQUEUE, 0),
    ]
    if way.address_space and (group is None or "memory" not in group.controllers):
        pairs.append((_RLIMIT_AS, limits.memory_bytes + _OWN_ADDRESS_SPACE))
    if way.stack_bytes:
        pairs.append((_RLIMIT_STACK, way.stack_bytes))
    return pairs


def _polled_memory(way: Way, limits: Limits, group: SlotCgroup | None) -> int:
    """Return the resident memory to poll for, for want of anything that bounds it; 0 where there is."""
    bounded = way.address_space or (group is not None and "memory" in group.controllers)
    return 0 if bounded else limits.memory_bytes + way.memory_overhead_bytes


def _processes(way: Way, limits: Limits) -> int:
    return limits.processes or way.processes


def standard_input(content: bytes) -> int:
    """Return a case's input: a file, as judges give it, so that its size can be asked for."""
    return sealed(content, "stdin") if content else os.open("/dev/null", os.O_RDONLY | os.O_CLOEXEC)
