"""Free ports of this machine."""

from __future__ import annotations

import random
import socket
from dataclasses import dataclass

from guerdon.services.cluster.errors import ClusterError

LOOPBACK = "127.0.0.1"

_LOWEST, _HIGHEST = 20_000, 32_000
"""Below the ports that the kernel gives to outgoing connections, so that none of those takes one meanwhile."""
_BLOCK = 200
_TRIES = 200
_BUSY = 10
"""Ports of a block with a purpose of their own; the others are for replicas, half for each protocol."""


@dataclass(frozen=True)
class Ports:
    """The ports of one private Ray, from one block, all but two of them on loopback."""

    http: int
    grpc: int
    first: int
    """First port of the block."""

    @property
    def gcs(self) -> int:
        """Ray's directory of nodes and actors."""
        return self.first

    @property
    def rest(self) -> int:
        """The REST API of Ray Serve."""
        return self.first + 1

    @property
    def fallback_http(self) -> int:
        """Serve's own proxy, which HAProxy asks when there is no replica."""
        return self.first + 2

    @property
    def fallback_grpc(self) -> int:
        """The same for gRPC."""
        return self.first + 3

    @property
    def haproxy_metrics(self) -> int:
        """HAProxy's Prometheus exporter."""
        return self.first + 4

    @property
    def haproxy_stats(self) -> int:
        """HAProxy's statistics page."""
        return self.first + 5

    @property
    def metrics(self) -> int:
        """Ray's Prometheus exporter."""
        return self.first + 6

    @property
    def rest_metrics(self) -> int:
        """Prometheus exporter of the process with the REST API."""
        return self.first + 7

    @property
    def direct_http(self) -> tuple[int, int]:
        """First and last port on which replicas of the gateway serve HTTP to HAProxy."""
        return self.first + _BUSY, self.first + _BLOCK // 2 - 1

    @property
    def direct_grpc(self) -> tuple[int, int]:
        """The same for gRPC."""
        return self.first + _BLOCK // 2, self.first + _BLOCK - 1


def choose_ports(host: str, http: int, grpc: int) -> Ports:
    """Check the two public ports and choose a block of free ones.

    Args:
        host: address of the public ports.
        http: HTTP port; 0 for a free one.
        grpc: gRPC port; 0 for a free one.

    Raises:
        ClusterError: a public port is in use, or no block is free.
    """
    return Ports(http=_public(host, http), grpc=_public(host, grpc), first=_free_block())


def _public(host: str, port: int) -> int:
    # Asked here, because HAProxy shares its ports: a second one would silently take half of the calls.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen()
        except OSError as cause:
            reason = cause.strerror or cause
            raise ClusterError(
                f"cannot listen on {host}:{port} ({reason}): choose another port, or 0 for a free one"
            ) from None
        return int(probe.getsockname()[1])


def _free_block() -> int:
    # Not the first free one: two that start at the same time would both find it.
    choose = random.SystemRandom()
    for _ in range(_TRIES):
        first = choose.randrange(_LOWEST, _HIGHEST - _BLOCK, _BLOCK)
        if all(_is_free(first + offset) for offset in range(_BLOCK)):
            return first
    raise ClusterError(f"no {_BLOCK} free ports in a row between {_LOWEST} and {_HIGHEST} on this machine")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("", port))
        except OSError:
            return False
    return True
