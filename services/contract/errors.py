"""Errors of a whole call, in one table for both transports.

::

    GuerdonError
    ├── InvalidRequest           the request cannot be read or contradicts itself
    ├── UnsupportedMediaType     the body is not JSON by its own account
    ├── UnknownVerifier          a reward name nobody registered
    ├── UnknownProfile           a profile name nobody configured
    ├── Unauthenticated          no API key, or a wrong one
    ├── Forbidden                the API key may not use this verifier
    ├── BatchTooLarge            too many items or bytes: split
    ├── Conflict                 a request_id used again with another body
    ├── DigestMismatch           the deployment is not the one the caller pinned
    ├── Overloaded               no room now: come back later
    ├── VerifierUnavailable      no requested verifier could answer anything
    ├── DeadlineExceeded         time ran out before anything was done
    └── InternalError            a fault of the service

Attribution. Whatever concerns one item or one component is never an error of the call: it is a status inside
a 200 answer (:mod:`~guerdon.services.contract.status`). A verifier's author raises plain Python errors or
none; the runtime wraps the one crossing into verifier code and books what comes out of it as ``error``, with
null for a score. A score of 0.0 is only ever a verdict on the completion.

Errors cross process borders (Ray pickles them), so each is rebuilt from its arguments alone.
"""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

import msgspec


class Pointer(msgspec.Struct, frozen=True):
    """One faulty place of a request."""

    pointer: str
    """JSON Pointer (RFC 6901) into the request body."""
    detail: str
    """What is wrong there."""


class Row(NamedTuple):
    """One row of the table: how an error looks on each transport."""

    http: int
    grpc: str
    retryable: bool


class GuerdonError(Exception):
    """Base of all errors of a call.

    Args:
        message: what happened, with which value, what to do.
        pointers: the faulty places of the request, where that is the trouble.
        retry_after_s: seconds to wait before another try, where one can help.
    """

    row: ClassVar[Row]
    title: ClassVar[str]

    def __init__(
        self, message: str, *, pointers: tuple[Pointer, ...] = (), retry_after_s: float | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.pointers = pointers
        self.retry_after_s = retry_after_s

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.message, self.pointers, self.retry_after_s)

    @property
    def retryable(self) -> bool:
        """Whether the same call can succeed later."""
        return self.row.retryable

    @classmethod
    def code(cls) -> str:
        """Stable name of the error on the wire, such as ``batch_too_large``."""
        return "".join(f"_{char.lower()}" if char.isupper() else char for char in cls.__name__).lstrip("_")


class InvalidRequest(GuerdonError):
    """The request cannot be read or contradicts itself."""

    row, title = Row(422, "INVALID_ARGUMENT", False), "Invalid request"


class UnsupportedMediaType(GuerdonError):
    """The body is not JSON by its own account."""

    row, title = Row(415, "INVALID_ARGUMENT", False), "Unsupported media type"


class UnknownVerifier(GuerdonError):
    """A reward name that no verifier has registered."""

    row, title = Row(404, "NOT_FOUND", False), "Unknown verifier"


class UnknownProfile(GuerdonError):
    """A profile name that is not configured."""

    row, title = Row(404, "NOT_FOUND", False), "Unknown profile"


class Unauthenticated(GuerdonError):
    """No API key was sent, or a wrong one."""

    row, title = Row(401, "UNAUTHENTICATED", False), "Unauthenticated"


class Forbidden(GuerdonError):
    """The API key may not use this verifier."""

    row, title = Row(403, "PERMISSION_DENIED", False), "Forbidden"


class BatchTooLarge(GuerdonError):
    """The batch has too many items or bytes; split it."""

    row, title = Row(413, "INVALID_ARGUMENT", False), "Batch too large"


class Conflict(GuerdonError):
    """The request_id was used before with another body."""

    row, title = Row(409, "ALREADY_EXISTS", False), "Conflict"


class DigestMismatch(GuerdonError):
    """The deployment's digest is not the expected one; no verdict was given."""

    row, title = Row(412, "FAILED_PRECONDITION", False), "Digest mismatch"


class Overloaded(GuerdonError):
    """The service has no room for this call now."""

    row, title = Row(429, "RESOURCE_EXHAUSTED", True), "Overloaded"


class VerifierUnavailable(GuerdonError):
    """None of the requested verifiers could answer anything."""

    row, title = Row(503, "UNAVAILABLE", True), "Verifier unavailable"


class DeadlineExceeded(GuerdonError):
    """The time ran out before any verdict was reached."""

    row, title = Row(504, "DEADLINE_EXCEEDED", True), "Deadline exceeded"


class InternalError(GuerdonError):
    """A fault of the service that kept it from answering the call at all."""

    row, title = Row(500, "INTERNAL", False), "Internal error"


ERRORS: tuple[type[GuerdonError], ...] = (
    InvalidRequest,
    UnsupportedMediaType,
    UnknownVerifier,
    UnknownProfile,
    Unauthenticated,
    Forbidden,
    BatchTooLarge,
    Conflict,
    DigestMismatch,
    Overloaded,
    VerifierUnavailable,
    DeadlineExceeded,
    InternalError,
)
"""The table, in the order of the docstring."""


def _rebuild(
    kind: type[GuerdonError], message: str, pointers: tuple[Pointer, ...], retry_after_s: float | None
) -> GuerdonError:
    return kind(message, pointers=pointers, retry_after_s=retry_after_s)
