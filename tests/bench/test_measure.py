"""From windows to results."""

import pytest

from guerdon.services.bench.jobs import Window
from guerdon.services.bench.matrix import choose_cells
from guerdon.services.bench.measure import WINDOWS, jobs_of, measure_cell, problems_of, summarise, with_ratios
from guerdon.services.bench.step import summarise_steps

(CELL,) = choose_cells(only=["http/64x1kB/4v/c1"])


def window(latencies_ms: list[float], cpu_s: float | None = 0.5, wall_s: float = 1.0, **other: object) -> Window:
    """A window in which every verdict came, unless said otherwise."""
    verdicts = 256 * len(latencies_ms)
    whole = {"expected": verdicts, "statuses": {"ok": verdicts}}
    return Window(wall_s=wall_s, cpu_s=cpu_s, latencies_ms=latencies_ms, **{**whole, **other})


def test_the_median_window_counts():
    """Rates and latencies are of the window in the middle, CPU time is of all."""
    taken = [window([1.0] * 10), window([2.0, 4.0, 6.0, 8.0]), window([100.0])]
    result = summarise(CELL, "inprocess", taken)
    assert (result.calls, result.windows) == (15, 3)
    assert (result.requests_per_s, result.items_per_s) == (4.0, 256.0)
    assert (result.p50_ms, result.p95_ms, result.p99_ms) == (4.0, 8.0, 8.0)
    assert result.cpu_ms == pytest.approx(100.0)
    assert result.problems.count == 0


def test_a_target_that_never_answered():
    """It has no latency and no cost, and its failures are counted."""
    result = summarise(CELL, "inprocess", [window([], failures={"HTTP 500": 3})])
    assert (result.p50_ms, result.cpu_ms, result.requests_per_s) == (None, None, 0.0)
    assert result.problems.count == 3


def test_cpu_that_is_not_counted():
    """Where no processes are known there is no figure."""
    assert summarise(CELL, "url", [window([1.0], cpu_s=None)]).cpu_ms is None


def test_problems_are_summed():
    """Refused, expired and failed calls, and verdicts that are missing or null."""
    problems = problems_of(
        [
            window([1.0], expected=256, statuses={"ok": 250, "timeout": 4}, refused_ms=[0.1]),
            window([1.0], expected=256, statuses={"ok": 256}, failures={"x": 2}, expired=1),
        ]
    )
    assert (problems.refused_calls, problems.failed_calls, problems.expired_calls) == (1, {"x": 2}, 1)
    assert (problems.missing_verdicts, problems.statuses) == (6, {"timeout": 4})
    assert problems.count == 10


def test_ratios_are_to_the_bare_server():
    """Of cost and of rate; without a bare server there are none."""
    bare = summarise(CELL, "bare", [window([1.0] * 10)])
    ours = summarise(CELL, "inprocess", [window([1.0] * 5)])
    ratios = {result.target: (result.cpu_ratio, result.rate_ratio) for result in with_ratios([bare, ours])}
    assert ratios == {"bare": (1.0, 1.0), "inprocess": (pytest.approx(2.0), 0.5)}
    assert with_ratios([ours])[0].cpu_ratio is None


def test_who_is_measured_how(bare, inprocess):
    """The floors over HTTP whatever the cell says; the function only with one call in flight."""
    (cell,) = choose_cells(only=["grpc/64x1kB/0v/c1"])
    jobs = jobs_of(cell, [bare, inprocess], with_function=True, seconds=0.1)
    assert {name: job.transport for name, job in jobs.items()} == {
        "function": "function",
        "bare": "http",
        "inprocess": "grpc",
    }
    (crowded,) = choose_cells(only=["grpc/64x1kB/0v/c8"])
    assert list(jobs_of(crowded, [inprocess], with_function=True, seconds=0.1)) == ["inprocess"]


def test_windows_take_turns(bare, inprocess, generator):
    """Every target once, then every target again."""
    (cell,) = choose_cells(only=["http/64x1kB/1v/c1"])
    turns: list[str] = []
    results = measure_cell(
        cell, [bare, inprocess], generator, seconds=0.15, with_function=True, on_window=turns.append
    )
    assert turns == ["function", "bare", "inprocess"] * WINDOWS
    assert [result.target for result in results] == ["function", "bare", "inprocess"]
    assert all(result.problems.count == 0 and result.calls > 0 for result in results)


def test_steps_are_summed():
    """The last verdict over the steps, each verdict over all completions, CPU time per thousand of them."""
    steps = [window([1.0, 3.0], last_ms=20.0, cpu_s=0.2), window([5.0, 7.0], last_ms=10.0, cpu_s=0.4)]
    result = summarise_steps("ray", "grpc", steps, completions=100)
    assert (result.last_p50_ms, result.last_p99_ms) == (10.0, 20.0)
    assert (result.verdict_p50_ms, result.verdict_p99_ms) == (3.0, 7.0)
    assert result.core_s_per_1000 == pytest.approx(3.0)
