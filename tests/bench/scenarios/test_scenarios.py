"""Every scenario, briefly, on a real service."""

from collections.abc import Iterator

import pytest

from guerdon.services.bench.generator import Generator
from guerdon.services.bench.jobs import Window
from guerdon.services.bench.payloads import Payload
from guerdon.services.bench.registry import BOUND_ITEMS
from guerdon.services.bench.results import Figure, ScenarioResult
from guerdon.services.bench.scenarios import hang, isolation, overload, scaling
from guerdon.services.bench.scenarios.context import Context, bound, latency, rate_of
from guerdon.services.bench.targets import InProcessTarget


@pytest.fixture(scope="module")
def bounded() -> Iterator[InProcessTarget]:
    """A service with a short queue."""
    target = InProcessTarget(max_inflight_items=BOUND_ITEMS)
    target.start()
    yield target
    target.stop()


@pytest.fixture
def context(generator) -> Iterator[Context]:
    """Two generators, short measurements."""
    with Generator() as other:
        yield Context(generator, other, seconds=0.4)


def figures(result: ScenarioResult) -> dict[str, Figure]:
    """The figures by name."""
    return {figure.name: figure for figure in result.figures}


def test_overload(bounded, context):
    """A queue that is full refuses, and what was let in is answered."""
    found = figures(overload.run(bounded, context))
    assert found["waiting: capacity"].value > 0
    assert found["waiting: refused"].value > 0
    assert found["waiting: failed otherwise"].value == 0
    assert found["waiting: time to refusal, p99"].value > 0
    assert found["waiting: goodput"].wanted == "≥ 0.8"


def test_scaling(bounded, context):
    """The work is divided, and one replica is left afterwards."""
    result = scaling.run(bounded, context)
    found = figures(result)
    assert result.problems.count == 0
    assert found["batch at 4"].value < found["batch at 2"].value < found["batch at 1"].value
    assert bounded.words()[3] == "1"


def test_scaling_where_there_are_no_replicas(bare, context):
    """The scenario is skipped and says why."""
    assert scaling.run(bare, context).skipped == "bare has no replicas"


def test_isolation(inprocess, context):
    """Both sides of the comparison are measured, and nobody loses a verdict."""
    result = isolation.run(inprocess, context)
    assert result.problems.count == 0
    assert all(figure.value is not None for figure in result.figures)


def test_hang(inprocess, context):
    """Every healthy item has its verdict; only what waits without end has none."""
    result = hang.run(inprocess, context)
    found = figures(result)
    assert result.problems.count == 0
    assert found["computing: verdicts of 190 healthy items"].holds
    assert found["waiting: verdicts of 19 healthy items"].holds
    assert found["waiting: hanging items given a verdict"].value == 0


@pytest.mark.parametrize(
    ("value", "limits", "holds", "wanted"),
    [
        (5.0, {"most": 5.0}, True, "≤ 5"),
        (5.1, {"most": 5.0}, False, "≤ 5"),
        (0.8, {"least": 0.8}, True, "≥ 0.8"),
        (0.79, {"least": 0.8}, False, "≥ 0.8"),
        (None, {"least": 0.8}, False, "≥ 0.8"),
        (0.0, {"most": 0}, True, "≤ 0"),
    ],
)
def test_bounds(value, limits, holds, wanted):
    """What could not be measured does not hold."""
    figure = bound("x", value, "ms", **limits)
    assert (figure.holds, figure.wanted) == (holds, wanted)


def test_goodput_counts_whole_answers_in_time():
    """Neither one with a verdict missing nor one after the caller's time is any good."""
    payload = Payload(items=2, item_bytes=100, rewards=("bench_a",), timeout_ms=1000)
    offered = Window(
        wall_s=10.0, cpu_s=None, latencies_ms=[10.0, 10.0, 1250.0, 1251.0], sizes=[2, 1, 2, 2], expected=8
    )
    assert overload.good_rate(payload, offered, 0.75) == 2 / 2.0
    assert rate_of(offered) == pytest.approx(0.3)
    assert rate_of(Window(wall_s=1.0, cpu_s=None, latencies_ms=[])) == 0.0
    assert latency("x", []).value is None
