"""Reads what a request carries: its body within the size limit, its headers, its token."""

from __future__ import annotations

from starlette.requests import ClientDisconnect, Request

from guerdon.services.contract.errors import BatchTooLarge, InvalidRequest, Pointer, UnsupportedMediaType
from guerdon.services.contract.requests import MAX_NAME, ScoreRequest
from guerdon.services.gateway.auth import bearer_token

TIMEOUT_HEADER = "X-Request-Timeout-Ms"
KEY_HEADER = "Idempotency-Key"
CLIENT_CLOSED_REQUEST = 499
"""Status of an answer that nobody is there to read; what nginx logs for it."""


async def read_body(request: Request, max_bytes: int) -> bytes:
    """The body, refused as soon as it is known to be too large.

    Raises:
        BatchTooLarge: more than ``max_bytes`` bytes.
        UnsupportedMediaType: a content type that is not JSON.
        ClientDisconnect: the client went away.
    """
    media_type = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if media_type != "application/json" and not media_type.endswith("+json"):
        raise UnsupportedMediaType(f"the body is {media_type[:80]!r}; send application/json")
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > max_bytes:
        raise _too_large(max_bytes)
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > max_bytes:
            raise _too_large(max_bytes)
    return bytes(body)


def apply_headers(request: ScoreRequest, timeout: str | None, key: str | None) -> ScoreRequest:
    """The request with what headers say about its time and its name.

    Raises:
        InvalidRequest: a header cannot be read, or contradicts the body.
    """
    changes: dict[str, object] = {}
    if timeout is not None:
        if not (timeout.isascii() and timeout.isdigit() and 0 < int(timeout[:12]) <= 86_400_000):
            raise _bad_header(TIMEOUT_HEADER, f"is {timeout[:40]!r}, not milliseconds between 1 and 86400000")
        changes["timeout_ms"] = min(int(timeout[:12]), request.timeout_ms or 86_400_000)
    if key is not None:
        if request.request_id and request.request_id != key:
            raise _bad_header(KEY_HEADER, "differs from the body's request_id; send one of them")
        if not 0 < len(key) <= MAX_NAME:
            raise _bad_header(KEY_HEADER, f"needs 1 to {MAX_NAME} characters")
        changes["request_id"] = key
    return request.model_copy(update=changes) if changes else request


def token_of(request: Request) -> str | None:
    """The API key a request carries."""
    return bearer_token(request.headers.get("authorization"), request.headers.get("x-api-key"))


async def disconnected(request: Request) -> None:
    """Return when the client has gone away; the body must have been read."""
    try:
        while (await request.receive())["type"] != "http.disconnect":
            pass
    except ClientDisconnect:
        return


def _too_large(max_bytes: int) -> BatchTooLarge:
    return BatchTooLarge(f"the body has more than {max_bytes} bytes: split the batch")


def _bad_header(name: str, detail: str) -> InvalidRequest:
    return InvalidRequest(f"the header {name} {detail}", pointers=(Pointer("", f"header {name} {detail}"),))
