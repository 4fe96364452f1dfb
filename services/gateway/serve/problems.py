"""Answers in problem documents where Serve's Python proxy itself refuses an HTTP call or loses it.

The proxy answers in plain text, or with a bare 500 when the replica is gone, which says neither that another try
can help nor when. What the gateway answers passes unchanged: it never refuses in plain text.
"""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from guerdon.services.contract.errors import DeadlineExceeded, GuerdonError, Overloaded, VerifierUnavailable
from guerdon.services.gateway.http.problems import problem_response

SERVE_PREFIX = "/-/"
"""Paths that Serve itself answers: health for its load balancer, routes."""
RETRY_AFTER_S = 1.0

_TOLD: dict[int, tuple[type[GuerdonError], str]] = {
    404: (VerifierUnavailable, "no gateway is deployed at this path yet"),
    408: (DeadlineExceeded, "the time for a request is over"),
    429: (Overloaded, "all replicas of the gateway are full"),
    500: (VerifierUnavailable, "the replica of the gateway that had the call is gone"),
    503: (VerifierUnavailable, "no replica of the gateway takes calls now"),
}


class ServeProblems:
    """Turns what the proxy says about a call into a problem document.

    Args:
        app: Serve's proxy.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._serve = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http" or scope["path"].startswith(SERVE_PREFIX):
            await self._serve(scope, receive, send)
            return
        call = _Answer(send)
        await self._serve(scope, receive, call.send)
        # Serve says nothing at all when the replica is gone.
        status = call.refused if call.started else 500
        if status is not None:
            kind, message = _TOLD[status]
            await problem_response(kind(message, retry_after_s=RETRY_AFTER_S))(scope, receive, send)


class _Answer:
    """What the proxy sends for one request; its own refusals are held back."""

    def __init__(self, send: Send) -> None:
        self.started = False
        self.refused: int | None = None
        """Status of a refusal of the proxy's own."""
        self._send = send

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            if message["status"] in _TOLD and _is_plain_text(message):
                self.refused = message["status"]
        if self.refused is None:
            await self._send(message)


def _is_plain_text(start: Message) -> bool:
    return any(
        key.lower() == b"content-type" and value.startswith(b"text/plain") for key, value in start["headers"]
    )
