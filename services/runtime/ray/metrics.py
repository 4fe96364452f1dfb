"""Hands what a replica knows about itself to Ray's metrics, which export it under the prefix ``ray_``."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import NoReturn

from ray.util.metrics import Counter, Gauge

from guerdon.services.runtime.report import ReplicaReport

PERIOD_S = 5.0
_TAGS = ("verifier", "replica")


class ReplicaMetrics:
    """The metrics of one replica.

    Args:
        verifier: its verifier's name.
        report: what it tells of itself now.
    """

    def __init__(self, verifier: str, report: Callable[[], ReplicaReport]) -> None:
        self._verifier = verifier
        self._report = report
        self._queued = Gauge("guerdon_replica_queued_items", "Items given and not answered.", _TAGS)
        self._item = Gauge("guerdon_replica_item_seconds", "Recent time of work per item.", _TAGS)
        self._ready = Gauge("guerdon_replica_ready", "1 where the replica takes calls.", _TAGS)
        self._items = Counter("guerdon_replica_items", "Items answered.", _TAGS)
        self._cpu = Counter("guerdon_replica_cpu_seconds", "CPU time of these items.", _TAGS)
        self._told_items = 0
        self._told_cpu_seconds = 0.0

    async def keep_current(self) -> NoReturn:
        """Hand over again and again."""
        while True:
            self.hand_over()
            await asyncio.sleep(PERIOD_S)

    def hand_over(self) -> None:
        """Hand over the state of now and what was added since the last time."""
        report = self._report()
        tags = {"verifier": self._verifier, "replica": report.id}
        self._queued.set(sum(report.queued), tags)
        self._item.set(report.item_ms / 1000, tags)
        self._ready.set(float(report.condition == "ready"), tags)
        if report.items > self._told_items:
            self._items.inc(report.items - self._told_items, tags)
            self._told_items = report.items
        if report.cpu_seconds > self._told_cpu_seconds:
            self._cpu.inc(report.cpu_seconds - self._told_cpu_seconds, tags)
            self._told_cpu_seconds = report.cpu_seconds
