"""``isolation``: the p99 of one verifier alone, and while another one of the same service is saturated.

The neighbour waits (``bench_sleep``), which shows the service's own part, or computes (``bench_burn``), which on
few cores takes CPU from everything. What the machine itself does is measured beside it: as many processes that
only compute as there are cores.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from guerdon.services.bench.checks import BURNING, SLEEPING
from guerdon.services.bench.jobs import Window
from guerdon.services.bench.payloads import Payload
from guerdon.services.bench.results import Figure, ScenarioResult
from guerdon.services.bench.scenarios.context import Context, bound, latency, lost, rate_of
from guerdon.services.bench.targets import Target

NAME = "isolation"
MOVE = 0.20
_QUIET = Payload(items=16, item_bytes=1000, rewards=("bench_a",))
_CROWDS = {
    SLEEPING: Payload(items=64, item_bytes=1000, rewards=(SLEEPING,), work_ms=2.0, seed=1),
    BURNING: Payload(items=64, item_bytes=1000, rewards=(BURNING,), work_ms=5.0, seed=1),
}
_CROWD_CALLS = 8
_LEAD_S = 0.3


def run(target: Target, context: Context) -> ScenarioResult:
    """Measure alone, beside spinning processes, beside a saturated neighbour."""
    quiet = context.job(target, _QUIET, min_calls=20)
    alone = context.generator.run(quiet)
    with _spinning(len(os.sched_getaffinity(0))):
        beside_spinners = context.generator.run(quiet)
    figures = [
        latency("bench_a p99 alone", alone.latencies_ms),
        latency("bench_a p99 while every core computes elsewhere", beside_spinners.latencies_ms),
        Figure(name="moved by the cores alone", value=_moved(alone, beside_spinners), unit="share"),
    ]
    windows = [alone, beside_spinners]
    for neighbour, payload in _CROWDS.items():
        job = context.job(target, payload, seconds=context.seconds + 2 * _LEAD_S, concurrency=_CROWD_CALLS)
        context.other.begin(job)
        context.generator.run(context.job(target, _QUIET, seconds=_LEAD_S))
        crowded = context.generator.run(quiet)
        crowd = context.other.collect()
        windows += [crowded, crowd]
        moved = _moved(alone, crowded)
        figures += [
            latency(f"bench_a p99 while {neighbour} is saturated", crowded.latencies_ms),
            bound(f"moved by {neighbour}", moved, "share", most=MOVE)
            if neighbour == SLEEPING
            else Figure(name=f"moved by {neighbour}", value=moved, unit="share"),
            Figure(name=f"{neighbour} meanwhile", value=rate_of(crowd) * payload.items, unit="items/s"),
        ]
    return ScenarioResult(scenario=NAME, target=target.name, figures=figures, problems=lost(*windows))


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
