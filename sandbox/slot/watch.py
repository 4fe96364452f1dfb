"""Watches one run from outside: its clocks, its output, what it asks of the kernel; and kills it.

Nothing here waits for the program: every descriptor a program can reach is read without blocking, in bounded
pieces, and whatever it floods ends it.
"""

import errno
import os
import select
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

from guerdon.sandbox.program import Limits
from guerdon.sandbox.slot import listener as notifications
from guerdon.sandbox.slot import proctree
from guerdon.sandbox.slot.zygotes import Ended, Zygote, ZygoteDied, receive

STDERR_KEPT_BYTES = 1 << 16
_CHUNK_BYTES = 1 << 18
_MAX_SAYINGS = 256
_MAX_REFUSALS = 1_000
_HELLO_MS = 10_000.0
_REST_MS = 100.0
_MIN_SLEEP_MS = 2.0
_IDLE_STEP_MS = 20.0
_MEMORY_STEP_MS = 20.0
_PROCESSORS = os.cpu_count() or 1


class CpuMeter(Protocol):
    """What a slot's cgroup tells of the running case."""

    def cpu_ns(self) -> int:
        """CPU time since the case began."""


class Stream:
    """One output of the program: the first bytes kept, all of them counted."""

    def __init__(self, descriptor: int, limit: int, kept: int) -> None:
        self.descriptor = descriptor
        self.limit = limit
        self.count = 0
        self._kept = kept
        self._pieces: list[bytes] = []

    def read(self) -> bool:
        """Take what is there; False at its end."""
        try:
            data = os.read(self.descriptor, _CHUNK_BYTES)
        except BlockingIOError:
            return True
        room = self._kept - min(self.count, self._kept)
        if room:
            self._pieces.append(data[:room])
        self.count += len(data)
        return bool(data)

    def drain(self) -> None:
        """Take what is left once the program is dead, as far as the limit goes."""
        while self.count <= self.limit:
            before = self.count
            if not self.read() or self.count == before:
                return

    @property
    def content(self) -> bytes:
        """What was kept."""
        return b"".join(self._pieces)

    @property
    def flooded(self) -> bool:
        """Whether more came than is allowed."""
        return self.count > self.limit


@dataclass
class Observed:
    """What the watch saw of one run; ``killed`` is why it ended it, empty when the run ended by itself."""

    killed: str = ""
    filter: str = ""
    denied: dict[str, int] = field(default_factory=dict)
    said: set[bytes] = field(default_factory=set)
    complaint: str = ""
    ended: Ended | None = None
    case_status: int | None = None
    cpu_ms: float = 0.0
    wall_ms: float = 0.0
    idle_ms: float = 0.0
    peak_bytes: int = 0


