"""HTTP/1.1 over kept connections, as little of it as load needs: prebuilt requests, answers with a length."""

from __future__ import annotations

import asyncio
from typing import Literal, Self
from urllib.parse import urlsplit

from guerdon.services.bench.client import Answer

_BUFFER_BYTES = 64 << 20
_SHOWN_CHARS = 200
_OK = 200
_KINDS: dict[int, Literal["refused", "expired"]] = {429: "refused", 504: "expired"}

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class HttpClient:
    """A client that opens as many connections as it has calls in flight.

    Args:
        url: ``http://host:port``.
        api_key: the service's API key, or empty.
    """

    def __init__(self, url: str, api_key: str = "") -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "", parts.port or 80
        key = f"Authorization: Bearer {api_key}\r\n" if api_key else ""
        self._head = (
            f"POST /score HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: application/json\r\n{key}"
            "Content-Length: "
        ).encode("latin-1")
        self._idle: list[Connection] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *raised: object) -> None:
        for _, writer in self._idle:
            writer.close()
        await asyncio.gather(*(writer.wait_closed() for _, writer in self._idle), return_exceptions=True)

    async def call(self, body: bytes) -> Answer:
        """Send one request and wait for its end."""
        connection: Connection | None = None
        try:
            connection = self._idle.pop() if self._idle else await self._connect()
            status, raw = await self._exchange(connection, body)
        except (OSError, EOFError, asyncio.LimitOverrunError, ValueError) as cause:
            if connection is not None:
                connection[1].close()
            return Answer("failed", message=f"{type(cause).__name__}: {cause}"[:_SHOWN_CHARS])
        self._idle.append(connection)
        if status == _OK:
            return Answer("answered", raw)
        message = f"HTTP {status}: {raw[:_SHOWN_CHARS].decode(errors='replace')}"
        return Answer(_KINDS.get(status, "failed"), message=message)

    async def _connect(self) -> Connection:
        return await asyncio.open_connection(self._host, self._port, limit=_BUFFER_BYTES)

    async def _exchange(self, connection: Connection, body: bytes) -> tuple[int, bytes]:
        reader, writer = connection
        writer.write(b"%b%d\r\n\r\n" % (self._head, len(body)))
        writer.write(body)
        await writer.drain()
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        status = int(head[9:12])
        start = head.find(b"\r\ncontent-length:")
        if start < 0:
            raise ValueError("an answer without Content-Length")
        length = int(head[start + 17 : head.index(b"\r\n", start + 17)])
        return status, await reader.readexactly(length)
