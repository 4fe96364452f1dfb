"""The inside of a worker: receive a payload, call the task, send its result, again and again.

The service is the only one to end it: by a kill, or by closing the channel. Nothing here measures time; a
worker that could be trusted to watch its own clock would not need to be killable.
"""

from __future__ import annotations

import os
import resource
import socket
import traceback
from collections.abc import Callable
from typing import Any

import msgspec

from guerdon.services.workers.wire import (
    DONE,
    FAILED,
    MAX_RESULT_BYTES,
    OUT_OF_MEMORY,
    PING,
    PONG,
    REPLY,
    REQUEST,
)

Task = Callable[[Any], Any]
"""Answers one payload; both are msgpack values."""

_MAX_ERROR_CHARACTERS = 500


def serve_requests(channel: socket.socket, task: Task) -> None:
    """Answer requests one at a time until the service hangs up."""
    memory = _Memory()
    while head := _receive(channel, REQUEST.size):
        kind, size, allowed_bytes = REQUEST.unpack(head)
        payload = _receive(channel, size)
        if kind == PING:
            answer, body = PONG, b""
        else:
            memory.allow(allowed_bytes)
            answer, body = _answer(task, payload)
            memory.allow_all()
        channel.sendall(REPLY.pack(answer, len(body), memory.resident_bytes()) + body)


def _answer(task: Task, payload: bytearray) -> tuple[int, bytes]:
    try:
        result = msgspec.msgpack.encode(task(msgspec.msgpack.decode(payload)))
    except MemoryError:
        return OUT_OF_MEMORY, b""
    except BaseException as error:  # noqa: BLE001 - whatever a task raises, SystemExit too, is its failure
        return FAILED, _describe(error).encode(errors="replace")
    if len(result) > MAX_RESULT_BYTES:
        return FAILED, f"the result has {len(result)} bytes, at most {MAX_RESULT_BYTES} are taken".encode()
    return DONE, result


def _describe(error: BaseException) -> str:
    """Type, message and place of an exception, bounded."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    message = traceback.format_exception_only(error)[-1].strip()[:_MAX_ERROR_CHARACTERS]
    if frame is None:
        return message
    file = frame.tb_frame.f_code.co_filename.rpartition("/")[2]
    return f"{message} ({file}:{frame.tb_lineno})"


def _receive(channel: socket.socket, size: int) -> bytearray:
    """Exactly ``size`` bytes, or none where the service has hung up."""
    received = bytearray(size)
    missing = memoryview(received)
    while missing:
        count = channel.recv_into(missing)
        if not count:
            return bytearray()
        missing = missing[count:]
    return received


class _Memory:
    """Address space of this process: how much it uses and how much more it may take."""

    def __init__(self) -> None:
        self._statm = os.open("/proc/self/statm", os.O_RDONLY | os.O_CLOEXEC)
        self._page_bytes = resource.getpagesize()
        _, self._hard = resource.getrlimit(resource.RLIMIT_AS)

    def allow(self, extra_bytes: int) -> None:
        """Let the work that begins now take ``extra_bytes`` beyond what the worker holds already.

        Counted anew for every piece of work, so that what earlier work left behind does not decide.
        """
        soft = self._pages(0) * self._page_bytes + extra_bytes
        if self._hard != resource.RLIM_INFINITY:
            soft = min(soft, self._hard)
        resource.setrlimit(resource.RLIMIT_AS, (soft, self._hard))

    def allow_all(self) -> None:
        """Lift the limit between two pieces of work, so that a long payload can be received."""
        resource.setrlimit(resource.RLIMIT_AS, (self._hard, self._hard))

    def resident_bytes(self) -> int:
        """Resident memory in bytes."""
        return self._pages(1) * self._page_bytes

    def _pages(self, column: int) -> int:
        return int(os.pread(self._statm, 128, 0).split()[column])
