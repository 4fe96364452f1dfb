"""``scaling``: one batch of sleeping items over 1, 2 and 4 replicas; the ideal is the work divided by them."""

from __future__ import annotations

from guerdon.services.bench.checks import SLEEPING
from guerdon.services.bench.errors import Unsupported
from guerdon.services.bench.jobs import Window
from guerdon.services.bench.payloads import Payload
from guerdon.services.bench.results import Figure, ScenarioResult
from guerdon.services.bench.scenarios.context import Context, bound, lost
from guerdon.services.bench.stats import percentile
from guerdon.services.bench.targets import Target

NAME = "scaling"
WANTED = {1: 0.95, 2: 0.95, 4: 0.90}
_PAYLOAD = Payload(items=16, item_bytes=200, rewards=(SLEEPING,), work_ms=100.0)
_WARM_UP = Payload(items=16, item_bytes=200, rewards=(SLEEPING,), work_ms=1.0)


def run(target: Target, context: Context) -> ScenarioResult:
    """Measure the efficiency at each number of replicas; the number is 1 again afterwards."""
    figures: list[Figure] = []
    windows: list[Window] = []
    try:
        for replicas, least in WANTED.items():
            target.scale(SLEEPING, replicas)
            context.generator.run(context.job(target, _WARM_UP, seconds=0.1))
            window = context.generator.run(context.job(target, _PAYLOAD, warm_up=0))
            windows.append(window)
            work_ms = _PAYLOAD.items * _PAYLOAD.work_ms
            median_ms = percentile(window.latencies_ms, 50) if window.latencies_ms else None
            efficiency = work_ms / replicas / median_ms if median_ms else None
            figures.append(bound(f"efficiency at {replicas}", efficiency, "share of the ideal", least=least))
            figures.append(Figure(name=f"batch at {replicas}", value=median_ms, unit="ms"))
        target.scale(SLEEPING, 1)
    except Unsupported as cause:
        return ScenarioResult(scenario=NAME, target=target.name, figures=figures, skipped=str(cause))
    return ScenarioResult(scenario=NAME, target=target.name, figures=figures, problems=lost(*windows))
