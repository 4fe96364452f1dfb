"""One run of a bench: starts the targets, measures what was planned, stops everything."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager

import msgspec

from guerdon.services.bench.errors import BenchError
from guerdon.services.bench.generator import Generator
from guerdon.services.bench.jobs import Transport
from guerdon.services.bench.machine import describe_machine, load_average
from guerdon.services.bench.matrix import Cell
from guerdon.services.bench.measure import WINDOWS, measure_cell
from guerdon.services.bench.registry import SCENARIOS
from guerdon.services.bench.results import CellResult, Results, ScenarioResult, StepResult
from guerdon.services.bench.scenarios.context import Context
from guerdon.services.bench.step import measure_steps
from guerdon.services.bench.targets import Target

Progress = Callable[[str, int], None]
"""Told what is measured next, and how many units of work are done with."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What to measure."""

    cells: list[Cell] = []
    """The matrix."""
    step_transports: list[Transport] = []
    """Transports of training steps."""
    scenarios: list[str] = []
    """Names of scenarios."""
    with_function: bool = True
    """Whether the plain function is measured as well."""
    seconds: float = 1.5
    """How long each target is measured in each cell."""
    steps: int = 3
    """How often a step is repeated over each transport."""
    completions: int = 512
    """Completions of a step."""
    span_s: float = 2.0
    """Time of a step from its first token to its last, in seconds."""
    seed: int = 1
    """What completions of steps are made from."""
    scenario_seconds: float = 3.0
    """How long each measurement of a scenario takes."""
    scenario_transport: Transport = "http"
    """Transport of scenarios."""
    api_key: str = ""
    """API key of the targets, or empty."""

    def units(self, targets: Sequence[Target]) -> int:
        """Units of work that progress is told of."""
        services = sum(not target.floor for target in targets)
        windows = len(self.cells) * (len(targets) + self.with_function) * WINDOWS
        return windows + services * (len(self.step_transports) * self.steps + len(self.scenarios))


def run_plan(plan: Plan, targets: Sequence[Target], progress: Progress = lambda _what, _done: None) -> Results:
    """Carry a plan out.

    Args:
        plan: what to measure.
        targets: on what; not yet started, and stopped at the end whatever happens.
        progress: told what comes next.

    Raises:
        BenchError: a target cannot be started, or stopped answering altogether.
    """
    machine = describe_machine()
    services = [target for target in targets if not target.floor]
    with ExitStack() as stack:
        generator, other = (stack.enter_context(Generator()) for _ in range(2))
        for target in targets:
            progress(f"starting {target.name}", 0)
            stack.enter_context(_started(target))
        cells = list(_cells(plan, targets, generator, progress))
        steps = list(_steps(plan, services, generator, progress))
        context = Context(
            generator,
            other,
            seconds=plan.scenario_seconds,
            transport=plan.scenario_transport,
            api_key=plan.api_key,
        )
        scenarios = list(_scenarios(plan, services, context, progress))
    machine = msgspec.structs.replace(machine, load_after=load_average())
    return Results(machine=machine, cells=cells, steps=steps, scenarios=scenarios)


@contextmanager
def _started(target: Target) -> Iterator[None]:
    try:
        target.start()
        yield
    finally:
        target.stop()


def _cells(
    plan: Plan, targets: Sequence[Target], generator: Generator, progress: Progress
) -> Iterator[CellResult]:
    for cell in plan.cells:
        taken = 0

        def on_window(name: str, cell: Cell = cell) -> None:
            nonlocal taken
            taken += 1
            progress(f"{cell.name} on {name}", 1)

        yield from measure_cell(
            cell,
            targets,
            generator,
            seconds=plan.seconds,
            with_function=plan.with_function,
            api_key=plan.api_key,
            on_window=on_window,
        )
        # A cell is not measured on every target; the rest of its units are done with too.
        progress(cell.name, (len(targets) + plan.with_function) * WINDOWS - taken)


def _steps(
    plan: Plan, targets: Sequence[Target], generator: Generator, progress: Progress
) -> Iterator[StepResult]:
    for target in targets if plan.step_transports else ():
        name = target.name
        yield from measure_steps(
            target,
            generator,
            transports=plan.step_transports,
            steps=plan.steps,
            completions=plan.completions,
            span_s=plan.span_s,
            seed=plan.seed,
            api_key=plan.api_key,
            on_step=lambda transport, name=name: progress(f"step/{transport} on {name}", 1),  # type: ignore[misc]
        )


def _scenarios(
    plan: Plan, targets: Sequence[Target], context: Context, progress: Progress
) -> Iterator[ScenarioResult]:
    for name in plan.scenarios:
        for target in targets:
            progress(f"{name} on {target.name}", 1)
            try:
                yield SCENARIOS[name](target, context)
            except BenchError as cause:
                raise BenchError(f"{name} on {target.name}: {cause}") from cause
