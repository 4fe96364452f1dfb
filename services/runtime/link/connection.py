"""One end of a link: whole messages in both directions over a TCP connection.

A frame is four bytes of length (big endian) and that many bytes of msgpack.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, cast

import msgspec

HEAD_BYTES = 4
MAX_FRAME_BYTES = 64 << 20

_encode_into = msgspec.msgpack.Encoder().encode_into


class BadFrame(Exception):
    """What arrived is no message of this protocol, or none that may arrive now."""


class Connection(asyncio.Protocol):
    """Cuts the stream into messages and hands each to its owner.

    Args:
        kind: union of the message types that may arrive.
        on_message: called with this connection and each message; BadFrame ends the connection.
        on_lost: called once when the connection has ended.
        max_frame_bytes: longest message that is taken; may be changed later.
        paced: take in nothing while the peer does not take what was sent, so that one that never reads cannot
            make answers pile up. Only for one end of a link: two paced ends could wait for each other.
    """

    def __init__(
        self,
        kind: Any,
        on_message: Callable[[Connection, Any], None],
        on_lost: Callable[[Connection], None],
        *,
        max_frame_bytes: int = MAX_FRAME_BYTES,
        paced: bool = False,
    ) -> None:
        self.max_frame_bytes = max_frame_bytes
        self._decode = msgspec.msgpack.Decoder(kind).decode
        self._on_message = on_message
        self._on_lost = on_lost
        self._paced = paced
        self._buffer = bytearray()
        self._wanted = HEAD_BYTES
        self._transport: asyncio.Transport | None = None
        self._aborted = False
        self._writable = asyncio.Event()
        self._writable.set()

    @property
    def congested(self) -> bool:
        """Whether much of what was sent still waits to leave."""
        return not self._writable.is_set()

    def send(self, message: msgspec.Struct) -> None:
        """Send a message; nothing happens where the connection has ended.

        Raises:
            ValueError: it is longer than a frame may be.
        """
        if self._transport is None or self._transport.is_closing():
            return
        frame = bytearray(HEAD_BYTES)
        _encode_into(message, frame, HEAD_BYTES)
        length = len(frame) - HEAD_BYTES
        if length > MAX_FRAME_BYTES:
            raise ValueError(f"a message of {length} bytes is over the {MAX_FRAME_BYTES} of a frame")
        frame[:HEAD_BYTES] = length.to_bytes(HEAD_BYTES, "big")
        self._transport.write(memoryview(frame))

    async def writable(self) -> None:
        """Wait until what was sent before is on its way, or the connection has ended."""
        while not self._writable.is_set():
            # Those who waited send one after the other, and the first may have filled the buffer again.
            await self._writable.wait()

    def close(self) -> None:
        """End the connection once everything is sent."""
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """End the connection at once, also one that is only about to be made."""
        self._aborted = True
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Asyncio's hook."""
        self._transport = cast(asyncio.Transport, transport)
        if self._aborted:
            self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Asyncio's hook."""
        self._writable.set()
        self._on_lost(self)

    def pause_writing(self) -> None:
        """Asyncio's hook."""
        self._writable.clear()
        if self._paced and self._transport is not None and not self._transport.is_closing():
            self._transport.pause_reading()

    def resume_writing(self) -> None:
        """Asyncio's hook."""
        self._writable.set()
        if self._paced and self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    def data_received(self, data: bytes) -> None:
        """Asyncio's hook."""
        self._buffer += data
        if len(self._buffer) < self._wanted:
            return
        stream, self._buffer = memoryview(self._buffer), bytearray()
        try:
            taken = self._take_messages(stream)
        except BadFrame:
            self.abort()
        else:
            self._buffer += stream[taken:]

    def _take_messages(self, stream: memoryview) -> int:
        """Hand on the whole messages of the stream; how many bytes they are."""
        begin = 0
        while not self._aborted:
            body = begin + HEAD_BYTES
            length = int.from_bytes(stream[begin:body], "big") if len(stream) >= body else 0
            if length > self.max_frame_bytes:
                raise BadFrame
            self._wanted = HEAD_BYTES + length
            end = begin + self._wanted
            if len(stream) < end:
                break
            self._on_message(self, self._message(stream[body:end]))
            begin = end
        return begin

    def _message(self, body: memoryview) -> Any:
        try:
            return self._decode(body)
        except (msgspec.MsgspecError, ValueError, RecursionError) as cause:
            raise BadFrame from cause
