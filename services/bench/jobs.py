"""What the bench tells its load generator, and what it hears back."""

from __future__ import annotations

from typing import Literal

import msgspec

from guerdon.services.bench.payloads import Payload

Transport = Literal["http", "grpc", "function"]


class LoadJob(msgspec.Struct, frozen=True, kw_only=True, tag="load"):
    """Send one payload again and again for a while."""

    transport: Transport
    """``function`` calls the plain function instead of a server."""
    address: str = ""
    """URL for HTTP, ``host:port`` for gRPC."""
    api_key: str = ""
    """The service's API key, or empty."""
    pids: list[int] = []
    """Processes whose CPU time counts, with their families."""
    payload: Payload
    """What each call asks."""
    seconds: float
    """How long calls are begun."""
    concurrency: int = 1
    """Calls in flight; without meaning where there is a rate."""
    rate: float = 0.0
    """Calls a second that are begun whatever becomes of them; 0 for one after the other."""
    min_calls: int = 3
    """Calls made at least, however long they take."""
    warm_up: int = 1
    """Calls made before on each connection, not measured."""


class StepJob(msgspec.Struct, frozen=True, kw_only=True, tag="step"):
    """Score the completions of one training step as they end."""

    transport: Transport
    """``grpc`` uses one ``ScoreSession``, ``http`` a small batch each tick."""
    address: str
    """URL for HTTP, ``host:port`` for gRPC."""
    api_key: str = ""
    """The service's API key, or empty."""
    pids: list[int] = []
    """Processes whose CPU time counts, with their families."""
    seed: int
    """What the completions are made from; another one for each step."""
    completions: int = 512
    """Completions of the step."""
    group: int = 16
    """Completions of one prompt."""
    span_s: float = 2.0
    """Time from the first token to the last, in seconds."""
    tick_ms: float = 50.0
    """Over HTTP: how often what has ended is sent, in milliseconds."""


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one job."""

    wall_s: float
    """From the first call's begin to the last one's end, in seconds."""
    cpu_s: float | None
    """CPU seconds of the counted processes in that time; None where none are counted."""
    latencies_ms: list[float]
    """Of every answered call, or in a step of every completion from its last token to its verdict."""
    sizes: list[int] = []
    """Verdicts with a score in each answered call, in the order of the latencies."""
    refused_ms: list[float] = []
    """Of every call that was refused for want of room."""
    last_ms: float = 0.0
    """In a step: from the last token of all to the last verdict."""
    expired: int = 0
    """Calls whose time ran out before anything was done."""
    failures: dict[str, int] = {}
    """Calls without an answer, by what happened."""
    expected: int = 0
    """Verdicts owed by answered calls."""
    statuses: dict[str, int] = {}
    """Verdicts that came, by status; ``ok`` only with a score."""
    cached: int = 0
    """Verdicts that came from the cache."""
    late_ms: float = 0.0
    """Worst delay of the generator itself in beginning a call that was due."""

    @property
    def missing(self) -> int:
        """Verdicts that did not come, or came without a score."""
        return self.expected - self.statuses.get("ok", 0)


class Failure(msgspec.Struct, frozen=True, kw_only=True, tag="failure"):
    """The job could not be carried out."""

    message: str
    """Why."""


class Done(msgspec.Struct, frozen=True, kw_only=True, tag="done"):
    """The job was carried out."""

    window: Window
    """What became of it."""
