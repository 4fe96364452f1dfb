"""Scores on a running service, over HTTP or gRPC."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from guerdon.clients.python import GrpcClient, HttpClient, ScoreError
from guerdon.services.cli.calls import CallError, item_faults
from guerdon.services.cli.errors import CliError, ExitCode

TRY_AGAIN = frozenset({"overloaded", "verifier_unavailable"})
"""Refusals after which the same call is sent again: the service is there and asks to come back."""
TRIES = 5

_WAIT_S, _LONGEST_WAIT_S = 0.5, 30.0


class RemoteScorer:
    """A service behind a client."""

    def __init__(self, client: HttpClient | GrpcClient) -> None:
        self._client = client

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._client.close()

    def score(self, request: dict[str, Any]) -> dict[str, Any]:
        """Answer one request; one the service has no room for is sent again a few times.

        Raises:
            CallError: it is refused, or nobody answers.
        """
        wait_s = _WAIT_S
        for tries_left in reversed(range(TRIES)):
            try:
                return self._client.score(request)
            except ScoreError as error:
                if error.code not in TRY_AGAIN or not tries_left:
                    raise CallError(error.code, error.message, item_faults(error.pointers)) from None
                time.sleep(min(error.retry_after_s or wait_s, _LONGEST_WAIT_S))
                wait_s *= 2
        raise AssertionError("the last try returns or raises")

    def describe(self) -> dict[str, Any]:
        """Verifiers, profiles and limits.

        Raises:
            CliError: nobody answers, or the service refuses.
        """
        try:
            return self._client.describe()
        except ScoreError as error:
            raise CliError(f"{error.message} ({error.code})", ExitCode.SERVICE) from None


def connect(url: str, api_key: str) -> RemoteScorer:
    """A scorer on the service at a URL; nothing is sent yet.

    Args:
        url: ``http://…``, ``https://…`` or ``grpc://host:port``.
        api_key: the service's API key, or empty.

    Raises:
        CliError: the URL has another form.
    """
    parts = urlsplit(url)
    if parts.scheme in {"http", "https"} and parts.netloc:
        return RemoteScorer(HttpClient(url, api_key or None))
    if parts.scheme == "grpc" and parts.netloc and not parts.path.strip("/"):
        return RemoteScorer(GrpcClient(parts.netloc, api_key or None))
    raise CliError(f"--url {url!r}: write it as http://host:port, https://host:port or grpc://host:port")
