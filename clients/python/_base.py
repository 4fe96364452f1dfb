"""What the clients of both transports have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Any, Self

GRACE_S = 5.0
"""Time beyond the call's own, for the way there and back: the service answers at its deadline by itself."""
LONGEST_S = 605.0
"""For a call that states no time: beyond what a service allows by default."""


class Client(ABC):
    """Scores batches; a context manager that closes its connections."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def score(self, request: dict[str, Any], timeout_ms: int | None = None) -> dict[str, Any]:
        """Score a batch.

        Args:
            request: the body of ``POST /score``.
            timeout_ms: time to wait in milliseconds, in place of the request's own.

        Returns:
            The body of the answer; a missing verdict is None.

        Raises:
            ScoreError: the call failed as a whole.
        """
        if timeout_ms is not None:
            request = {**request, "timeout_ms": timeout_ms}
        stated_ms = request.get("timeout_ms")
        wait_s = LONGEST_S
        if isinstance(stated_ms, int) and stated_ms > 0:
            wait_s = stated_ms / 1000 + GRACE_S
        return self._score(request, wait_s)

    @abstractmethod
    def describe(self) -> dict[str, Any]:
        """Verifiers, profiles, limits and digest of the service, or ScoreError."""

    @abstractmethod
    def close(self) -> None:
        """Close all connections."""

    @abstractmethod
    def _score(self, request: dict[str, Any], wait_s: float) -> dict[str, Any]:
        """Send a request and wait so many seconds for the answer."""
