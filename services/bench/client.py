"""What a client of the load generator answers with."""

from __future__ import annotations

from typing import Literal, NamedTuple, Protocol, Self


class Answer(NamedTuple):
    """The end of one call."""

    kind: Literal["answered", "refused", "expired", "failed"]
    """``refused`` is for want of room (429, RESOURCE_EXHAUSTED), ``expired`` says that the call's time ran out
    before anything was done (504, DEADLINE_EXCEEDED), ``failed`` is anything else that is no answer."""
    raw: bytes = b""
    """The answer as it came."""
    message: str = ""
    """What happened, where it is no answer."""


class Client(Protocol):
    """Sends prebuilt requests over connections it keeps."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *raised: object) -> None: ...

    async def call(self, body: bytes) -> Answer:
        """Send one request and wait for its end; raises nothing that a server or network can cause."""
