"""Messages between a program and the tests that ask it: bytes with their length in front, over one descriptor."""

import os
from collections.abc import Callable

from guerdon.sandbox.jail.values import UnplainValue

MAX_ASKED_BYTES = 64 << 20
MAX_ANSWERED_BYTES = 32 << 20
"""Bytes of what the tests and the program say: what is answered can be handed on in a question."""
_LENGTH_BYTES = 4
_READ_BYTES = 1 << 16


class Frames:
    """One end of the connection.

    Args:
        descriptor: a connected stream socket.
        sends: bytes in a message from here.
        hears: bytes in a message from there.

    Attributes:
        received: bytes of all messages from there.
    """

    def __init__(self, descriptor: int, *, sends: int, hears: int) -> None:
        self._descriptor = descriptor
        self._sends = sends
        self._hears = hears
        self.received = 0
        self._buffer = b""
        # Taken before a program that patches its modules is in the way of its own answers.
        self._read: Callable[[int, int], bytes] = os.read
        self._write: Callable[[int, bytes | memoryview], int] = os.write

    def send(self, body: bytes) -> None:
        """Send a message.

        Raises:
            UnplainValue: it is too large.
            OSError: the other end is gone.
        """
        if len(body) > self._sends:
            raise UnplainValue(f"a message of {len(body)} bytes is over the limit of {self._sends}")
        data = len(body).to_bytes(_LENGTH_BYTES, "little") + body
        sent = self._write(self._descriptor, data)
        if sent < len(data):
            rest = memoryview(data)[sent:]
            while rest:
                rest = rest[self._write(self._descriptor, rest) :]

    def receive(self) -> bytes:
        """Wait for a message.

        Raises:
            EOFError: the other end is gone.
            UnplainValue: a length is over the limit.
        """
        self._fill(_LENGTH_BYTES)
        size = int.from_bytes(self._buffer[:_LENGTH_BYTES], "little")
        if size > self._hears:
            raise UnplainValue(f"a message of {size} bytes is over the limit of {self._hears}")
        end = _LENGTH_BYTES + size
        self._fill(end)
        self.received += size
        body, self._buffer = self._buffer[_LENGTH_BYTES:end], self._buffer[end:]
        return body

    def _fill(self, size: int) -> None:
        if len(self._buffer) >= size:
            return
        pieces, have = [self._buffer], len(self._buffer)
        while have < size:
            try:
                data = self._read(self._descriptor, max(_READ_BYTES, min(size - have, 1 << 20)))
            except ConnectionError:
                data = b""
            if not data:
                raise EOFError("the other end is gone")
            pieces.append(data)
            have += len(data)
        self._buffer = b"".join(pieces)
