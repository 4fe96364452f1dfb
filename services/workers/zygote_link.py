"""The service's end of a zygote: start it, have it fork and reap, notice its death."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from guerdon.services.workers.errors import PoolError, ZygoteLostError
from guerdon.services.workers.wire import (
    MAX_CONTROL_BYTES,
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

_INHERITED_VARIABLES = (
    "HOME",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "LD_LIBRARY_PATH",
    "LD_PRELOAD",
    "PATH",
    "TMPDIR",
    "TZ",
    "VIRTUAL_ENV",
)
"""Everything else, API keys above all, stays out of reach of code that works on hostile text."""

_SET_VARIABLES = {
    # Sets of strings iterate in hash order, which SymPy's results can depend on: the same in every process.
    "PYTHONHASHSEED": "0",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}

_FORK_PATIENCE_S = 30.0
_STOP_PATIENCE_S = 5.0

_decode_report = msgspec.msgpack.Decoder(Report).decode


class ZygoteLink:
    """One zygote process as the service sees it; not reused after its death.

    Args:
        on_gone: called once, when the zygote is gone.
    """

    def __init__(self, on_gone: Callable[[], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._on_gone = on_gone
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            try:
                self._process = _spawn(theirs.fileno())
            except OSError:
                self._control.close()
                raise
        self._control.setblocking(False)
        self._loading: asyncio.Future[Loaded] = self._loop.create_future()
        self._loaded = False
        self._forking: asyncio.Future[int] | None = None
        self._reaping: dict[int, asyncio.Future[Reaped]] = {}
        self._gone = asyncio.Event()
        self._loop.add_reader(self._control.fileno(), self._read)

    @property
    def pid(self) -> int:
        """Process of the zygote."""
        return self._process.pid

    @property
    def gone(self) -> bool:
        """Whether the zygote's end has been noticed."""
        return self._gone.is_set()

    def is_alive(self) -> bool:
        """Whether the zygote lives at this very moment, so that the pids of its workers are still theirs.

        The kernel closes a dying process's sockets before it passes its children on to somebody who would reap
        them; so while the socket is open, no worker has been reaped unasked.
        """
        if self._gone.is_set():
            return False
        try:
            return bool(self._control.recv(1, socket.MSG_PEEK))
        except BlockingIOError:
            return True
        except OSError:
            return False

    async def load(self, task: str, setup: dict[str, Any], timeout_s: float) -> Loaded:
        """Have the task imported and built.

        Raises:
            PoolError: it cannot be, with the traceback; or not within ``timeout_s`` seconds.
        """
        command = Load(task, setup)
        if len(msgspec.msgpack.encode(command)) > MAX_CONTROL_BYTES:
            raise PoolError(f"the setup of the task {task!r} is over {MAX_CONTROL_BYTES} bytes long")
        try:
            self._command(command)
            async with asyncio.timeout(timeout_s):
                return await self._loading
        except TimeoutError:
            raise PoolError(f"the task {task!r} was not loaded within {timeout_s:g} s") from None
        except ZygoteLostError as error:
            raise PoolError(f"the zygote ended while loading the task {task!r}: {error}") from error

    async def fork(self, channel: socket.socket, cell: int) -> int:
        """Fork a worker onto its end of a channel and a stage cell; one fork at a time.

        Returns:
            The worker's pid.

        Raises:
            PoolError: the system refused, or the zygote is gone.
        """
        self._forking = self._loop.create_future()
        try:
            self._command(Fork(), channel.fileno(), cell)
            async with asyncio.timeout(_FORK_PATIENCE_S):
                return await self._forking
        except TimeoutError:
            self._process.kill()
            await self._gone.wait()
            raise ZygoteLostError(f"the zygote did not fork within {_FORK_PATIENCE_S:g} s") from None
        finally:
            self._forking = None

    async def reap(self, pid: int) -> Reaped:
        """Wait until a worker that was killed or hung up is dead, and learn how it died.

        Raises:
            ZygoteLostError: the zygote died first.
        """
        reaped: asyncio.Future[Reaped] = self._loop.create_future()
        self._reaping[pid] = reaped
        try:
            self._command(Reap(pid))
            return await reaped
        finally:
            del self._reaping[pid]

    async def stop(self) -> None:
        """End the zygote and its workers; returns when no process is left."""
        if self._loaded:  # otherwise it is deep in an import and has no workers
            with suppress(TimeoutError, ZygoteLostError):
                self._command(Stop())
                async with asyncio.timeout(_STOP_PATIENCE_S):
                    await self._gone.wait()
        self._process.kill()
        while self._process.poll() is None:  # noqa: ASYNC110 - a killed process tells nobody that it has ended
            await asyncio.sleep(0.002)
        self._hang_up()

    def _command(self, command: Command, *descriptors: int) -> None:
        """Send a command; a zygote that takes none any more is ended."""
        if self._gone.is_set():
            raise ZygoteLostError("the zygote is gone")
        try:
            socket.send_fds(self._control, [msgspec.msgpack.encode(command)], descriptors)
        except OSError as error:
            self._process.kill()
            self._hang_up()
            raise ZygoteLostError(f"the zygote takes no commands: {error}") from error

    def _read(self) -> None:
        try:
            message = self._control.recv(MAX_CONTROL_BYTES)
        except BlockingIOError:
            return
        except OSError:
            message = b""
        if not message:
            self._hang_up()
            return
        match _decode_report(message):
            case Loaded() as loaded:
                self._loaded = True
                _settle(self._loading, loaded)
            case LoadFailed(traceback=text):
                _settle(self._loading, PoolError(f"the task could not be loaded:\n{text}"))
            case Forked(pid=pid):
                _settle(self._forking, pid)
            case ForkFailed(message=text):
                _settle(self._forking, PoolError(f"a worker could not be forked: {text}"))
            case Reaped(pid=pid) as reaped:
                _settle(self._reaping.get(pid), reaped)

    def _hang_up(self) -> None:
        if self._gone.is_set():
            return
        self._gone.set()
        self._loop.remove_reader(self._control.fileno())
        self._control.close()
        for future in (self._loading, self._forking, *self._reaping.values()):
            _settle(future, ZygoteLostError("the zygote is gone"))
        self._on_gone()


def zygote_environment() -> dict[str, str]:
    """Environment of a zygote: the little it needs, no secrets, and the service's own import path."""
    environment = {name: os.environ[name] for name in _INHERITED_VARIABLES if name in os.environ}
    environment["PYTHONPATH"] = os.pathsep.join(entry or str(Path.cwd()) for entry in sys.path)
    return environment | _SET_VARIABLES


def _spawn(control: int) -> subprocess.Popen[bytes]:
    """Start a zygote that inherits one descriptor, its end of the control socket."""
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "guerdon.services.workers.zygote", str(control), str(os.getpid())],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        pass_fds=(control,),
        env=zygote_environment(),
        start_new_session=True,
    )


def describe_death(death: Reaped) -> str:
    """How a worker ended, for people: ``signal SIGSEGV`` or ``exit code 3``."""
    if not death.signal:
        return f"exit code {death.exit_code}"
    try:
        return f"signal {signal.Signals(death.signal).name}"
    except ValueError:
        return f"signal {death.signal}"


def _settle(future: asyncio.Future[Any] | None, result: object) -> None:
    """Give a future its result, an exception among them, where somebody still waits for it."""
    if future is None or future.done():
        return
    if isinstance(result, Exception):
        future.set_exception(result)
        # Nobody may be waiting for the first load of a zygote that is being given up.
        future.exception()
    else:
        future.set_result(result)
