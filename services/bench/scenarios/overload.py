"""``overload``: three times what a service can do is offered, whatever becomes of it.

The capacity is measured first, with as many calls in flight as keep the service busy. Goodput counts whole
answers that came within the caller's time; a refusal has to come at once, so that the caller can go elsewhere.
Work that waits (``bench_sleep``) has a capacity that costs no CPU, so it shows the queue alone; work that
computes (``bench_burn``) competes with refusing for the same cores. Trivial work (``bench_a``) is none: there the
gateway itself is what is overloaded, and on few cores the load generator beside it; that is told without a bar.
"""

from __future__ import annotations

from collections import Counter

import msgspec

from guerdon.services.bench.checks import BURNING, SLEEPING
from guerdon.services.bench.jobs import Window
from guerdon.services.bench.payloads import Payload
from guerdon.services.bench.results import Figure, ScenarioResult
from guerdon.services.bench.scenarios.context import Context, bound, latency, lost, rate_of
from guerdon.services.bench.targets import Target

NAME = "overload"
FACTOR = 3.0
GOODPUT = 0.8
REFUSAL_MS = 10.0
MARGIN_MS = 250.0
"""What an answer may come after the time the caller granted."""
_LOADS = {
    "waiting": Payload(items=32, item_bytes=200, rewards=(SLEEPING,), work_ms=1.0, timeout_ms=1000),
    "computing": Payload(items=32, item_bytes=1000, rewards=(BURNING,), work_ms=2.0, timeout_ms=1000),
    "trivial": Payload(items=64, item_bytes=1000, rewards=("bench_a",), timeout_ms=1000),
}
_UNBOUND = "trivial"


def run(target: Target, context: Context) -> ScenarioResult:
    """Measure capacity, then offer three times that."""
    figures: list[Figure] = []
    capacities = []
    failures: Counter[str] = Counter()
    for name, payload in _LOADS.items():
        capacity = context.generator.run(context.job(target, payload, concurrency=4, min_calls=4))
        capacities.append(capacity)
        rate = rate_of(capacity)
        if not rate:
            figures.append(bound(f"{name}: goodput", None, "share of capacity", least=GOODPUT))
            continue
        offered = context.generator.run(context.job(target, payload, rate=FACTOR * rate))
        found = _figures(name, payload, rate, offered, context.seconds)
        figures += [_told(figure) for figure in found] if name == _UNBOUND else found
        failures.update(offered.failures)
    # Under overload a call may be refused, but one that simply breaks is a fault.
    problems = lost(*capacities)
    problems = msgspec.structs.replace(problems, failed_calls=dict(failures + Counter(problems.failed_calls)))
    return ScenarioResult(scenario=NAME, target=target.name, figures=figures, problems=problems)


def good_rate(payload: Payload, offered: Window, seconds: float) -> float:
    """Whole answers a second that came within the time the caller granted; later ones are of no use to it.

    Args:
        payload: what each call asked.
        offered: what became of the calls.
        seconds: how long calls were begun.
    """
    in_time_ms = payload.timeout_ms + MARGIN_MS
    answers = zip(offered.latencies_ms, offered.sizes, strict=True)
    good = sum(latency_ms <= in_time_ms and size == payload.verdicts for latency_ms, size in answers)
    return good / min(offered.wall_s, seconds + in_time_ms / 1000)


def _figures(name: str, payload: Payload, rate: float, offered: Window, seconds: float) -> list[Figure]:
    refusal = latency("", offered.refused_ms).value
    failed = sum(offered.failures.values())
    return [
        Figure(name=f"{name}: capacity", value=rate, unit="calls/s"),
        bound(f"{name}: goodput", good_rate(payload, offered, seconds) / rate, "share of capacity", least=GOODPUT),
        bound(f"{name}: time to refusal, p99", refusal, "ms", most=REFUSAL_MS)
        if offered.refused_ms
        else Figure(name=f"{name}: time to refusal, p99", value=None, unit="ms (no call was refused)"),
        Figure(name=f"{name}: refused", value=float(len(offered.refused_ms)), unit="calls"),
        Figure(name=f"{name}: given up at their deadline", value=float(offered.expired), unit="calls"),
        Figure(
            name=f"{name}: answered with verdicts missing", value=float(_partial(payload, offered)), unit="calls"
        ),
        bound(f"{name}: failed otherwise", float(failed), "calls", most=0),
        latency(f"{name}: answers, p99", offered.latencies_ms),
        Figure(name=f"{name}: generator late by", value=offered.late_ms, unit="ms"),
    ]


def _told(figure: Figure) -> Figure:
    """A figure without its bar."""
    return Figure(name=figure.name, value=figure.value, unit=figure.unit)


def _partial(payload: Payload, window: Window) -> int:
    """Answered calls in which a verdict is missing."""
    return sum(size < payload.verdicts for size in window.sizes)
