"""What a gateway and a replica tell each other."""

from __future__ import annotations

from typing import Literal

import msgspec

from guerdon.services.contract import Item, Verdict

PROTOCOL = 1
"""Both ends must speak the same; a replica hangs up on any other."""

ReplicaCondition = Literal["starting", "ready", "unavailable", "draining"]
Refusal = Literal["version", "overloaded", "draining", "not_ready"]


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """Where a replica listens, and what it wants to hear first; told only over a trusted channel."""

    id: str
    """Name of the replica."""
    host: str
    """Address of its node."""
    port: int
    """TCP port."""
    secret: str
    """What a gateway presents; made anew by every replica."""


class ReplicaReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a replica tells about itself, at every change and every second."""

    id: str
    """Name of the replica."""
    node: str
    """Name of its node."""
    condition: ReplicaCondition
    """Only a ready replica is given new calls; a draining one finishes those it is part of."""
    version: str = ""
    """Version of the verifier that new calls are judged by; empty before the first start."""
    kept_versions: tuple[str, ...] = ()
    """Earlier versions by which calls in progress may still be judged."""
    detail: str = ""
    """Why it is not ready, for operators."""
    slots: int = 1
    """How many items it works on at a time."""
    queued: int = 0
    """Items it was given and has not answered."""
    item_ms: float = 0.0
    """Recent time of work per item in milliseconds."""
    p50_ms: float = 0.0
    """Median time of recent calls in milliseconds, queueing included."""
    p99_ms: float = 0.0
    """99th percentile of the same."""
    items: int = 0
    """Items answered since it was started."""
    cpu_seconds: float = 0.0
    """CPU time of these items in seconds."""


class Hello(msgspec.Struct, frozen=True, tag="hello"):
    """First message of a gateway."""

    protocol: int
    """:data:`PROTOCOL`."""
    secret: str
    """The secret of the replica's :class:`Address`."""


class Score(msgspec.Struct, frozen=True, tag="score"):
    """Score a chunk."""

    call: int
    """Names the call on this connection."""
    version: str
    """Version of the verifier to judge by, and no other; empty for whatever is current."""
    timeout_ms: float | None
    """Time left in milliseconds; None for no limit."""
    rank: int
    """Priority class."""
    owner: str
    """Who asks."""
    items: list[Item]
    """What to judge."""
    traceparent: str = ""
    """W3C trace context of the call, or empty."""


class Cancel(msgspec.Struct, frozen=True, tag="cancel"):
    """Nobody waits for a call any more."""

    call: int
    """The call."""


class Report(msgspec.Struct, frozen=True, tag="report"):
    """The replica tells about itself."""

    replica: ReplicaReport
    """What it tells."""


class Scored(msgspec.Struct, frozen=True, tag="scored"):
    """A chunk is judged."""

    call: int
    """The call."""
    verdicts: list[Verdict]
    """One per item, in order."""
    cpu_ms: float
    """CPU time it cost in milliseconds."""


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """A chunk was not begun."""

    call: int
    """The call."""
    reason: Refusal
    """Why."""
    detail: str
    """Why, for people."""


ToReplica = Hello | Score | Cancel
ToGateway = Report | Scored | Refused
