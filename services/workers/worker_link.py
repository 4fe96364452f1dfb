"""The service's end of one worker: its channel, its clock, its memory, its stage, and its end.

What comes through the channel is not trusted: sizes are bounded before anything is stored, and whatever is
not exactly one well-formed reply to the one open request is reported as malformed.
"""

from __future__ import annotations

import asyncio
import fcntl
import mmap
import os
import resource
import signal
import socket
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import NamedTuple, Protocol

from guerdon.services.workers.errors import PoolError
from guerdon.services.workers.stage import read_stage, write_stage
from guerdon.services.workers.wire import MAX_RESULT_BYTES, REPLY, REQUEST, STAGE_BYTES
from guerdon.services.workers.zygote_link import ZygoteLink

MALFORMED = -1
"""Kind of a reply that is none."""

_CHUNK_BYTES = 64 << 10
_CHUNKS_PER_TURN = 32
_SEALS = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL


class Reply(NamedTuple):
    """What a worker answered."""

    kind: int
    """As in the wire format, or ``MALFORMED``."""
    body: bytes
    """The result or a text."""


class WorkerEvents(Protocol):
    """Who is told what a worker does."""

    def worker_replied(self, worker: WorkerLink, reply: Reply) -> None:
        """The worker sent a reply, asked for or not."""

    def worker_hung_up(self, worker: WorkerLink) -> None:
        """The worker closed its channel: it is dead or as good as dead."""


class WorkerLink:
    """One worker process; not reused after its death.

    Use :meth:`fork`.
    """

    def __init__(
        self, zygote: ZygoteLink, pid: int, channel: socket.socket, cell: mmap.mmap, events: WorkerEvents
    ) -> None:
        self.zygote = zygote
        self.pid = pid
        self.requests = 0
        self.replies = 0
        self._channel = channel
        self._cell = cell
        self._events = events
        self._loop = asyncio.get_running_loop()
        self._received = bytearray()
        self._unsent = memoryview(b"")
        self._closed = False
        # The id of a process's CPU clock, all threads together, as clock_getcpuclockid(3) makes it.
        self._cpu_clock = (~pid << 3) | 2
        self.resident_bytes = self.initial_resident_bytes = self.read_resident_bytes()
        self._loop.add_reader(channel.fileno(), self.read)

    @classmethod
    async def fork(cls, zygote: ZygoteLink, events: WorkerEvents) -> WorkerLink:
        """Have the zygote fork one more worker.

        Raises:
            PoolError: it cannot.
        """
        with ExitStack() as kept_on_success, ExitStack() as temporary:
            try:
                ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
                kept_on_success.callback(ours.close)
                temporary.callback(theirs.close)
                descriptor = os.memfd_create("guerdon-stage", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
                temporary.callback(os.close, descriptor)
                os.ftruncate(descriptor, STAGE_BYTES)
                # A worker that could shrink the cell could end the service with SIGBUS.
                fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, _SEALS)
                cell = mmap.mmap(descriptor, STAGE_BYTES)
                kept_on_success.callback(cell.close)
            except OSError as error:
                raise PoolError(f"no descriptors for a worker: {error}") from error
            pid = await zygote.fork(theirs, descriptor)
            ours.setblocking(False)
            link = cls(zygote, pid, ours, cell, events)
            kept_on_success.pop_all()
            return link

    @property
    def stage(self) -> str:
        """The stage the task marked last, or empty."""
        return read_stage(self._cell)

    def request(self, kind: int, body: bytes, memory_bytes: int) -> bool:
        """Send one request; False where the worker turns out to be gone and has not seen any of it."""
        write_stage(self._cell, "")
        head = REQUEST.pack(kind, len(body), memory_bytes)
        try:
            sent = self._channel.sendmsg((head, body))
        except BlockingIOError:
            sent = 0
        except OSError:
            return False
        self.requests += 1
        if sent < len(head) + len(body):
            self._unsent = memoryview(head + body)[sent:]
            self._loop.add_writer(self._channel.fileno(), self._write)
        return True

    def read(self) -> None:
        """Take in what the worker has sent so far; called by the event loop, and before a worker is judged."""
        if self._closed:
            return
        hung_up = False
        try:
            for _ in range(_CHUNKS_PER_TURN):
                chunk = self._channel.recv(_CHUNK_BYTES)
                self._received += chunk
                hung_up = not chunk
                if len(chunk) < _CHUNK_BYTES:
                    break
        except BlockingIOError:
            pass
        except OSError:
            hung_up = True
        reply = self._take_reply()
        if reply is not None:
            self._events.worker_replied(self, reply)
        if hung_up and not self._closed:
            self._events.worker_hung_up(self)

    def cpu_s(self) -> float | None:
        """CPU seconds the worker has used in its life; None where it has been reaped."""
        try:
            return time.clock_gettime(self._cpu_clock)
        except OSError:
            return None

    def read_resident_bytes(self) -> int:
        """Resident memory in bytes, read anew; 0 where the process is gone."""
        try:
            return int(Path(f"/proc/{self.pid}/statm").read_bytes().split()[1]) * resource.getpagesize()
        except (OSError, IndexError):
            return 0

    def end(self) -> None:
        """Kill the worker and all it has started, and forget its channel; it remains to be reaped."""
        if self._closed:
            return
        self._closed = True
        if self.zygote.is_alive():
            with suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
        self._loop.remove_reader(self._channel.fileno())
        self._loop.remove_writer(self._channel.fileno())
        self._channel.close()
        self._cell.close()

    def _take_reply(self) -> Reply | None:
        """The complete reply received, if any."""
        if len(self._received) < REPLY.size:
            return None
        kind, size, resident_bytes = REPLY.unpack_from(self._received)
        end = REPLY.size + size
        if size > MAX_RESULT_BYTES or len(self._received) > end:
            self._received.clear()
            return Reply(MALFORMED, b"")
        if len(self._received) < end:
            return None
        reply = Reply(kind, bytes(self._received[REPLY.size :]))
        self._received.clear()
        self.resident_bytes = resident_bytes
        self.replies += 1
        return reply

    def _write(self) -> None:
        try:
            self._unsent = self._unsent[self._channel.send(self._unsent) :]
        except BlockingIOError:
            return
        except OSError:
            self._unsent = memoryview(b"")  # the hang-up is about to be read
        if not self._unsent:
            self._loop.remove_writer(self._channel.fileno())
