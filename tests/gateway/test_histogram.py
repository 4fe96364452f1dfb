"""The histogram that takes the equal values of a batch at once."""

import pytest
from prometheus_client import CollectorRegistry, Histogram, generate_latest

from guerdon.services.gateway.histogram import BatchHistogram

VALUES = [(0.0, 3), (0.1, 1), (0.25, 2), (0.3, 1), (7.0, 2)]


def lines(registry: CollectorRegistry) -> set[str]:
    """What Prometheus reads, without the time at which a histogram was made."""
    return {line for line in generate_latest(registry).decode().splitlines() if "_created" not in line}


@pytest.mark.parametrize("buckets", [(0.1, 0.25, 1.0), (-1.0, 0.0, 0.5)])
def test_many_equal_values_count_as_if_observed_one_by_one(buckets):
    """Buckets, number and sum are those of Prometheus' own histogram, which has no sum with negative buckets."""
    mine, usual = CollectorRegistry(), CollectorRegistry()
    batch = BatchHistogram("score", "Scores.", ["reward"], buckets, mine)
    single = Histogram("score", "Scores.", ["reward"], buckets=buckets, registry=usual)
    for value, times in VALUES:
        batch.observe(("a",), value, times)
        for _ in range(times):
            single.labels("a").observe(value)
    assert lines(mine) == lines(usual)


def test_label_sets_are_counted_apart():
    """What one label set counts does not show in another."""
    registry = CollectorRegistry()
    histogram = BatchHistogram("score", "Scores.", ["reward"], (1.0,), registry)
    histogram.observe(("a",), 0.5, 2)
    histogram.observe(("b",), 0.5)
    assert registry.get_sample_value("score_count", {"reward": "a"}) == 2.0
    assert registry.get_sample_value("score_count", {"reward": "b"}) == 1.0
