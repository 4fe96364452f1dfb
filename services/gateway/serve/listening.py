"""Where the cluster that this replica belongs to listens for callers."""

from __future__ import annotations

import os

from ray.serve.context import _get_global_client

LOOPBACK = "127.0.0.1"
EVERYWHERE = "0.0.0.0"  # noqa: S104 - recognised, not bound


def listening_host() -> str:
    """The address of Serve's HTTP port, or every address where its gRPC port is on all of them; blocks shortly.

    A private Ray is the business of the process that started it: Serve itself listens on loopback there, and what
    stands in front of it has been checked.
    """
    if os.environ.get("GUERDON_RUN"):
        return LOOPBACK
    client = _get_global_client()
    host = client.http_config.host if client is not None else None
    behind_haproxy = os.environ.get("RAY_SERVE_ENABLE_HA_PROXY") == "1"
    # Serve's own proxy binds its gRPC port on every address, whatever the HTTP host is.
    return (host or EVERYWHERE) if behind_haproxy else EVERYWHERE
