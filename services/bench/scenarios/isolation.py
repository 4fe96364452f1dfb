"""``isolation``: the p99 of one verifier alone, and while another one of the same service is saturated.

Between the two stands what the machine itself does to it: as many processes that only compute as there are cores.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from guerdon.services.bench.jobs import Window
from guerdon.services.bench.payloads import Payload
from guerdon.services.bench.results import Figure, ScenarioResult
from guerdon.services.bench.scenarios.context import Context, bound, latency, lost, rate_of
from guerdon.services.bench.targets import Target

NAME = "isolation"
MOVE = 0.20
_QUIET = Payload(items=16, item_bytes=1000, rewards=("bench_a",))
_CROWD = Payload(items=256, item_bytes=4000, rewards=("bench_b",), seed=1)
_CROWD_CALLS = 8
_LEAD_S = 0.3


def run(target: Target, context: Context) -> ScenarioResult:
    """Measure alone, beside spinning processes, beside a saturated neighbour."""
    quiet = context.job(target, _QUIET, min_calls=20)
    alone = context.generator.run(quiet)
    with _spinning(len(os.sched_getaffinity(0))):
        beside_spinners = context.generator.run(quiet)
    context.other.begin(
        context.job(target, _CROWD, seconds=context.seconds + 2 * _LEAD_S, concurrency=_CROWD_CALLS)
    )
    context.generator.run(context.job(target, _QUIET, seconds=_LEAD_S))
    crowded = context.generator.run(quiet)
    crowd = context.other.collect()
    figures = [
        latency("bench_a p99 alone", alone.latencies_ms),
        latency("bench_a p99 while every core computes elsewhere", beside_spinners.latencies_ms),
        latency("bench_a p99 while bench_b is saturated", crowded.latencies_ms),
        Figure(name="moved by the cores alone", value=_moved(alone, beside_spinners), unit="share"),
        bound("moved by bench_b", _moved(alone, crowded), "share", most=MOVE),
        Figure(name="bench_b meanwhile", value=rate_of(crowd) * _CROWD.items, unit="items/s"),
    ]
    problems = lost(alone, beside_spinners, crowded, crowd)
    return ScenarioResult(scenario=NAME, target=target.name, figures=figures, problems=problems)


def _moved(alone: Window, beside: Window) -> float | None:
    """By what share the p99 is longer."""
    before, after = (latency("", window.latencies_ms).value for window in (alone, beside))
    return after / before - 1 if before and after else None


@contextmanager
def _spinning(count: int) -> Iterator[None]:
    """Processes that compute until the block ends."""
    # They end by themselves should the bench be killed.
    code = "import time\nuntil = time.monotonic() + 60\nwhile time.monotonic() < until: pass"
    processes = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(count)]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()
