"""What travels between a proxy of Serve's and a replica of the gateway when a gRPC call is relayed."""

from __future__ import annotations

from typing import NamedTuple

Metadata = tuple[tuple[str, str | bytes], ...]


class RelayedCall(NamedTuple):
    """One call, or one request of a session."""

    method: str
    """Full name, such as ``/guerdon.v1.RewardService/Score``."""
    request: bytes | None
    """The undecoded message; None opens a session without a request."""
    metadata: Metadata
    """What the client sent of the metadata that the gateway reads."""
    remaining_s: float | None
    """Time that is left of the client's deadline, in seconds, or None where it has none."""
    place: str = ""
    """Name of a session's request for its events, where the request has none of its own."""


class Ending(NamedTuple):
    """How a call ended that failed."""

    code: int
    """A gRPC status code."""
    details: str
    """The message."""
    trailers: Metadata
    """Trailing metadata, with ``grpc-status-details-bin``."""


class Answer(NamedTuple):
    """What a call with one answer has come to: exactly one of both is there."""

    message: bytes | None
    """The undecoded answer; empty where a session was opened."""
    ending: Ending | None
    """The failure."""
