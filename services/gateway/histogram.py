"""A Prometheus histogram that takes many equal values at once, as the verdicts of a batch are."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import accumulate

from prometheus_client import CollectorRegistry
from prometheus_client.core import HistogramMetricFamily
from prometheus_client.registry import Collector


class BatchHistogram(Collector):
    """Counts values per label set; for the thread of the event loop only.

    Args:
        name: name of the metric.
        documentation: its help text.
        labels: names of its labels.
        buckets: upper bounds, ascending and without infinity.
        registry: where it is registered.
    """

    def __init__(
        self,
        name: str,
        documentation: str,
        labels: Sequence[str],
        buckets: Sequence[float],
        registry: CollectorRegistry,
    ) -> None:
        self._name, self._documentation, self._labels = name, documentation, labels
        self._buckets = buckets
        self._counts: dict[tuple[str, ...], list[int]] = {}
        self._sums: dict[tuple[str, ...], float] = {}
        registry.register(self)

    def observe(self, labels: tuple[str, ...], value: float, times: int = 1) -> None:
        """Count ``value``, which occurred ``times`` times, under the values of the labels."""
        counts = self._counts.get(labels)
        if counts is None:
            counts = self._counts[labels] = [0] * (len(self._buckets) + 1)
            self._sums[labels] = 0.0
        counts[bisect_left(self._buckets, value)] += times
        self._sums[labels] += value * times

    def collect(self) -> Iterable[HistogramMetricFamily]:
        """The histogram as Prometheus reads it."""
        family = HistogramMetricFamily(self._name, self._documentation, labels=self._labels)
        bounds = [*(str(float(bound)) for bound in self._buckets), "+Inf"]
        for labels, counts in self._counts.items():
            cumulative = [float(count) for count in accumulate(counts)]
            buckets = list(zip(bounds, cumulative, strict=True))
            family.add_metric(labels, buckets=buckets, sum_value=self._sums[labels])
            if self._buckets[0] < 0:
                # The family leaves out the number along with the sum, which may fall where values are negative.
                own = dict(zip(self._labels, labels, strict=True))
                family.add_sample(f"{self._name}_count", own, cumulative[-1])
        yield family
