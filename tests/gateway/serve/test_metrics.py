"""How the gateway's metrics reach Ray; Ray's own classes are stood in for, as they need a cluster."""

import asyncio
from contextlib import suppress

import pytest
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from guerdon.services.gateway.serve import metrics
from guerdon.services.gateway.serve.metrics import RayMetrics


@pytest.fixture
def told(monkeypatch):
    """Everything that Ray was told: (kind, name, value, tags)."""
    records = []

    def metric(kind, method):
        def make(name, description, tag_keys):
            def record(self, value, tags):
                assert set(tags) == set(tag_keys)
                records.append((kind, name, value, tags))

            return type(kind, (), {method: record})()

        return make

    monkeypatch.setattr(metrics, "Gauge", metric("gauge", "set"))
    monkeypatch.setattr(metrics, "Counter", metric("counter", "inc"))
    return records


@pytest.fixture
def registry():
    """A registry of its own."""
    return CollectorRegistry()


def test_counters_hand_over_what_was_added(registry, told):
    """Each series on its own, under the name without the ending that Ray appends again."""
    counter = Counter("calls_total", "Calls.", ["run"], registry=registry)
    mirror = RayMetrics(registry)
    counter.labels("a").inc(2)
    mirror.hand_over()
    counter.labels("a").inc()
    counter.labels("b").inc(5)
    mirror.hand_over()
    mirror.hand_over()
    assert told == [
        ("counter", "calls", 2.0, {"run": "a"}),
        ("counter", "calls", 1.0, {"run": "a"}),
        ("counter", "calls", 5.0, {"run": "b"}),
    ]


def test_gauges_hand_over_their_value(registry, told):
    """Every time, as a gauge that nobody tells is forgotten."""
    gauge = Gauge("inflight", "In flight.", registry=registry)
    mirror = RayMetrics(registry)
    gauge.set(3)
    mirror.hand_over()
    mirror.hand_over()
    assert told == [("gauge", "inflight", 3.0, {})] * 2


def test_histograms_travel_as_counters(registry, told):
    """Buckets with their bound, the count and the sum; those without anything new are left out."""
    Histogram("seconds", "Time.", buckets=(1.0, 2.0), registry=registry).observe(1.5)
    RayMetrics(registry).hand_over()
    assert told == [
        ("counter", "seconds_bucket", 1.0, {"le": "2.0"}),
        ("counter", "seconds_bucket", 1.0, {"le": "+Inf"}),
        ("counter", "seconds_count", 1.0, {}),
        ("counter", "seconds_sum", 1.5, {}),
    ]


async def test_it_goes_on_by_itself(registry, told, monkeypatch):
    """Again and again."""
    monkeypatch.setattr(metrics, "PERIOD_S", 0.001)
    Gauge("inflight", "In flight.", registry=registry)
    task = asyncio.create_task(RayMetrics(registry).mirror())
    while len(told) < 3:
        await asyncio.sleep(0.001)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
