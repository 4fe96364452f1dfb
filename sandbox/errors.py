"""Errors of the sandbox itself; what a program does wrong is a verdict, never an exception.

SandboxError
├── TierUnavailable      this host cannot give the isolation that was asked for
├── UnknownLanguage      no such language, or its toolchain is missing here
├── InvalidProgram       a request that no run can come of (an entry point in a language without calls, …)
├── Overloaded           the queue is full; retry after ``retry_after_ms``
├── DeadlineExceeded     the caller's deadline passed before anything was judged
└── SandboxClosed        the engine was closed
"""


class SandboxError(Exception):
    """Base of all errors the sandbox raises; ``retryable`` says whether the same call may succeed later."""

    retryable = False


class TierUnavailable(SandboxError):
    """The isolation asked for cannot be had on this host."""


class UnknownLanguage(SandboxError):
    """The language is not known or its toolchain is not installed."""


class InvalidProgram(SandboxError):
    """The request makes no sense; running it was not tried."""


class Overloaded(SandboxError):
    """The queue is full."""

    retryable = True

    def __init__(self, message: str, retry_after_ms: float = 0.0) -> None:
        super().__init__(message, retry_after_ms)
        self.retry_after_ms = retry_after_ms

    def __str__(self) -> str:
        return str(self.args[0])


class DeadlineExceeded(SandboxError):
    """The deadline passed before anything was judged."""

    retryable = True


class SandboxClosed(SandboxError):
    """The engine was closed while the call waited, or before it."""
