"""The loop inside a worker, run here over a real socket without a process of its own."""

import socket
import threading
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from guerdon.services.workers import wire
from guerdon.services.workers.worker import serve_requests

ALLOWED_BYTES = 1 << 30


def ask(task: Callable[[Any], Any], kind: int, body: bytes) -> tuple[int, bytes]:
    """Send one request to a worker loop and return the kind and body of its reply."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        loop = threading.Thread(target=serve_requests, args=(theirs, task))
        loop.start()
        ours.sendall(wire.REQUEST.pack(kind, len(body), ALLOWED_BYTES) + body)
        reply, size, resident_bytes = wire.REPLY.unpack(ours.recv(wire.REPLY.size, socket.MSG_WAITALL))
        received = ours.recv(size, socket.MSG_WAITALL) if size else b""
        ours.shutdown(socket.SHUT_WR)
        loop.join()
        assert resident_bytes > 0
    return reply, received


def run(task: Callable[[Any], Any], payload: Any) -> tuple[int, bytes]:
    """Have one payload answered."""
    return ask(task, wire.RUN, msgspec.msgpack.encode(payload))


def raise_error(error: BaseException) -> Callable[[Any], Any]:
    """A task that raises."""

    def task(_: Any) -> None:
        raise error

    return task


class UnprintableError(Exception):
    """Cannot even be shown."""

    def __str__(self) -> str:
        raise RuntimeError


def test_result() -> None:
    """A result comes back as msgpack."""
    assert run(lambda payload: {"twice": payload * 2}, 21) == (wire.DONE, msgspec.msgpack.encode({"twice": 42}))


def test_ping_does_not_call_the_task() -> None:
    """A ping is answered by the loop itself."""
    assert ask(raise_error(AssertionError()), wire.PING, b"") == (wire.PONG, b"")


def test_memory_error() -> None:
    """A MemoryError of the task is told apart from its other errors."""
    assert run(raise_error(MemoryError()), None) == (wire.OUT_OF_MEMORY, b"")


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ValueError("bad"), "ValueError: bad (test_worker.py:"),
        (KeyboardInterrupt(), "KeyboardInterrupt (test_worker.py:"),
        (SystemExit(3), "SystemExit: 3 (test_worker.py:"),
        (ValueError("\ud800"), "ValueError: ?"),
        (UnprintableError(), "UnprintableError: <exception str() failed>"),
    ],
)
def test_errors(error: BaseException, text: str) -> None:
    """Whatever a task raises is described in one line with its place."""
    kind, body = run(raise_error(error), None)
    assert kind == wire.FAILED
    assert text in body.decode()


def test_long_errors_are_cut() -> None:
    """The description of an error is bounded."""
    _, body = run(raise_error(ValueError("x" * 1_000_000)), None)
    assert len(body) < 1000


def test_result_that_is_too_long() -> None:
    """A result the service would refuse is not sent."""
    kind, body = run(lambda _: b"x" * (wire.MAX_RESULT_BYTES + 1), None)
    assert kind == wire.FAILED
    assert b"at most" in body


@pytest.mark.parametrize("size", [0, 3, wire.REQUEST.size + 3])
def test_service_that_hangs_up(size: int) -> None:
    """The loop ends when the service closes the channel between requests or inside one's header."""
    ours, theirs = socket.socketpair()
    with theirs:
        ours.sendall((wire.REQUEST.pack(wire.PING, 0, 0) + b"xyz")[:size])
        ours.shutdown(socket.SHUT_WR)
        serve_requests(theirs, raise_error(AssertionError()))
        ours.close()
