"""What a run found, as ``--json`` writes it."""

from __future__ import annotations

import msgspec

from guerdon.services.bench.matrix import Cell


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """Where a run was made."""

    cores: int
    """Cores this process may use."""
    load_before: tuple[float, float, float]
    """Load average over 1, 5 and 15 minutes before the run."""
    load_after: tuple[float, float, float] | None = None
    """The same after it."""
    python: str
    """Version of Python."""
    guerdon: str
    """Version of Guerdon."""
    bare: str
    """What the bare server is made of."""
    at: str
    """Begin of the run, UTC, ISO 8601."""


class Problems(msgspec.Struct, frozen=True, kw_only=True):
    """What a run was not given."""

    refused_calls: int = 0
    """Calls refused for want of room."""
    expired_calls: int = 0
    """Calls whose time ran out before anything was done."""
    failed_calls: dict[str, int] = {}
    """Calls that ended without an answer, by what happened."""
    missing_verdicts: int = 0
    """Verdicts that did not come, or came without a score."""
    statuses: dict[str, int] = {}
    """Statuses of the verdicts that came without a score."""

    @property
    def count(self) -> int:
        """All of them."""
        failed = sum(self.failed_calls.values())
        return self.refused_calls + self.expired_calls + failed + self.missing_verdicts


class CellResult(msgspec.Struct, frozen=True, kw_only=True):
    """One cell on one target. Rates and latencies are those of the median window by calls a second."""

    cell: Cell
    """What was measured."""
    target: str
    """On what: ``function``, ``bare``, ``inprocess`` …"""
    windows: int
    """Windows, taken in turn with those of the other targets."""
    calls: int
    """Answered calls of all windows."""
    requests_per_s: float
    """Answered calls a second."""
    items_per_s: float
    """Items a second."""
    p50_ms: float | None
    """Median latency of a call in milliseconds; None where none was answered."""
    p95_ms: float | None
    """95th percentile of the latency."""
    p99_ms: float | None
    """99th percentile of the latency."""
    cpu_ms: float | None
    """CPU time of all server processes per call, over all windows; None where it is not counted."""
    cpu_ratio: float | None = None
    """``cpu_ms`` as a multiple of the bare server's for the same payload, verifiers and concurrency."""
    rate_ratio: float | None = None
    """``requests_per_s`` as a share of the bare server's, likewise."""
    cached_share: float = 0.0
    """Share of the verdicts that came from the cache."""
    problems: Problems
    """What was not given."""


class StepResult(msgspec.Struct, frozen=True, kw_only=True):
    """A training step on one target: completions scored as they end."""

    target: str
    """On what."""
    transport: str
    """``grpc`` is one ScoreSession, ``http`` a small batch each tick."""
    steps: int
    """How often the step was repeated, each time with other completions."""
    completions: int
    """Completions of one step."""
    last_p50_ms: float
    """From the last token of all to the last verdict: median over the steps."""
    last_p99_ms: float
    """The same, 99th percentile (of few steps, the worst)."""
    verdict_p50_ms: float | None
    """From a completion's last token to its verdict: median over all completions."""
    verdict_p99_ms: float | None
    """The same, 99th percentile."""
    cached_share: float
    """Share of the verdicts that came from the cache; more than 0 where the same seed was sent before."""
    core_s_per_1000: float | None
    """CPU seconds of all server processes per 1,000 completions; None where it is not counted."""
    problems: Problems
    """What was not given."""


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One figure of a scenario."""

    name: str
    """What it is."""
    value: float | None
    """The figure; None where it could not be measured."""
    unit: str
    """Its unit: ``ms``, ``share`` …"""
    wanted: str = ""
    """What it should be, or empty where it is only reported."""
    holds: bool | None = None
    """Whether it is; None where it is only reported."""


class ScenarioResult(msgspec.Struct, frozen=True, kw_only=True):
    """A scenario on one target."""

    scenario: str
    """Its name."""
    target: str
    """On what."""
    figures: list[Figure] = []
    """What was measured."""
    skipped: str = ""
    """Why it was not run, or empty."""
    problems: Problems = Problems()
    """What was not given although it should have been."""


class Results(msgspec.Struct, frozen=True, kw_only=True):
    """Everything of one run."""

    machine: Machine
    """Where."""
    cells: list[CellResult] = []
    """The matrix."""
    steps: list[StepResult] = []
    """Training steps."""
    scenarios: list[ScenarioResult] = []
    """Scenarios."""

    @property
    def problems(self) -> int:
        """How many calls and verdicts were not given."""
        parts: list[CellResult | StepResult | ScenarioResult] = [*self.cells, *self.steps, *self.scenarios]
        return sum(part.problems.count for part in parts)
