"""Repeats a training step on a target, each time with other completions, so that nothing comes from a cache."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from guerdon.services.bench.generator import Generator
from guerdon.services.bench.jobs import StepJob, Transport, Window
from guerdon.services.bench.measure import problems_of
from guerdon.services.bench.results import StepResult
from guerdon.services.bench.stats import percentile
from guerdon.services.bench.targets import Target

_WARM_UP = 64


def measure_steps(
    target: Target,
    generator: Generator,
    *,
    transports: Sequence[Transport],
    steps: int,
    completions: int = 512,
    span_s: float = 2.0,
    seed: int = 1,
    api_key: str = "",
    on_step: Callable[[str], None] = lambda _: None,
) -> list[StepResult]:
    """Measure steps over the transports of a target, in turn.

    Args:
        target: a running service with the rewards ``math`` and ``format``.
        generator: who sends the completions.
        transports: which of them; one that the target does not speak is left out.
        steps: how often each step is repeated.
        completions: completions of a step.
        span_s: time from the first token of a step to its last, in seconds.
        seed: what the first step is made from; each one takes the next.
        api_key: API key of the target, or empty.
        on_step: told the transport before each step.
    """
    addresses = {"grpc": target.grpc, "http": target.http}
    windows: dict[Transport, list[Window]] = {transport: [] for transport in transports if addresses[transport]}

    def job(transport: Transport, count: int, seconds: float) -> StepJob:
        nonlocal seed
        seed += 1
        return StepJob(
            transport=transport,
            address=addresses[transport],
            api_key=api_key,
            pids=list(target.pids()),
            seed=seed,
            completions=count,
            span_s=seconds,
        )

    for transport in windows:
        generator.run(job(transport, min(completions, _WARM_UP), 0.2))
    for _ in range(steps):
        for transport in windows:
            on_step(transport)
            windows[transport].append(generator.run(job(transport, completions, span_s)))
    return [summarise_steps(target.name, name, taken, completions) for name, taken in windows.items()]


def summarise_steps(target: str, transport: str, windows: Sequence[Window], completions: int) -> StepResult:
    """One result of several steps."""
    last = [window.last_ms for window in windows]
    latencies = [value for window in windows for value in window.latencies_ms]
    counted = [window.cpu_s for window in windows if window.cpu_s is not None]
    return StepResult(
        target=target,
        transport=transport,
        steps=len(windows),
        completions=completions,
        last_p50_ms=percentile(last, 50),
        last_p99_ms=percentile(last, 99),
        verdict_p50_ms=percentile(latencies, 50) if latencies else None,
        verdict_p99_ms=percentile(latencies, 99) if latencies else None,
        cached_share=sum(window.cached for window in windows) / max(1, sum(window.expected for window in windows)),
        core_s_per_1000=sum(counted) * 1000 / (completions * len(windows)) if counted else None,
        problems=problems_of(windows),
    )
