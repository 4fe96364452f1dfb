"""What a failed call raises."""

from __future__ import annotations

from typing import NamedTuple


class Pointer(NamedTuple):
    """One faulty place of a request."""

    pointer: str
    """JSON Pointer (RFC 6901) into the request."""
    detail: str
    """What is wrong there."""


class ScoreError(Exception):
    """A call that was not answered; no verdict was given.

    Args:
        code: stable name, such as ``invalid_request`` or ``overloaded``; ``unreachable`` where no service
            answers, ``unexpected_answer`` where something else than Guerdon does.
        message: what happened and what to do.
        status: HTTP status of the error, over gRPC too.
        pointers: the faulty places of the request, where that is the trouble.
        retryable: whether the same call can succeed later.
        retry_after_s: seconds to wait before another try, where the service said so.
    """

    def __init__(
        self,
        code: str,
        message: str,
        status: int,
        pointers: tuple[Pointer, ...] = (),
        retryable: bool = False,
        retry_after_s: float | None = None,
    ) -> None:
        # All of them are arguments of the exception, so that it can be pickled.
        super().__init__(code, message, status, pointers, retryable, retry_after_s)
        self.code = code
        self.message = message
        self.status = status
        self.pointers = pointers
        self.retryable = retryable
        self.retry_after_s = retry_after_s

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"
