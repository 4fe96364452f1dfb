"""The gateway of this process, for hooks that Serve calls without telling them whom they serve.

Serve sets up its gRPC servers through a plain function, in the process of every gateway replica and in its
proxies; only the former have a gateway.
"""

from __future__ import annotations

from guerdon.services.gateway.core import Gateway

_gateway: Gateway | None = None


def set_gateway(gateway: Gateway) -> None:
    """Make a gateway the one of this process."""
    global _gateway
    _gateway = gateway


def current_gateway() -> Gateway | None:
    """The gateway of this process, or None in a proxy."""
    return _gateway
