"""The zygote: a fresh interpreter that loads a task once and forks workers from the warm result.

Started as ``python -m guerdon.services.workers.zygote CONTROL_FD SERVICE_PID``. Forking happens here and
never in the service, whose threads (gRPC, event loops) do not survive a fork.

A dead worker stays a zombie until the service asks for it to be reaped: so long, its pid belongs to nobody
else, and a kill meant for the worker cannot hit a stranger.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import mmap
import os
import resource
import select
import signal
import socket
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Any, Never

import msgspec

from guerdon.services.workers.stage import use_cell
from guerdon.services.workers.wire import (
    MAX_CONTROL_BYTES,
    STAGE_BYTES,
    Command,
    Fork,
    Forked,
    ForkFailed,
    Load,
    Loaded,
    LoadFailed,
    Reap,
    Reaped,
    Report,
    Stop,
)
from guerdon.services.workers.worker import Task, serve_requests

_MAX_TRACEBACK_CHARACTERS = 8000
_REAP_INTERVAL_MS = 5
_PR_SET_PDEATHSIG = 1
_OOM_SCORE = 500
"""Makes the kernel take a worker before the service when memory runs out."""

_decode_command = msgspec.msgpack.Decoder(Command).decode


def main() -> None:
    """Load the task the service names, then obey it until it hangs up."""
    control = socket.socket(fileno=int(sys.argv[1]))
    control.set_inheritable(False)
    _die_with(int(sys.argv[2]))
    # Both are inherited from the service over exec: an ignored SIGCHLD would reap workers behind our back.
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    Zygote(control).serve()


class Zygote:
    """Obeys the commands of one service.

    Args:
        control: the socket to the service, with message boundaries.
    """

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._workers: set[int] = set()
        self._dying: set[int] = set()

    def serve(self) -> None:
        """Load the task, then fork and reap until told to stop or the service is gone."""
        command, _ = self._receive()
        if not isinstance(command, Load):
            return
        try:
            task = load_task(command.task, command.setup)
        except BaseException:  # noqa: BLE001 - whatever an import raises is reported, SystemExit too
            self._send(LoadFailed(traceback.format_exc()[-_MAX_TRACEBACK_CHARACTERS:]))
            return
        gc.collect()
        gc.freeze()
        self._send(Loaded(threads=sum(1 for _ in Path("/proc/self/task").iterdir())))
        try:
            self._obey(task)
        finally:
            self._end_workers()

    def _obey(self, task: Task) -> None:
        control = select.poll()
        control.register(self._control, select.POLLIN)
        while True:
            if control.poll(_REAP_INTERVAL_MS if self._dying else None):
                command, descriptors = self._receive()
                match command:
                    case Fork():
                        self._fork(task, *descriptors)
                    case Reap(pid=pid):
                        self._dying.add(pid)
                    case Stop() | Load() | None:
                        return
            for pid in tuple(self._dying):
                self._reap(pid)

    def _fork(self, task: Task, channel: int, cell: int) -> None:
        zygote = os.getpid()
        failure = ""
        try:
            pid = os.fork()
        except OSError as error:
            pid, failure = -1, str(error)
        if pid == 0:
            become_worker(task, self._control, channel, cell, zygote)
        os.close(channel)
        os.close(cell)
        if failure:
            self._send(ForkFailed(failure))
            return
        # A group of its own lets the service kill whatever the task starts along with the worker.
        with suppress(ProcessLookupError):
            os.setpgid(pid, pid)
        self._workers.add(pid)
        self._send(Forked(pid))

    def _reap(self, pid: int) -> None:
        found, status, usage = os.wait4(pid, os.WNOHANG)
        if not found:
            return
        self._workers.discard(pid)
        self._dying.discard(pid)
        code = os.waitstatus_to_exitcode(status)
        self._send(Reaped(pid, max(0, -code), max(0, code), usage.ru_utime + usage.ru_stime))

    def _end_workers(self) -> None:
        for pid in self._workers:
            with suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)
        for pid in tuple(self._workers):
            os.waitpid(pid, 0)

    def _receive(self) -> tuple[Command | None, list[int]]:
        message, descriptors, _, _ = socket.recv_fds(self._control, MAX_CONTROL_BYTES, 2)
        return (_decode_command(message) if message else None), descriptors

    def _send(self, report: Report) -> None:
        with suppress(BrokenPipeError, ConnectionResetError):
            self._control.send(msgspec.msgpack.encode(report))


def load_task(name: str, setup: dict[str, Any]) -> Task:
    """Import and build a task.

    Args:
        name: ``package.module:factory``.
        setup: keyword arguments of the factory.

    Raises:
        ValueError: the name has not this form.
        TypeError: the factory did not return a callable.
        Exception: whatever the import or the factory raises.
    """
    module, colon, factory = name.partition(":")
    if not colon:
        raise ValueError(f"the task {name!r} is not of the form 'package.module:factory'")
    task: Task = getattr(importlib.import_module(module), factory)(**setup)
    if not callable(task):
        raise TypeError(f"the factory {name!r} returned {type(task).__name__}, not a callable")
    return task


def become_worker(task: Task, control: socket.socket, channel: int, cell: int, zygote: int) -> Never:
    """Turn this freshly forked process into a worker; it ends when the service hangs up."""
    code = 1
    try:
        control.close()
        _die_with(zygote)
        # What libraries print about the text they parse is user text, which is never logged.
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 2)
        os.close(null)
        with suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text(str(_OOM_SCORE))
        use_cell(mmap.mmap(cell, STAGE_BYTES))
        os.close(cell)
        serve_requests(socket.socket(fileno=channel), task)
        code = 0
    finally:
        os._exit(code)


def _die_with(parent: int) -> None:
    """Have the kernel kill this process when ``parent`` ends."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)


if __name__ == "__main__":
    main()
