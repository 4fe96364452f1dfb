"""The replica's end: accepts gateways that know its secret."""

from __future__ import annotations

import asyncio
import hmac
import logging
import secrets
from collections.abc import Callable

import msgspec

from guerdon.services.runtime.link.connection import MAX_FRAME_BYTES, BadFrame, Connection
from guerdon.services.runtime.link.messages import PROTOCOL, Address, Cancel, Hello, Score, ToReplica

log = logging.getLogger(__name__)

HELLO_TIMEOUT_S = 5.0
MAX_HELLO_BYTES = 1024
"""Strangers cannot make a replica hold more than this."""
MAX_CONNECTIONS = 256


class Listener:
    """Listens for gateways.

    Args:
        on_gateway: called with each gateway that has proved to know the secret.
        on_message: called with each of its messages.
        on_lost: called when its connection has ended.
    """

    def __init__(
        self,
        on_gateway: Callable[[Connection], None],
        on_message: Callable[[Connection, Score | Cancel], None],
        on_lost: Callable[[Connection], None],
    ) -> None:
        self.gateways: set[Connection] = set()
        self._on_gateway = on_gateway
        self._on_message = on_message
        self._on_lost = on_lost
        self._secret = secrets.token_hex(32)
        self._strangers: dict[Connection, asyncio.TimerHandle] = {}
        self._server: asyncio.Server | None = None

    async def start(self, host: str, replica_id: str) -> Address:
        """Listen on a free port of an address, and say how to reach it.

        Raises:
            OSError: the address is none of this machine.
        """
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._accept, host, 0)
        port = self._server.sockets[0].getsockname()[1]
        return Address(id=replica_id, host=host, port=port, secret=self._secret)

    async def close(self) -> None:
        """Take no more connections and end all."""
        if self._server is not None:
            self._server.close()
        for connection in (*self.gateways, *self._strangers):
            connection.close()

    def broadcast(self, message: msgspec.Struct) -> None:
        """Send a message to all gateways."""
        for connection in self.gateways:
            connection.send(message)

    def _accept(self) -> Connection:
        connection = Connection(ToReplica, self._receive, self._lose, MAX_HELLO_BYTES)
        timer = asyncio.get_running_loop().call_later(HELLO_TIMEOUT_S, self._turn_away, connection)
        self._strangers[connection] = timer
        if len(self._strangers) + len(self.gateways) > MAX_CONNECTIONS:
            asyncio.get_running_loop().call_soon(self._turn_away, connection)
        return connection

    def _turn_away(self, connection: Connection) -> None:
        if connection in self._strangers:
            log.warning("stranger_turned_away")
            connection.abort()

    def _receive(self, connection: Connection, message: ToReplica) -> None:
        if connection in self.gateways and not isinstance(message, Hello):
            self._on_message(connection, message)
        elif (
            isinstance(message, Hello)
            and connection in self._strangers
            and message.protocol == PROTOCOL
            and hmac.compare_digest(message.secret.encode(), self._secret.encode())
        ):
            self._strangers.pop(connection).cancel()
            connection.max_frame_bytes = MAX_FRAME_BYTES
            self.gateways.add(connection)
            self._on_gateway(connection)
        else:
            log.warning("stranger_turned_away")
            raise BadFrame

    def _lose(self, connection: Connection) -> None:
        timer = self._strangers.pop(connection, None)
        if timer is not None:
            timer.cancel()
        if connection in self.gateways:
            self.gateways.discard(connection)
            self._on_lost(connection)
