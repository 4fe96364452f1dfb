"""The byte stream behind Docker's attach: standard input goes in raw, output comes out in labelled pieces."""

import asyncio
import socket
from collections import deque

HEADER_BYTES = 8
"""Each piece's stream number, three zeros and its length as a big-endian 32-bit number."""
_STDERR = 2
_KEPT_LINES = 20


class Demultiplexer(asyncio.Protocol):
    """Hands what a container writes to standard output on to another protocol and keeps the end of standard error.

    Args:
        inner: sees the attached container as an ordinary connection.
    """

    def __init__(self, inner: asyncio.Protocol) -> None:
        self._inner = inner
        self._buffer = bytearray()
        self._stream = 0
        self._left = 0
        self._stderr: deque[bytes] = deque(maxlen=_KEPT_LINES)

    @property
    def stderr(self) -> str:
        """The last pieces of standard error, for messages to people."""
        return b"".join(self._stderr).decode(errors="replace").strip()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Pass the transport on."""
        self._inner.connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Pass the end on."""
        self._inner.connection_lost(exc)

    def pause_writing(self) -> None:
        """Pass back-pressure on."""
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        """Pass its end on."""
        self._inner.resume_writing()

    def eof_received(self) -> bool | None:
        """Pass the container's end on."""
        return self._inner.eof_received()

    def data_received(self, data: bytes) -> None:
        """Cut the pieces apart; a long one is handed on as it comes."""
        self._buffer += data
        at, end = 0, len(self._buffer)
        out: list[bytes] = []
        while at < end:
            if not self._left:
                if end - at < HEADER_BYTES:
                    break
                self._stream = self._buffer[at]
                self._left = int.from_bytes(self._buffer[at + 4 : at + HEADER_BYTES], "big")
                at += HEADER_BYTES
                continue
            piece = bytes(self._buffer[at : min(end, at + self._left)])
            at += len(piece)
            self._left -= len(piece)
            if self._stream == _STDERR:
                self._stderr.append(piece[-4096:])
            else:
                out.append(piece)
        del self._buffer[:at]
        if out:
            self._inner.data_received(out[0] if len(out) == 1 else b"".join(out))


class Collector(asyncio.Protocol):
    """Keeps all it is given."""

    def __init__(self) -> None:
        self.data = bytearray()

    def data_received(self, data: bytes) -> None:
        """Keep more."""
        self.data += data


async def adopt(connection: socket.socket, inner: asyncio.Protocol) -> Demultiplexer:
    """Take over a connection that Docker has upgraded to a raw stream; it belongs to ``inner`` from here on."""
    loop = asyncio.get_running_loop()
    connection.setblocking(False)
    connect = loop.create_unix_connection if connection.family == socket.AF_UNIX else loop.create_connection
    _, pieces = await connect(lambda: Demultiplexer(inner), sock=connection)
    return pieces
