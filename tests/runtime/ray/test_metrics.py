"""What a replica hands to Ray's metrics; Ray's own classes are stood in for, as they need a cluster."""

import asyncio
from contextlib import suppress

import pytest

from guerdon.services.runtime.ray import metrics
from guerdon.services.runtime.ray.metrics import ReplicaMetrics
from guerdon.services.runtime.report import ReplicaReport


@pytest.fixture
def told(monkeypatch):
    """Everything that Ray was told: (kind, name, value, verifier)."""
    records = []

    def metric(kind, method):
        def make(name, description, tag_keys):
            def record(self, value, tags):
                assert description
                assert set(tags) == set(tag_keys)
                assert (tags["application"], tags["replica"]) == ("math+format", "r")
                records.append((kind, name, value, tags["verifier"]))

            return type(kind, (), {method: record})()

        return make

    monkeypatch.setattr(metrics, "Gauge", metric("gauge", "set"))
    monkeypatch.setattr(metrics, "Counter", metric("counter", "inc"))
    return records


def report(**fields):
    """What a verifier of a replica tells of itself."""
    return ReplicaReport(**{"id": "r", "node": "n", "condition": "ready", **fields})


def metrics_of(**tellers):
    """The metrics of a replica whose verifiers tell this; each is a function."""
    return ReplicaMetrics("math+format", lambda: {name: tell() for name, tell in tellers.items()})


def test_the_state_of_now(told):
    """Items that wait in all classes, seconds of work, and whether calls are taken."""
    metrics_of(math=lambda: report(queued=(2, 0, 3), item_ms=250.0)).hand_over()
    assert told == [
        ("gauge", "guerdon_replica_queued_items", 5, "math"),
        ("gauge", "guerdon_replica_item_seconds", 0.25, "math"),
        ("gauge", "guerdon_replica_ready", 1.0, "math"),
    ]


def test_counts_are_handed_over_once(told):
    """Only what was added since the last time is told."""
    reports = iter(
        [report(items=4, cpu_seconds=0.5), report(items=4, cpu_seconds=0.5), report(items=5, cpu_seconds=0.75)]
    )
    replica = metrics_of(math=lambda: next(reports))
    for _ in range(3):
        replica.hand_over()
    counted = [(name, value) for kind, name, value, _ in told if kind == "counter"]
    assert counted == [
        ("guerdon_replica_items", 4),
        ("guerdon_replica_cpu_seconds", 0.5),
        ("guerdon_replica_items", 1),
        ("guerdon_replica_cpu_seconds", 0.25),
    ]


def test_verifiers_of_one_replica_are_told_apart(told):
    """Each has a series of its own, and its own counts."""
    replica = metrics_of(
        math=lambda: report(items=4, cpu_seconds=0.5), format=lambda: report(items=9, condition="unavailable")
    )
    replica.hand_over()
    seen = {(name, verifier): value for _, name, value, verifier in told}
    assert (seen["guerdon_replica_items", "math"], seen["guerdon_replica_items", "format"]) == (4, 9)
    assert (seen["guerdon_replica_ready", "math"], seen["guerdon_replica_ready", "format"]) == (1.0, 0.0)
    assert ("guerdon_replica_cpu_seconds", "format") not in seen


@pytest.mark.parametrize("condition", ["starting", "draining", "unavailable"])
def test_a_replica_that_takes_no_calls(told, condition):
    """Whatever keeps it from being ready."""
    metrics_of(math=lambda: report(condition=condition)).hand_over()
    assert ("gauge", "guerdon_replica_ready", 0.0, "math") in told


async def test_it_goes_on_by_itself(told, monkeypatch):
    """Again and again."""
    monkeypatch.setattr(metrics, "PERIOD_S", 0.001)
    task = asyncio.create_task(metrics_of(math=report).keep_current())
    while len(told) < 9:
        await asyncio.sleep(0.001)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
