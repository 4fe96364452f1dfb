"""One slot's process, and the frames to and from it."""

import asyncio
import functools
import itertools
import logging
import os
import signal
import socket
import subprocess
import sys
import weakref
from collections.abc import Awaitable, Sequence
from contextlib import suppress
from typing import cast

from guerdon.sandbox.engine.languages import toolchain_cache
from guerdon.sandbox.engine.link import Launch, SlotEvents, SlotLink
from guerdon.sandbox.engine.outbox import Outbox
from guerdon.sandbox.settings import SandboxSettings
from guerdon.sandbox.slot.cgroups import prepare

_log = logging.getLogger(__name__)

# Where programs and libraries are; HOME and the cache, for toolchains and what is prepared for them.
_PASSED_ON = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "HOME", "XDG_CACHE_HOME", "RUSTUP_HOME", "CARGO_HOME")
_MAX_SLOTS = 10_000
_engines = itertools.count()
_LOG_CHUNK_BYTES = 1 << 16
_LOG_LINE_BYTES = 4096

# A fork of the caller's process must not hold a slot's connection open: the slot ends when the last end closes.
_sockets: weakref.WeakSet[socket.socket] = weakref.WeakSet()


def _close_in_fork() -> None:
    for end in list(_sockets):
        end.close()


os.register_at_fork(after_in_child=_close_in_fork)


def slot_environment() -> dict[str, str]:
    """Return the few variables a slot needs; it must know nothing of the service's."""
    passed = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return {"PATH": os.defpath, "LANG": "C.UTF-8", "HOME": "/"} | passed


class SlotProcess(SlotLink, asyncio.Protocol):
    """A slot in a process of its own on this host. It ends when the connection closes.

    Args:
        child: to be reaped.
        index: of the slot.
        events: told what it says.
    """

    def __init__(self, child: subprocess.Popen[bytes], index: int, events: SlotEvents) -> None:
        super().__init__(index, events)
        self.pid = child.pid
        self._child = child
        self._transport: asyncio.Transport | None = None
        self._outbox = Outbox()
        self._loop = asyncio.get_running_loop()
        self._log_rest = b""

    @classmethod
    async def start(cls, command: Sequence[str], index: int, events: SlotEvents) -> "SlotProcess":
        """Start the command with its standard input and output on a connection to here.

        Raises:
            OSError: it cannot be started.
        """
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        with theirs:
            _sockets.add(ours)
            try:
                child = subprocess.Popen(  # noqa: ASYNC220 - a vfork; the standard child watcher costs a thread each
                    command,
                    stdin=theirs.fileno(),
                    stdout=theirs.fileno(),
                    stderr=subprocess.PIPE,
                    env=slot_environment(),
                    cwd="/",
                    start_new_session=True,
                )
            except BaseException:
                ours.close()
                raise
        process = cls(child, index, events)
        process._watch()
        ours.setblocking(False)
        try:
            await process._loop.create_unix_connection(lambda: process, sock=ours)
        except BaseException:
            ours.close()
            await process.die()
            raise
        return process

    def write(self, data: bytes) -> None:
        """Send bytes; after the process is gone they go nowhere."""
        self._outbox.send(data)

    def pause_writing(self) -> None:
        """Wait until the slot has taken in what was sent."""
        self._outbox.pause()

    def resume_writing(self) -> None:
        """Send on."""
        self._outbox.resume()

    def kill(self) -> None:
        """End it now; the kernel ends everything below it."""
        if not self.gone.done():
            with suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)

    def hang_up(self) -> None:
        """Close the connection, upon which it ends by itself."""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection."""
        self._transport = cast("asyncio.Transport", transport)
        self._outbox.connect(self._transport)

    def data_received(self, data: bytes) -> None:
        """Take in bytes of the slot."""
        self.received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Note that the slot hung up."""
        self._outbox.close()
        self.hung_up.set()

    def _watch(self) -> None:
        self._pidfd = os.pidfd_open(self.pid)
        self._loop.add_reader(self._pidfd, self._reap)
        assert self._child.stderr is not None  # noqa: S101 - a pipe was asked for
        self._stderr = self._child.stderr.fileno()
        os.set_blocking(self._stderr, False)
        self._loop.add_reader(self._stderr, self._read_log)

    def _reap(self) -> None:
        self._loop.remove_reader(self._pidfd)
        os.close(self._pidfd)
        status = self._child.wait()
        if not self._child.stderr.closed:  # type: ignore[union-attr]
            self._read_log()
            self._close_log()
        how = f"killed by {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"
        if not self.gone.done():
            self.gone.set_result(how)
        self.hung_up.set()

    def _read_log(self) -> None:
        try:
            chunk = os.read(self._stderr, _LOG_CHUNK_BYTES)
        except BlockingIOError:
            return
        *lines, rest = (self._log_rest + chunk).split(b"\n")
        if not chunk or len(rest) > _LOG_LINE_BYTES:
            lines, rest = [*lines, rest], b""
        self._log_rest = rest
        for line in filter(None, lines):
            text = line[:_LOG_LINE_BYTES].decode(errors="backslashreplace")
            self.last_lines.append(text)
            _log.info("slot_log", extra={"slot": self.index, "slot_pid": self.pid, "line": text})
        if not chunk:
            self._close_log()

    def _close_log(self) -> None:
        self._loop.remove_reader(self._stderr)
        self._child.stderr.close()  # type: ignore[union-attr]


@functools.cache
def _arrange_cgroups() -> None:
    """Make room for slots' groups in a version 2 tree, once a process and before it starts any."""
    reason = prepare()
    if reason:
        _log.info("cgroups_incomplete: %s", reason)


def launcher(settings: SandboxSettings) -> Launch:
    """Return what starts slots as processes on this host."""
    command = settings.slot_command or (sys.executable, "-m", "guerdon.sandbox.slot")
    cache = toolchain_cache(settings.toolchains)
    toolchains = () if cache is None else ("--toolchains", str(cache))
    warm, recycle = ",".join(settings.warm), str(settings.recycle_runs)

    # Engines of one process must not take each other's slots' names.
    first = next(_engines) * _MAX_SLOTS

    def launch(index: int, events: SlotEvents) -> Awaitable[SlotLink]:
        _arrange_cgroups()
        options = (
            "--tier",
            settings.tier,
            "--index",
            str(first + index),
            "--recycle-runs",
            recycle,
            "--warm",
            warm,
        )
        return SlotProcess.start((*command, *options, *toolchains), index, events)

    return launch
