"""The one-letter messages between a child and its slot, in a process of its own."""

import os
import socket
import sys
from collections.abc import Callable

import pytest

from guerdon.sandbox.jail import channel


def in_child(body: Callable[[], None]) -> tuple[socket.socket, int]:
    """Fork a child with a channel at its place; returns the other end and the child's pid."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            # Descriptors of the test runner's own may be in the way; a zygote has none.
            here, there = os.dup(theirs.fileno()), os.dup(ours.fileno())
            os.close(there)
            channel.occupy()
            os.dup2(here, channel.CHANNEL)
            os.closerange(4, 256)
            body()
            status = 0
        finally:
            os._exit(status)
    theirs.close()
    return ours, pid


def ended(pid: int) -> int:
    """Return the child's exit status."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def test_each_message_is_whole() -> None:
    """Messages keep their borders and their order."""
    ours, pid = in_child(lambda: (channel.say(b"H"), channel.say(b"U because"))[0])

    assert ours.recv(100) == b"H"
    assert ours.recv(100) == b"U because"
    assert ended(pid) == 0
    ours.close()


def test_a_descriptor_travels_along() -> None:
    """A message may carry one descriptor, which is open at the other end."""

    def body() -> None:
        reading, writing = os.pipe()
        os.write(writing, b"through")
        channel.say(b"H", reading)

    ours, pid = in_child(body)

    data, (descriptor,), _, _ = socket.recv_fds(ours, 10, 4)
    assert data == b"H"
    assert os.read(descriptor, 10) == b"through"
    os.close(descriptor)
    assert ended(pid) == 0
    ours.close()


@pytest.mark.parametrize("count", [0, 1, 6])
def test_descriptors_are_heard_in_order(count: int) -> None:
    """What the slot sends arrives with as many descriptors as it gave, in order."""

    def body() -> None:
        data, descriptors = channel.hear()
        assert data == b"N"
        assert len(descriptors) == count
        contents = [os.read(descriptor, 10) for descriptor in descriptors]
        assert contents == [b"%d" % number for number in range(count)]

    ours, pid = in_child(body)
    pipes = [os.pipe() for _ in range(count)]
    for number, (_, writing) in enumerate(pipes):
        os.write(writing, b"%d" % number)
    socket.send_fds(ours, [b"N"], [reading for reading, _ in pipes])

    assert ended(pid) == 0
    for end in (end for pipe in pipes for end in pipe):
        os.close(end)
    ours.close()


def test_the_end_of_the_slot_is_heard() -> None:
    """When the slot is gone there is nothing to hear any more."""

    def body() -> None:
        assert channel.hear() == (b"", [])

    ours, pid = in_child(body)
    ours.close()

    assert ended(pid) == 0


def test_a_slot_that_does_not_listen_is_no_failure() -> None:
    """Saying never blocks and never raises, whether the slot is slow or gone."""

    def body() -> None:
        for _ in range(5000):
            channel.say(b"x" * 1000)
        sys.stdin.close()

    ours, pid = in_child(body)
    assert ended(pid) == 0
    ours.close()

    def after() -> None:
        os.read(0, 0)
        channel.say(b"H")

    ours, pid = in_child(after)
    ours.close()
    assert ended(pid) == 0