class Watch:
    """One first process of a run, from its fork to its end; a snapshot's cases are watched in turn."""

    def __init__(self, zygote: Zygote, channel: socket.socket, inbox: int, on_inbox: Callable[[], bool], *, execs: int) -> None:
        """Watch what the zygote is about to fork.

        Args:
            zygote: tells how the process ended.
            channel: our end of the run's channel, with credentials switched on.
            inbox: the engine's connection.
            on_inbox: called when the engine says something; True cancels the run.
            execs: how many programs it may execute.
        """
        self.pid = 0
        self.over = False
        self._zygote = zygote
        self._channel = channel
        self._inbox = inbox
        self._on_inbox = on_inbox
        self._forks = 0
        self._execs = execs
        self._sayings = 0
        self._listener = -1
        self._delay_base_ns = 0

    def case(self, streams: list[Stream], limits: Limits, *, meter: CpuMeter | None, tree: bool, poll_bytes: int, until: bytes) -> Observed:
        """Watch until the process ends or says ``until`` on its channel.

        Args:
            streams: the outputs to read; standard output, standard error, the value if any.
            limits: of this case.
            meter: reads the slot's cgroup; without one the clocks of processes are read.
            tree: whether the program may have processes below its first.
            poll_bytes: resident memory to kill at, for want of anything else that bounds it; 0 not to look.
            until: first letter of the message that ends the case; empty to wait for the process's end.
        """
        seen = Observed()
        started = time.monotonic()
        delay_base = self._run_delay_ns() if self.pid else 0
        poll = select.poll()
        for descriptor in (self._inbox, self._zygote.control.fileno(), self._channel.fileno()):
            poll.register(descriptor, select.POLLIN)
        if self._listener >= 0:
            poll.register(self._listener, select.POLLIN)
        open_streams = {stream.descriptor: stream for stream in streams}
        for descriptor in open_streams:
            poll.register(descriptor, select.POLLIN)
        wall_limit = limits.wall_ms or 30_000 + 30 * limits.cpu_ms
        due_ms = self._patience(limits, 0.0, 0.0, bool(poll_bytes))
        while seen.ended is None and seen.case_status is None:
            for descriptor, _ in poll.poll(max(0.0, due_ms - seen.wall_ms)):
                if descriptor in open_streams:
                    stream = open_streams[descriptor]
                    if not stream.read():
                        poll.unregister(descriptor)
                        del open_streams[descriptor]
                    elif stream.flooded:
                        self._kill(seen, "output")
                        poll.unregister(descriptor)
                        del open_streams[descriptor]
                elif descriptor == self._zygote.control.fileno():
                    seen.ended = self._zygote.hear()
                    self.over = seen.ended is not None
                elif descriptor == self._channel.fileno():
                    if not self._listen(seen, until, poll):
                        poll.unregister(descriptor)
                elif descriptor == self._inbox:
                    if self._on_inbox():
                        self._kill(seen, "cancelled")
                elif descriptor == self._listener and not self._judge(seen):
                    poll.unregister(descriptor)
            seen.wall_ms = (time.monotonic() - started) * 1e3
            if seen.ended is not None or seen.case_status is not None or seen.wall_ms < due_ms:
                continue
            if self.pid and not seen.killed:
                due_ms = seen.wall_ms + self._check(seen, limits, wall_limit, meter, tree, poll_bytes, delay_base)
            elif not self.pid and seen.wall_ms > _HELLO_MS:
                raise ZygoteDied("its child did not give up its rights in time")
            else:
                due_ms = seen.wall_ms + _REST_MS
        for stream in streams:
            stream.drain()
            if stream.flooded and not seen.killed:
                seen.killed = "output"
        if meter is not None:
            seen.cpu_ms = max(seen.cpu_ms, meter.cpu_ns() / 1e6)
        if seen.ended is not None:
            seen.cpu_ms = max(seen.cpu_ms, seen.ended.cpu_ms) if until or tree else seen.ended.cpu_ms
        return seen

    def next_case(self, descriptors: list[int]) -> None:
        """Give a loaded snapshot its next case, and leave to fork once for it; one that is gone shows in the watch."""
        self._forks = 1
        with suppress(OSError):
            socket.send_fds(self._channel, [b"N"], descriptors, socket.MSG_DONTWAIT)

    def kill(self) -> None:
        """End the process, and with it all in its pid namespace."""
        if self.over:
            return
        try:
            os.kill(self.pid or self._zygote.pid, 9)
        except ProcessLookupError:
            pass

    def close(self) -> None:
        """Close what is ours."""
        self._channel.close()
        if self._listener >= 0:
            os.close(self._listener)
            self._listener = -1

    def _kill(self, seen: Observed, why: str) -> None:
        if not seen.killed:
            seen.killed = why
        self.kill()

    def _check(self, seen: Observed, limits: Limits, wall_limit: float, meter: CpuMeter | None, tree: bool, poll_bytes: int, delay_base: int) -> float:
        """Hold the clocks against the limits; returns after how many milliseconds to look again."""
        if meter is not None:
            seen.cpu_ms = meter.cpu_ns() / 1e6
        elif tree:
            seen.cpu_ms = max(seen.cpu_ms, proctree.cpu_ns(self.pid) / 1e6)
        else:
            seen.cpu_ms = max(seen.cpu_ms, _clock_ns(self.pid) / 1e6)
        delay = self._run_delay_ns() - delay_base
        seen.idle_ms = max(0.0, seen.wall_ms - seen.cpu_ms - delay / 1e6)
        if seen.cpu_ms >= limits.cpu_ms:
            self._kill(seen, "time")
        elif seen.idle_ms >= limits.idle_ms:
            self._kill(seen, "idle")
        elif seen.wall_ms >= wall_limit:
            self._kill(seen, "starved")
        elif poll_bytes:
            seen.peak_bytes = max(seen.peak_bytes, proctree.rss_bytes(self.pid))
            if seen.peak_bytes > poll_bytes:
                self._kill(seen, "memory")
        return self._patience(limits, seen.cpu_ms, seen.idle_ms, bool(poll_bytes))

    @staticmethod
    def _patience(limits: Limits, cpu_ms: float, idle_ms: float, poll_memory: bool) -> float:
        step = min((limits.cpu_ms - cpu_ms) / _PROCESSORS, max(limits.idle_ms - idle_ms, _IDLE_STEP_MS))
        return max(min(step, _MEMORY_STEP_MS) if poll_memory else step, _MIN_SLEEP_MS)

    def _run_delay_ns(self) -> int:
        return proctree.run_delay_ns(self.pid)

    def _listen(self, seen: Observed, until: bytes, poll: select.poll) -> bool:
        """Take one message of the channel; False at its end."""
        try:
            data, descriptors, sender = receive(self._channel)
        except BlockingIOError:
            return True
        except OSError as error:
            if error.errno != errno.ECONNRESET:
                raise
            return False
        for descriptor in descriptors:
            if self._listener < 0 and not self.pid and data[:1] == b"H":
                self._listener = descriptor
                os.set_blocking(descriptor, False)
                poll.register(descriptor, select.POLLIN)
            else:
                os.close(descriptor)
        if not data:
            return False
        self._sayings += 1
        if self._sayings > _MAX_SAYINGS:
            seen.filter = "channel:flood"
            self._kill(seen, "security")
            return False
        letter = data[:1]
        if letter == b"H" and not self.pid:
            self.pid = sender
        elif until and letter == until:
            self._sayings = 0
            seen.case_status = int.from_bytes(data[1:5], "little")
        else:
            seen.said.add(letter)
            seen.complaint = data[1:].decode(errors="replace") or seen.complaint
        return True

    def _judge(self, seen: Observed) -> bool:
        """Answer one notification of the filter; False when there will be none any more."""
        try:
            note = notifications.receive(self._listener)
        except OSError:
            return False
        if note is None:
            return not notifications.over(self._listener)
        if note.severity == "fork" and self._forks:
            self._forks -= 1
            notifications.permit(self._listener, note)
            return True
        if note.severity == "exec" and self._execs:
            self._execs -= 1
            notifications.permit(self._listener, note)
            return True
        seen.denied[note.filter] = seen.denied.get(note.filter, 0) + 1
        if note.severity == "soft" and sum(seen.denied.values()) <= _MAX_REFUSALS:
            notifications.refuse(self._listener, note)
            return True
        seen.filter = note.filter
        self._kill(seen, "security")
        return False


def _clock_ns(pid: int) -> int:
    """CPU time of all threads of a process, by its clock's number (clock_getcpuclockid(3)); 0 once it is gone."""
    try:
        return time.clock_gettime_ns((~pid << 3) | 2)
    except OSError:
        return 0
