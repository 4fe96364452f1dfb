"""Measures cells on several targets side by side: short windows in turn, so that noise hits all alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import msgspec

from guerdon.services.bench.generator import Generator
from guerdon.services.bench.jobs import LoadJob, Transport, Window
from guerdon.services.bench.matrix import Cell
from guerdon.services.bench.results import CellResult, Problems
from guerdon.services.bench.stats import median_of, percentile
from guerdon.services.bench.targets import Target

FUNCTION, BARE = FLOORS = ("function", "bare")
WINDOWS = 3


def measure_cell(
    cell: Cell,
    targets: Sequence[Target],
    generator: Generator,
    *,
    seconds: float,
    with_function: bool,
    api_key: str = "",
    on_window: Callable[[str], None] = lambda _: None,
) -> list[CellResult]:
    """Measure one cell on every target that can answer it, the floors first.

    Args:
        cell: what to measure.
        targets: running targets.
        generator: who sends the load.
        seconds: how long each target is measured in all.
        with_function: whether the plain function is measured as well, where one call is in flight.
        api_key: API key of the targets, or empty.
        on_window: told the target's name before each window.
    """
    jobs = jobs_of(cell, targets, with_function=with_function, seconds=seconds / WINDOWS, api_key=api_key)
    windows: dict[str, list[Window]] = {name: [] for name in jobs}
    for _ in range(WINDOWS):
        for name, job in jobs.items():
            on_window(name)
            windows[name].append(generator.run(job))
    return with_ratios([summarise(cell, name, taken) for name, taken in windows.items()])


def jobs_of(
    cell: Cell, targets: Sequence[Target], *, with_function: bool, seconds: float, api_key: str = ""
) -> dict[str, LoadJob]:
    """The load of each target's windows, by the target's name.

    Cells over gRPC have the bare server over HTTP beside them, as it has no other transport.
    """
    jobs = {}
    if with_function and cell.concurrency == 1:
        jobs[FUNCTION] = LoadJob(transport="function", payload=cell.payload(), seconds=seconds)
    for target in targets:
        transport: Transport = "http" if target.floor else cell.transport
        address = target.http if transport == "http" else target.grpc
        if address:
            jobs[target.name] = LoadJob(
                transport=transport,
                address=address,
                api_key=api_key,
                pids=list(target.pids()),
                payload=cell.payload(),
                seconds=seconds,
                concurrency=cell.concurrency,
            )
    return jobs


def summarise(cell: Cell, target: str, windows: Sequence[Window]) -> CellResult:
    """One result of several windows: the median one by answered calls a second, CPU time over all of them."""
    calls = sum(len(window.latencies_ms) for window in windows)
    middle = median_of(windows, lambda window: len(window.latencies_ms) / window.wall_s)
    rate = len(middle.latencies_ms) / middle.wall_s
    counted = [window.cpu_s for window in windows if window.cpu_s is not None]
    verdicts = sum(sum(window.statuses.values()) for window in windows)
    p50, p95, p99 = (_percentile(middle.latencies_ms, percent) for percent in (50, 95, 99))
    return CellResult(
        cell=cell,
        target=target,
        windows=len(windows),
        calls=calls,
        requests_per_s=rate,
        items_per_s=rate * cell.payload().items,
        p50_ms=p50,
        p95_ms=p95,
        p99_ms=p99,
        cpu_ms=sum(counted) * 1000 / calls if counted and calls else None,
        cached_share=sum(window.cached for window in windows) / verdicts if verdicts else 0.0,
        problems=problems_of(windows),
    )


def with_ratios(results: Sequence[CellResult]) -> list[CellResult]:
    """The same results beside those of the bare server, where it was measured."""
    bare = next((result for result in results if result.target == BARE), None)
    if bare is None:
        return list(results)
    return [
        msgspec.structs.replace(
            result,
            cpu_ratio=result.cpu_ms / bare.cpu_ms if result.cpu_ms is not None and bare.cpu_ms else None,
            rate_ratio=result.requests_per_s / bare.requests_per_s if bare.requests_per_s else None,
        )
        for result in results
    ]


def problems_of(windows: Sequence[Window]) -> Problems:
    """What the calls of some windows were not given."""
    failures: Counter[str] = Counter()
    statuses: Counter[str] = Counter()
    for window in windows:
        failures.update(window.failures)
        statuses.update({status: count for status, count in window.statuses.items() if status != "ok"})
    return Problems(
        refused_calls=sum(len(window.refused_ms) for window in windows),
        expired_calls=sum(window.expired for window in windows),
        failed_calls=dict(failures),
        missing_verdicts=sum(window.missing for window in windows),
        statuses=dict(statuses),
    )


def _percentile(values: Sequence[float], percent: float) -> float | None:
    return percentile(values, percent) if values else None
