"""The gateway of this process, for hooks that Serve calls without telling them whom they serve.

Serve sets up its servers through plain functions, in the process of every gateway replica and in its proxies; only
the former have a gateway.
"""

from __future__ import annotations

from starlette.types import ASGIApp

from guerdon.services.gateway.core import Gateway

_gateway: Gateway | None = None
_app: ASGIApp | None = None


def set_gateway(gateway: Gateway) -> None:
    """Make a gateway the one of this process."""
    global _gateway
    _gateway = gateway


def current_gateway() -> Gateway | None:
    """The gateway of this process, or None in a proxy."""
    return _gateway


def set_app(app: ASGIApp) -> None:
    """Make an application the HTTP side of the gateway of this process."""
    global _app
    _app = app


def current_app() -> ASGIApp | None:
    """The HTTP application of this process, or None in a proxy."""
    return _app
