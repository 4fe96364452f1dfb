"""What a replica hands to Ray's metrics; Ray's own classes are stood in for, as they need a cluster."""

import asyncio
from contextlib import suppress

import pytest

from guerdon.services.runtime.ray import metrics
from guerdon.services.runtime.ray.metrics import ReplicaMetrics
from guerdon.services.runtime.report import ReplicaReport


@pytest.fixture
def told(monkeypatch):
    """Everything that Ray was told: (kind, name, value, tags)."""
    records = []

    def metric(kind, method):
        def make(name, description, tag_keys):
            def record(self, value, tags):
                assert description
                assert set(tags) == set(tag_keys)
                records.append((kind, name, value, tags["replica"]))

            return type(kind, (), {method: record})()

        return make

    monkeypatch.setattr(metrics, "Gauge", metric("gauge", "set"))
    monkeypatch.setattr(metrics, "Counter", metric("counter", "inc"))
    return records


def report(**fields):
    """What a replica tells of itself."""
    return ReplicaReport(**{"id": "r", "node": "n", "condition": "ready", **fields})


def test_the_state_of_now(told):
    """Items that wait in all classes, seconds of work, and whether calls are taken."""
    ReplicaMetrics("math", lambda: report(queued=(2, 0, 3), item_ms=250.0)).hand_over()
    assert told == [
        ("gauge", "guerdon_replica_queued_items", 5, "r"),
        ("gauge", "guerdon_replica_item_seconds", 0.25, "r"),
        ("gauge", "guerdon_replica_ready", 1.0, "r"),
    ]


def test_counts_are_handed_over_once(told):
    """Only what was added since the last time is told."""
    reports = iter(
        [report(items=4, cpu_seconds=0.5), report(items=4, cpu_seconds=0.5), report(items=5, cpu_seconds=0.75)]
    )
    replica = ReplicaMetrics("math", lambda: next(reports))
    for _ in range(3):
        replica.hand_over()
    counted = [(name, value) for kind, name, value, _ in told if kind == "counter"]
    assert counted == [
        ("guerdon_replica_items", 4),
        ("guerdon_replica_cpu_seconds", 0.5),
        ("guerdon_replica_items", 1),
        ("guerdon_replica_cpu_seconds", 0.25),
    ]


@pytest.mark.parametrize("condition", ["starting", "draining", "unavailable"])
def test_a_replica_that_takes_no_calls(told, condition):
    """Whatever keeps it from being ready."""
    ReplicaMetrics("math", lambda: report(condition=condition)).hand_over()
    assert ("gauge", "guerdon_replica_ready", 0.0, "r") in told


async def test_it_goes_on_by_itself(told, monkeypatch):
    """Again and again."""
    monkeypatch.setattr(metrics, "PERIOD_S", 0.001)
    task = asyncio.create_task(ReplicaMetrics("math", report).keep_current())
    while len(told) < 9:
        await asyncio.sleep(0.001)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
