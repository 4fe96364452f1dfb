"""Errors over HTTP: RFC 9457 problem documents, made from the one error table."""

from __future__ import annotations

import math

import msgspec
from starlette.responses import Response

from guerdon.services.contract.errors import GuerdonError, Pointer

MEDIA_TYPE = "application/problem+json"


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """A problem document (RFC 9457)."""

    type: str
    """``urn:guerdon:error:`` and the error's code."""
    title: str
    """The kind of error, for people."""
    status: int
    """The HTTP status."""
    detail: str
    """What happened, with which value, what to do."""
    code: str
    """Stable name of the error."""
    retryable: bool
    """Whether the same call can succeed later."""
    errors: list[Pointer] = []
    """The faulty places of the request."""


def problem_of(error: GuerdonError) -> Problem:
    """The problem document of an error."""
    code = error.code()
    return Problem(
        type=f"urn:guerdon:error:{code}",
        title=error.title,
        status=error.row.http,
        detail=error.message,
        code=code,
        retryable=error.retryable,
        errors=list(error.pointers),
    )


def problem_response(error: GuerdonError) -> Response:
    """The HTTP answer of an error."""
    headers = {}
    if error.retry_after_s is not None:
        headers["Retry-After"] = str(math.ceil(error.retry_after_s))
    if error.row.http == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return respond(problem_of(error), error.row.http, headers)


def plain_problem(status: int, title: str, detail: str, headers: dict[str, str] | None = None) -> Response:
    """A problem of HTTP itself, such as an unknown path."""
    code = title.lower().replace(" ", "_")
    problem = Problem(type="about:blank", title=title, status=status, detail=detail, code=code, retryable=False)
    return respond(problem, status, headers or {})


def respond(problem: Problem, status: int, headers: dict[str, str]) -> Response:
    """Send a problem document."""
    return Response(msgspec.json.encode(problem), status, headers, media_type=MEDIA_TYPE)
