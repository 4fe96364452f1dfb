"""What waits to be written to a slot: in slices, so that no message holds up the event loop."""

import asyncio
from collections import deque

_SLICE_BYTES = 1 << 17
_TURN_BYTES = 1 << 20
"""Written before others of the event loop get a turn, to a slot that takes in as fast as this writes."""


class Outbox:
    """Writes to one transport as fast as that takes it, and keeps the rest by reference.

    A transport copies what it cannot write at once, and moves all that is left with every part it writes: a long
    message, handed to it whole, would hold the loop for a time that grows with the square of its length.
    """

    def __init__(self) -> None:
        self._transport: asyncio.WriteTransport | None = None
        self._waiting: deque[memoryview] = deque()
        self._paused = False
        self._planned = False

    def connect(self, transport: asyncio.WriteTransport) -> None:
        """Write to a transport from here on."""
        self._transport = transport

    def send(self, data: bytes) -> None:
        """Write bytes behind those that wait; after the end they go nowhere."""
        if self._transport is None or self._transport.is_closing():
            self._waiting.clear()
            return
        self._waiting.append(memoryview(data))
        if not self._planned:
            self._write()

    def pause(self) -> None:
        """Write nothing for now: the transport has enough."""
        self._paused = True

    def resume(self) -> None:
        """Go on."""
        self._paused = False
        if not self._planned:
            self._write()

    def close(self) -> None:
        """Drop what is left."""
        self._waiting.clear()

    def _write(self) -> None:
        self._planned = False
        written = 0
        while (
            self._waiting and not self._paused and self._transport is not None and not self._transport.is_closing()
        ):
            if written >= _TURN_BYTES:
                self._planned = True
                asyncio.get_running_loop().call_soon(self._write)
                return
            piece = self._waiting.popleft()
            if len(piece) > _SLICE_BYTES:
                self._waiting.appendleft(piece[_SLICE_BYTES:])
                piece = piece[:_SLICE_BYTES]
            written += len(piece)
            self._transport.write(piece)
