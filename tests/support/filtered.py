"""A child under the sandbox's filter, answered as a slot would."""

import errno
import os
import select
import signal
import socket
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field

from guerdon.sandbox.jail import seccomp
from guerdon.sandbox.jail.syscalls import numbers, syscall
from guerdon.sandbox.slot import listener as slot

NUMBER = numbers()
_ENOUGH_S = 60


@dataclass
class Outcome:
    """How the child ended, what its body returned, and what it was stopped at."""

    signal: int = 0
    status: int = 0
    said: str = ""
    notes: list[slot.Notification] = field(default_factory=list)

    @property
    def filters(self) -> list[str]:
        """The filter of each call it was stopped at."""
        return [note.filter for note in self.notes]


def run_filtered(
    body: Callable[[], object],
    policy: seccomp.Policy,
    *,
    listener: bool = True,
    expect: tuple[str, ...] = (),
) -> Outcome:
    """Fork, filter, run ``body`` there and report; each severity in ``expect`` is permitted once."""
    program = seccomp.build(policy, listener)
    here, there = socket.socketpair()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        here.close()
        os.close(reading)
        _be_child(body, program, listener, there, writing)
    there.close()
    os.close(writing)
    outcome = Outcome()
    try:
        fd = socket.recv_fds(here, 1, 1)[1][0] if listener else -1
        _answer(child, fd, reading, list(expect), outcome)
    finally:
        here.close()
        os.close(reading)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    outcome.signal, outcome.status = max(-code, 0), max(code, 0)
    return outcome


def attempt(name: str, *arguments: int) -> str:
    """Make a call and say ``done`` or the name of its errno."""
    try:
        syscall(NUMBER[name], *arguments)
    except OSError as error:
        return errno.errorcode[error.errno or 0]
    return "done"


def _be_child(
    body: Callable[[], object], program: bytes, listener: bool, there: socket.socket, writing: int
) -> None:
    try:
        os.dup2(os.open(os.devnull, os.O_RDWR), 0)
        syscall(NUMBER["prctl"], 38, 1)
        fd = seccomp.install(seccomp.bind(program, os.getpid()), listener)
        if listener:
            socket.send_fds(there, [b"H"], [fd])
            os.close(fd)
        there.close()
        said = str(body())
    except BaseException:  # noqa: BLE001 - a forked child must never return into the test
        said = traceback.format_exc()
    os.write(writing, said.encode())
    os._exit(0)


def _answer(child: int, fd: int, reading: int, expected: list[str], outcome: Outcome) -> None:
    poll = select.poll()
    poll.register(reading, select.POLLIN)
    if fd >= 0:
        poll.register(fd, select.POLLIN)
    end = time.monotonic() + _ENOUGH_S
    said = b""
    # To the end of both: what was executed no longer holds the pipe, but is still to be answered.
    open_ends = {reading, fd} - {-1}
    while open_ends:
        ready = dict(poll.poll(1000))
        if time.monotonic() > end:
            os.kill(child, signal.SIGKILL)
        if fd in ready:
            try:
                note = slot.receive(fd)
            except BrokenPipeError:
                poll.unregister(fd)
                open_ends.remove(fd)
                note = None
            if note is not None:
                outcome.notes.append(note)
                _decide(child, fd, note, expected)
        if reading in ready:
            data = os.read(reading, 65536)
            said += data
            if not data:
                poll.unregister(reading)
                open_ends.remove(reading)
    outcome.said = said.decode()
    if fd >= 0:
        os.close(fd)


def _decide(child: int, fd: int, note: slot.Notification, expected: list[str]) -> None:
    if note.severity == "soft":
        slot.refuse(fd, note)
    elif note.severity in expected:
        expected.remove(note.severity)
        slot.permit(fd, note)
    else:
        os.kill(child, signal.SIGKILL)
