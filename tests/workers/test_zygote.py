"""The zygote's own loop, over a real control socket."""

import socket
import threading
from collections.abc import Iterator

import msgspec
import pytest

from guerdon.services.workers import wire
from guerdon.services.workers.zygote import Zygote, load_task


@pytest.fixture
def control() -> Iterator[socket.socket]:
    """The service's end of the control socket of a zygote that runs in a thread."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        loop = threading.Thread(target=Zygote(theirs).serve)
        loop.start()
        yield ours
        ours.shutdown(socket.SHUT_RDWR)
        loop.join()


def command(control: socket.socket, message: wire.Command) -> None:
    """Send a command."""
    control.send(msgspec.msgpack.encode(message))


def report(control: socket.socket) -> wire.Report:
    """Receive a report."""
    return msgspec.msgpack.decode(control.recv(wire.MAX_CONTROL_BYTES), type=wire.Report)


def test_load_and_stop(control: socket.socket) -> None:
    """A zygote reports that its task is loaded, and with how many threads."""
    command(control, wire.Load("tasks:verbs", {"greeting": "hi"}))
    loaded = report(control)
    assert isinstance(loaded, wire.Loaded)
    assert loaded.threads >= 2
    command(control, wire.Stop())


def test_load_failure_is_reported(control: socket.socket) -> None:
    """A task that raises while it is built is reported with its traceback."""
    command(control, wire.Load("tasks:verbs", {"no_such": "parameter"}))
    failed = report(control)
    assert isinstance(failed, wire.LoadFailed)
    assert "no_such" in failed.traceback


def test_anything_before_load_ends_the_zygote(control: socket.socket) -> None:
    """A zygote without a task has nothing to do."""
    command(control, wire.Stop())


def test_loaded_task_is_callable() -> None:
    """The factory gets the setup and returns the task."""
    assert load_task("tasks:verbs", {"greeting": "hi"})(["greet", "you"]) == "hi you"
