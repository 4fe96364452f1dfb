"""``hang``: a batch in which 5 % of the items hang; all others have to be judged, by the deadline and a little.

Items that compute without end are stopped by their verifier's work limit. One that waits without end uses no CPU,
so only the call's deadline ends it. Afterwards the capacity has to be whole again within a second.
"""

from __future__ import annotations

import time

from guerdon.services.bench.jobs import Window
from guerdon.services.bench.payloads import Payload
from guerdon.services.bench.results import Figure, ScenarioResult
from guerdon.services.bench.scenarios.context import Context, bound, lost, rate_of
from guerdon.services.bench.targets import Target

NAME = "hang"
OVER_MS = 250.0
WHOLE = 0.9
RECOVERY_S = 1.0
_HEALTHY = Payload(items=64, item_bytes=500, rewards=("bench_hang",))
_HUNG = {
    "computing": Payload(items=200, item_bytes=500, rewards=("bench_hang",), hang="spin", timeout_ms=4000),
    "waiting": Payload(items=20, item_bytes=500, rewards=("bench_hang",), hang="sleep", timeout_ms=1500),
}


def run(target: Target, context: Context) -> ScenarioResult:
    """Measure capacity, hang, and measure it again."""
    before = context.generator.run(context.job(target, _HEALTHY, concurrency=2))
    figures = [Figure(name="capacity before", value=rate_of(before), unit="calls/s")]
    healthy = [before]
    for name, payload in _HUNG.items():
        window = context.generator.run(context.job(target, payload, seconds=0.0, warm_up=0))
        ended = time.monotonic()
        figures += _figures(name, payload, window)
        time.sleep(max(0.0, ended + RECOVERY_S - time.monotonic()))
        after = context.generator.run(context.job(target, _HEALTHY, concurrency=2, warm_up=0))
        share = rate_of(after) / rate_of(before) if rate_of(before) else None
        figures.append(bound(f"{name}: capacity {RECOVERY_S:g} s later", share, "share of before", least=WHOLE))
        healthy.append(after)
    return ScenarioResult(scenario=NAME, target=target.name, figures=figures, problems=lost(*healthy))


def _figures(name: str, payload: Payload, window: Window) -> list[Figure]:
    took_ms = window.latencies_ms[0] if window.latencies_ms else None
    scored = window.statuses.get("ok", 0)
    # Items stopped by a work limit have a verdict; only what the deadline ended has none.
    owed = payload.items - payload.hanging
    return [
        bound(f"{name}: answer", took_ms, "ms", most=payload.timeout_ms + OVER_MS),
        bound(f"{name}: verdicts of {owed} healthy items", float(min(scored, owed)), "verdicts", least=owed),
        Figure(name=f"{name}: hanging items given a verdict", value=float(max(0, scored - owed)), unit="items"),
    ]
