"""Hands what a replica knows about itself to Ray's metrics, which export it under the prefix ``ray_``."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import NoReturn

from ray.util.metrics import Counter, Gauge

from guerdon.services.runtime.report import ReplicaReport

PERIOD_S = 5.0
_TAGS = ("application", "verifier", "replica")


class ReplicaMetrics:
    """The metrics of one replica, apart for each of its verifiers.

    Args:
        application: its application's name.
        reports: what each verifier tells of itself now.
    """

    def __init__(self, application: str, reports: Callable[[], Mapping[str, ReplicaReport]]) -> None:
        self._application = application
        self._reports = reports
        self._queued = Gauge("guerdon_replica_queued_items", "Items given and not answered.", _TAGS)
        self._item = Gauge("guerdon_replica_item_seconds", "Recent time of work per item.", _TAGS)
        self._ready = Gauge("guerdon_replica_ready", "1 where the replica takes calls.", _TAGS)
        self._items = Counter("guerdon_replica_items", "Items answered.", _TAGS)
        self._cpu = Counter("guerdon_replica_cpu_seconds", "CPU time of these items.", _TAGS)
        self._told_items: dict[str, float] = defaultdict(float)
        self._told_cpu_seconds: dict[str, float] = defaultdict(float)

    async def keep_current(self) -> NoReturn:
        """Hand over again and again."""
        while True:
            self.hand_over()
            await asyncio.sleep(PERIOD_S)

    def hand_over(self) -> None:
        """Hand over the state of now and what was added since the last time."""
        for verifier, report in self._reports().items():
            tags = {"application": self._application, "verifier": verifier, "replica": report.id}
            self._queued.set(sum(report.queued), tags)
            self._item.set(report.item_ms / 1000, tags)
            self._ready.set(float(report.condition == "ready"), tags)
            self._add(self._items, report.items, self._told_items, tags)
            self._add(self._cpu, report.cpu_seconds, self._told_cpu_seconds, tags)

    def _add(self, counter: Counter, total: float, told: dict[str, float], tags: dict[str, str]) -> None:
        """Count what has been added to a total of a verifier since it was told."""
        verifier = tags["verifier"]
        if total > told[verifier]:
            counter.inc(total - told[verifier], tags)
            told[verifier] = total
