"""The slot's end of notifications, with real children under the filter."""

import errno
import os
import select
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from filtered import attempt

from guerdon.sandbox.jail import rules, seccomp
from guerdon.sandbox.jail.syscalls import numbers, syscall
from guerdon.sandbox.slot import listener

PROGRAM = seccomp.build(seccomp.Policy("ask", "ask", "own"), True)


class Filtered:
    """A child that makes the named calls one after another and sends each result."""

    def __init__(self, *calls: tuple[str, tuple[int, ...]]) -> None:
        here, there = socket.socketpair()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                syscall(numbers()["prctl"], 38, 1)
                fd = seccomp.install(seccomp.bind(PROGRAM, os.getpid()), True)
                socket.send_fds(there, [b"H"], [fd])
                os.close(fd)
                for name, arguments in calls:
                    there.sendall(attempt(name, *arguments).encode() + b"\n")
            finally:
                os._exit(0)
        there.close()
        self.fd = socket.recv_fds(here, 1, 1)[1][0]
        self.channel = here.makefile()
        here.close()

    def wait_for_call(self) -> None:
        """Wait until the child is stopped at a call."""
        poll = select.poll()
        poll.register(self.fd, select.POLLIN)
        assert poll.poll(10_000)

    def next(self) -> listener.Notification:
        """Take the notification of the call the child stops at next."""
        self.wait_for_call()
        note = listener.receive(self.fd)
        assert note is not None
        return note

    def kill(self) -> None:
        """Kill the child and wait until it is gone."""
        os.kill(self.pid, signal.SIGKILL)
        os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)


@pytest.fixture
def started() -> Iterator[list[Filtered]]:
    """Children to be ended with the test."""
    children: list[Filtered] = []
    yield children
    for child in children:
        os.kill(child.pid, signal.SIGKILL)
        os.waitpid(child.pid, 0)
        os.close(child.fd)
        child.channel.close()


def _start(children: list[Filtered], *calls: tuple[str, tuple[int, ...]]) -> Filtered:
    children.append(Filtered(*calls))
    return children[-1]


def test_notification_says_what_was_tried(started: list[Filtered]) -> None:
    """Name, filter, severity, thread and raw arguments."""
    child = _start(started, ("socket", (1, 2, 3)))
    note = child.next()
    assert note[1:] == (child.pid, "socket", "socket:unix", "soft", (1, 2, 3, 0, 0, 0), errno.EACCES)


@pytest.mark.parametrize(
    ("name", "arguments", "which", "severity"),
    [
        ("memfd_create", (), "syscall:memfd_create", "soft"),
        ("fcntl", (0, 1031), "syscall:fcntl", "soft"),
        ("ioctl", (0, 0x5412), "syscall:ioctl", "hard"),
        ("ptrace", (), "syscall:ptrace", "hard"),
        ("kill", (1, 0), "syscall:kill", "soft"),
        ("kill", (rules.OWN_PID, 0), "syscall:kill", "soft"),
        ("socket", (-1,), "socket:other", "hard"),
        ("socket", (10,), "socket:inet6", "hard"),
        ("unshare", (1,), "process:namespace", "hard"),
        ("clone", (0x20000000,), "process:namespace", "hard"),
        ("clone", (17,), "process:fork", "fork"),
        ("execve", (), "process:exec", "exec"),
        ("execveat", (), "process:exec", "exec"),
    ],
)
def test_filters_and_severities(
    started: list[Filtered], name: str, arguments: tuple[int, ...], which: str, severity: str
) -> None:
    """Each class of call is told apart, by its arguments where those matter."""
    note = _start(started, (name, arguments)).next()
    assert (note.filter, note.severity) == (which, severity)


def test_refusal_reaches_the_program(started: list[Filtered]) -> None:
    """The call fails with the code given, or with the one its rule has; the program goes on."""
    child = _start(started, ("memfd_create", ()), ("shmget", ()), ("setuid", ()))
    listener.refuse(child.fd, child.next(), errno.EXDEV)
    listener.refuse(child.fd, child.next())
    listener.refuse(child.fd, child.next())
    assert child.channel.read().split() == ["EXDEV", "ENOSYS", "EPERM"]


def test_permission_lets_the_kernel_decide(started: list[Filtered]) -> None:
    """A permitted call is made; here the kernel finds fault with its arguments."""
    child = _start(started, ("execve", (0, 0, 0)))
    listener.permit(child.fd, child.next())
    assert child.channel.read() == "EFAULT\n"


def test_nothing_to_receive_does_not_block(started: list[Filtered]) -> None:
    """Asked again while its thread still waits, there is nothing new."""
    child = _start(started, ("memfd_create", ()))
    child.next()
    assert listener.receive(child.fd) is None


def test_a_thread_that_died_before_it_was_heard_is_no_notification(started: list[Filtered]) -> None:
    """The kernel was told to expect a notification, but there is nobody left to answer."""
    child = _start(started, ("memfd_create", ()))
    child.wait_for_call()
    child.kill()
    with pytest.raises(BrokenPipeError):
        listener.receive(child.fd)


@pytest.mark.parametrize("answer", [listener.refuse, listener.permit])
def test_a_thread_that_died_needs_no_answer(started: list[Filtered], answer: object) -> None:
    """Answers may come too late without harm."""
    child = _start(started, ("memfd_create", ()))
    note = child.next()
    child.kill()
    assert callable(answer)
    answer(child.fd, note)


def test_answering_elsewhere_is_an_error(started: list[Filtered]) -> None:
    """Only a dead thread excuses; an answer to something that is no listener is the slot's own fault."""
    note = _start(started, ("memfd_create", ())).next()
    with Path(os.devnull).open() as other, pytest.raises(OSError, match="Inappropriate ioctl"):
        listener.refuse(other.fileno(), note)


def test_the_end_is_told(started: list[Filtered]) -> None:
    """When all that was filtered has ended, waiting for more is pointless."""
    child = _start(started)
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    with pytest.raises(BrokenPipeError):
        listener.receive(child.fd)
