"""``RAY_SERVE_HTTP_PROXY_CALLBACK_IMPORT_PATH=guerdon.services.gateway.serve.straight:middlewares``.

Serve wraps every HTTP request of a replica in bookkeeping of its own (request context, access log, per-request
metrics, a task that watches the client), which cost about as much CPU as the rest of a small call. The gateway
has all of this itself, so in a replica of the gateway requests go straight to its application. Serve's own
paths, and everything in its proxies, take the usual way.
"""

from __future__ import annotations

from starlette.middleware import Middleware
from starlette.types import ASGIApp, Receive, Scope, Send

from guerdon.services.gateway.serve.current import current_app
from guerdon.services.gateway.serve.problems import ServeProblems

SERVE_PREFIX = "/-/"
"""Paths that Serve itself answers: health for its load balancer, routes."""


class StraightToGateway:
    """Hands HTTP requests to the gateway of this process, if there is one."""

    def __init__(self, app: ASGIApp) -> None:
        self._serve = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        app = current_app()
        if app is None or scope["type"] != "http" or scope["path"].startswith(SERVE_PREFIX):
            app = self._serve
        await app(scope, receive, send)


def middlewares() -> list[Middleware]:
    """What Serve puts in front of its HTTP servers."""
    return [Middleware(StraightToGateway), Middleware(ServeProblems)]
