"""One end of a link: whole messages in both directions over a TCP connection.

A frame is four bytes of length (big endian), one byte that names the encoding, and the body. The encoding is
msgpack; JSON takes its place for the rare message with an integer beyond 64 bits, which msgpack cannot hold.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, cast

import msgspec

HEAD_BYTES = 5
MAX_FRAME_BYTES = 64 << 20
_MSGPACK, _JSON = 0, 1

_encode_msgpack = msgspec.msgpack.Encoder().encode
_encode_json = msgspec.json.Encoder().encode


class BadFrame(Exception):
    """What arrived is no message of this protocol."""


def frame(message: msgspec.Struct) -> bytes:
    """The bytes of a message.

    Raises:
        ValueError: it is longer than a frame may be, or holds text that is no Unicode.
        TypeError, RecursionError: it holds what neither encoding can carry.
    """
    try:
        kind, body = _MSGPACK, _encode_msgpack(message)
    except OverflowError:
        kind, body = _JSON, _encode_json(message)
    if len(body) > MAX_FRAME_BYTES:
        raise ValueError(f"a message of {len(body)} bytes is over the {MAX_FRAME_BYTES} of a frame")
    return b"%b%c%b" % (len(body).to_bytes(4, "big"), kind, body)


class Connection(asyncio.Protocol):
    """Cuts the stream into messages and hands each to its owner.

    Args:
        kind: union of the message types that may arrive.
        on_message: called with this connection and each message; an exception ends the connection.
        on_lost: called once when the connection has ended.
        max_frame_bytes: longest body that is taken; may be changed later.
    """

    def __init__(
        self,
        kind: Any,
        on_message: Callable[[Connection, Any], None],
        on_lost: Callable[[Connection], None],
        max_frame_bytes: int = MAX_FRAME_BYTES,
    ) -> None:
        self.max_frame_bytes = max_frame_bytes
        self._decoders = (msgspec.msgpack.Decoder(kind), msgspec.json.Decoder(kind))
        self._on_message = on_message
        self._on_lost = on_lost
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None
        self._writable = asyncio.Event()
        self._writable.set()

    @property
    def open(self) -> bool:
        """Whether messages can be sent."""
        return self._transport is not None and not self._transport.is_closing()

    def send(self, message: msgspec.Struct) -> None:
        """Send a message; nothing happens where the connection has ended.

        Raises:
            ValueError, TypeError, RecursionError: as :func:`frame`.
        """
        self.send_frame(frame(message))

    def send_frame(self, data: bytes) -> None:
        """Send the bytes of a message."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    async def writable(self) -> None:
        """Wait until what was sent before is on its way, or the connection has ended."""
        await self._writable.wait()

    def close(self) -> None:
        """End the connection once everything is sent."""
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """End the connection at once."""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Asyncio's hook."""
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Asyncio's hook."""
        self._writable.set()
        self._on_lost(self)

    def pause_writing(self) -> None:
        """Asyncio's hook."""
        self._writable.clear()

    def resume_writing(self) -> None:
        """Asyncio's hook."""
        self._writable.set()

    def data_received(self, data: bytes) -> None:
        """Asyncio's hook."""
        self._buffer += data
        try:
            while (body := self._next_body()) is not None:
                kind, content = body
                self._on_message(self, self._decoders[kind].decode(content))
        except (msgspec.DecodeError, BadFrame):
            self.abort()

    def _next_body(self) -> tuple[int, bytes] | None:
        buffer = self._buffer
        if len(buffer) < HEAD_BYTES:
            return None
        length, kind = int.from_bytes(buffer[:4], "big"), buffer[4]
        if length > self.max_frame_bytes or kind > _JSON:
            raise BadFrame
        end = HEAD_BYTES + length
        if len(buffer) < end:
            return None
        body = bytes(memoryview(buffer)[HEAD_BYTES:end])
        del buffer[:end]
        return kind, body
