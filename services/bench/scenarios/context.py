"""What every scenario is given, and the names of all of them."""

from __future__ import annotations

from collections.abc import Sequence

from guerdon.services.bench.generator import Generator
from guerdon.services.bench.jobs import LoadJob, Transport, Window
from guerdon.services.bench.measure import problems_of
from guerdon.services.bench.payloads import Payload
from guerdon.services.bench.results import Figure, Problems
from guerdon.services.bench.stats import percentile
from guerdon.services.bench.targets import Target


class Context:
    """How to load a target.

    Args:
        generator: who sends the load that is measured.
        other: who sends load beside it.
        seconds: how long each measurement takes.
        transport: ``http`` or ``grpc``.
        api_key: API key of the targets, or empty.
    """

    def __init__(
        self,
        generator: Generator,
        other: Generator,
        *,
        seconds: float,
        transport: Transport = "http",
        api_key: str = "",
    ) -> None:
        self.generator = generator
        self.other = other
        self.seconds = seconds
        self.transport = transport
        self._api_key = api_key

    def job(
        self,
        target: Target,
        payload: Payload,
        *,
        seconds: float | None = None,
        concurrency: int = 1,
        rate: float = 0.0,
        min_calls: int = 1,
        warm_up: int = 1,
    ) -> LoadJob:
        """Load on a target as it is now."""
        return LoadJob(
            transport=self.transport,
            address=target.http if self.transport == "http" else target.grpc,
            api_key=self._api_key,
            pids=list(target.pids()),
            payload=payload,
            seconds=self.seconds if seconds is None else seconds,
            concurrency=concurrency,
            rate=rate,
            min_calls=min_calls,
            warm_up=warm_up,
        )


def rate_of(window: Window) -> float:
    """Whole answers a second: calls in which no verdict is missing."""
    whole = window.expected / len(window.latencies_ms) if window.latencies_ms else 0.0
    return sum(size == whole for size in window.sizes) / window.wall_s


def latency(name: str, values: Sequence[float], percent: float = 99) -> Figure:
    """A percentile of latencies as a figure that is only reported."""
    return Figure(name=name, value=percentile(values, percent) if values else None, unit="ms")


def bound(
    name: str, value: float | None, unit: str, *, most: float | None = None, least: float | None = None
) -> Figure:
    """A figure that should be at most, or at least, something."""
    wanted = f"≤ {most:g}" if most is not None else f"≥ {least:g}"
    if value is None:
        return Figure(name=name, value=None, unit=unit, wanted=wanted, holds=False)
    holds = value <= most if most is not None else least is None or value >= least
    return Figure(name=name, value=value, unit=unit, wanted=wanted, holds=holds)


def lost(*windows: Window) -> Problems:
    """What calls that should have been answered whole were not given."""
    return problems_of(windows)
