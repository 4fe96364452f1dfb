"""What a replica of a verifier tells about itself: to gateways, and through them to operators."""

from __future__ import annotations

from typing import Literal

import msgspec

ReplicaCondition = Literal["starting", "ready", "unavailable", "draining"]


class ReplicaReport(msgspec.Struct, frozen=True, kw_only=True):
    """One replica as it is now."""

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
    queued: tuple[int, ...] = ()
    """Items it was given and has not answered, by priority class."""
    item_ms: float = 0.0
    """Recent time of work per item in milliseconds."""
    drain_ms: float = 0.0
    """Recent time in which it got one item done while there was work, in milliseconds."""
    p50_ms: float = 0.0
    """Median time of recent calls in milliseconds, queueing included."""
    p99_ms: float = 0.0
    """99th percentile of the same."""
    items: int = 0
    """Items answered since it was started."""
    cpu_seconds: float = 0.0
    """CPU time of these items in seconds."""
