"""What the servers that a bench starts have in common: they tell their addresses and end with their parent."""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Callable

import msgspec


class Addresses(msgspec.Struct, frozen=True, kw_only=True):
    """Where a server answers; its first line of standard output, as JSON."""

    http: str
    """URL of the HTTP server."""
    grpc: str = ""
    """``host:port`` of the gRPC server, or empty."""


def announce(addresses: Addresses) -> None:
    """Tell the parent that the server answers."""
    sys.stdout.buffer.write(msgspec.json.encode(addresses) + b"\n")
    sys.stdout.buffer.flush()


def when_parent_ends(stop: Callable[[], None]) -> None:
    """Call ``stop`` once standard input ends: the parent closes it to stop us, or has died."""

    def wait() -> None:
        sys.stdin.buffer.read()
        stop()

    threading.Thread(target=wait, name="parent-watch", daemon=True).start()


def free_listener() -> socket.socket:
    """A listening socket on a free port of loopback."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    # Accepted connections inherit it; an event loop sets it only on sockets that it made itself.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener
