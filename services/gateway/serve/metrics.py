"""Hands the gateway's metrics to Ray, whose agents export them for every node under the prefix ``ray_``.

The metrics are counted once, in the process's Prometheus registry that ``/metrics`` shows; what was added since
the last time goes to Ray. Ray's histograms take single observations only, so the buckets of ours travel as
counters with the label ``le``, which ``histogram_quantile`` reads just the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import NoReturn

from prometheus_client import CollectorRegistry
from prometheus_client.samples import Sample
from ray.util.metrics import Counter, Gauge

PERIOD_S = 5.0
"""Ray's own exporters gather every ten seconds."""

Series = tuple[str, tuple[tuple[str, str], ...]]
"""A sample's name and labels."""


class RayMetrics:
    """Mirrors a registry.

    Args:
        registry: where the metrics are counted.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry
        self._metrics: dict[str, Counter | Gauge] = {}
        self._told: dict[Series, float] = {}

    async def mirror(self) -> NoReturn:
        """Hand over what has changed, again and again."""
        while True:
            await asyncio.sleep(PERIOD_S)
            self.hand_over()

    def hand_over(self) -> None:
        """Hand over what has changed since the last time."""
        for family in self._registry.collect():
            for sample in _numbers(family.samples):
                if family.type == "gauge":
                    self._gauge(sample, family.documentation).set(sample.value, tags=sample.labels)
                    continue
                series = (sample.name, tuple(sorted(sample.labels.items())))
                added = sample.value - self._told.get(series, 0.0)
                if added > 0:
                    self._counter(sample, family.documentation).inc(added, tags=sample.labels)
                    self._told[series] = sample.value

    def _counter(self, sample: Sample, help_text: str) -> Counter:
        name = sample.name.removesuffix("_total")
        if name not in self._metrics:
            self._metrics[name] = Counter(name, help_text, tag_keys=tuple(sample.labels))
        return self._metrics[name]

    def _gauge(self, sample: Sample, help_text: str) -> Gauge:
        if sample.name not in self._metrics:
            self._metrics[sample.name] = Gauge(sample.name, help_text, tag_keys=tuple(sample.labels))
        return self._metrics[sample.name]


def _numbers(samples: Iterable[Sample]) -> Iterable[Sample]:
    """Samples without the times at which their counters were made."""
    return (sample for sample in samples if not sample.name.endswith("_created"))
