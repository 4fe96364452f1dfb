"""``guerdon bench``: measures what a service costs beside bare floors, all in one run."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from cyclopts import App, Group, Parameter
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from guerdon.services.bench.chart import check_chart, draw_chart
from guerdon.services.bench.errors import BenchError
from guerdon.services.bench.matrix import choose_cells, choose_steps
from guerdon.services.bench.measure import FLOORS, FUNCTION
from guerdon.services.bench.registry import TargetOptions, make_targets, scenarios_named
from guerdon.services.bench.remote_target import RemoteTarget
from guerdon.services.bench.report import render
from guerdon.services.bench.results import Results
from guerdon.services.bench.scenarios import overload
from guerdon.services.bench.session import Plan, run_plan
from guerdon.services.bench.targets import Target
from guerdon.services.cli.description import describe
from guerdon.services.cli.errors import CliError, ExitCode
from guerdon.services.cli.terminal import console, say

app = App(
    name="bench",
    help_format="plaintext",
    help_epilogue=(
        "Cells are named transport/payload/verifiers/calls in flight, such as http/64x1kB/4v/c8; 0v means every "
        "verdict comes from the cache. CPU-ms per call of all server processes, and their multiple of the bare "
        "server's, depend little on how busy the machine is; times do. Exit codes: 0 measured; 1 measured, but a "
        "call failed or a verdict is missing; 2 options or packages cannot be used; 3 a target cannot be started "
        "or reached."
    ),
)


@Parameter(name="*", group=Group("What to measure", sort_key=1))
@dataclass(frozen=True)
class MeasureOptions:
    """Which cells, steps and scenarios."""

    full: bool = False
    """Measure every cell, which takes about half an hour, instead of a subset of about a minute."""
    only: tuple[str, ...] = ()
    """Measure the cells and steps whose name fits a pattern, such as 'grpc/*' or 'step/*'; may be repeated."""
    scenario: tuple[str, ...] = ()
    """Run a scenario instead: overload, scaling, isolation, hang or all; may be repeated."""
    transport: Literal["http", "grpc"] = "http"
    """Transport of scenarios."""


@Parameter(name="*", group=Group("On what", sort_key=2))
@dataclass(frozen=True)
class TargetChoice:
    """Which targets."""

    target: tuple[str, ...] = ()
    """Target to measure: function, bare, inprocess …; may be repeated. All by default."""
    url: tuple[str, ...] = ()
    """Measure a running service beside the floors, as http://host:port and grpc://host:port."""
    pid: tuple[int, ...] = ()
    """Process of that service on this machine whose CPU time counts, with its children; may be repeated."""
    reward: tuple[str, ...] = ()
    """Reward to ask for instead of the stubs, which a running service does not have; may be repeated."""
    api_key: Annotated[str, Parameter(env_var="GUERDON_API_KEY", show_env_var=True, show_default=False)] = ""
    """API key of that service."""


@Parameter(name="*", group=Group("How long", sort_key=3))
@dataclass(frozen=True)
class EffortOptions:
    """How much is measured."""

    seconds: float = 1.5
    """Seconds for each target in each cell, in three windows; a measurement of a scenario takes twice that."""
    steps: int = 3
    """Training steps over each transport."""
    completions: int = 512
    """Completions of a step."""
    span: float = 2.0
    """Seconds from a step's first token to its last."""
    seed: int = 1
    """What the completions of steps are made from."""

    def check(self) -> None:
        """Refuse what cannot be measured."""
        for name, value in (("seconds", self.seconds), ("span", self.span)):
            if not 0 < value <= 600:
                raise CliError(f"--{name} {value}: has to lie between 0 and 600 seconds")
        for name, count in (("steps", self.steps), ("completions", self.completions)):
            if not 1 <= count <= 100_000:
                raise CliError(f"--{name} {count}: has to lie between 1 and 100000")


@Parameter(name="*", group=Group("What to show", sort_key=4))
@dataclass(frozen=True)
class OutputOptions:
    """Form of the output."""

    json: bool = False
    """Write one JSON object to standard output, and nothing else there."""
    chart: Path | None = None
    """Draw the cells to a file, as .svg or .png."""


@app.default
def bench(
    *,
    what: MeasureOptions = MeasureOptions(),
    where: TargetChoice = TargetChoice(),
    effort: EffortOptions = EffortOptions(),
    output: OutputOptions = OutputOptions(),
) -> int:
    """Measure requests, latency and server CPU time, beside a plain function and a bare server.

    Short windows on each target take turns, so that noise hits all of them; the median window counts.
    """
    effort.check()
    try:
        if output.chart is not None:
            check_chart(output.chart)
        plan = _plan(what, where, effort)
        plans = [(part, _targets(where, part)) for part in _apart(plan)]
    except BenchError as error:
        raise CliError(str(error)) from None
    try:
        results = _run(plans, shown=not output.json and sys.stderr.isatty())
    except BenchError as error:
        raise CliError(str(error), ExitCode.SERVICE) from None
    _show(results, output)
    return ExitCode.INCOMPLETE if results.problems else ExitCode.OK


def _plan(what: MeasureOptions, where: TargetChoice, effort: EffortOptions) -> Plan:
    scenarios = scenarios_named(what.scenario)
    cells = [] if scenarios else choose_cells(full=what.full, only=what.only, rewards=where.reward)
    steps = [] if scenarios else choose_steps(only=what.only)
    if not (scenarios or cells or steps):
        raise BenchError(
            f"no cell or step fits {' or '.join(map(repr, what.only))}; "
            "names are as 'http/64x1kB/4v/c8' and 'step/grpc'"
        )
    return Plan(
        cells=cells,
        step_transports=steps,
        scenarios=scenarios,
        with_function=not where.target or FUNCTION in where.target,
        seconds=effort.seconds,
        steps=effort.steps,
        completions=effort.completions,
        span_s=effort.span,
        seed=effort.seed,
        scenario_seconds=2 * effort.seconds,
        scenario_transport=what.transport,
        api_key=where.api_key,
    )


def _apart(plan: Plan) -> list[Plan]:
    """The plan, with the scenario that needs targets of its own in a plan of its own."""
    others = [name for name in plan.scenarios if name != overload.NAME]
    if len(others) in {0, len(plan.scenarios)}:
        return [plan]
    return [msgspec.structs.replace(plan, scenarios=names) for names in ([overload.NAME], others)]


def _targets(where: TargetChoice, plan: Plan) -> list[Target]:
    options = TargetOptions(
        registered=("math", "format") if plan.step_transports else (),
        stubs=None if plan.scenarios else sorted({reward for cell in plan.cells for reward in cell.rewards}),
        bounded=overload.NAME in plan.scenarios,
    )
    if not where.url:
        if where.pid:
            raise CliError("--pid needs --url: the processes of other targets are known")
        return make_targets(where.target or (*FLOORS, "inprocess"), options)
    remote = RemoteTarget(where.url, where.pid)
    offered = {reward["name"] for reward in describe(where.url[0], where.api_key, None)["verifiers"]}
    wanted = {reward for cell in plan.cells for reward in cell.rewards}
    if absent := sorted(wanted - offered):
        raise CliError(
            f"the service at {where.url[0]} has no reward {absent[0]!r}; name one that it has with --reward: "
            f"{', '.join(sorted(offered))}"
        )
    return [*make_targets(where.target or FLOORS, options), remote]


def _run(plans: list[tuple[Plan, list[Target]]], *, shown: bool) -> Results:
    """Carry plans out one after the other; only scenarios take more than one."""
    with _progress(sum(plan.units(targets) for plan, targets in plans), shown=shown) as tell:
        parts = [run_plan(plan, targets, tell) for plan, targets in plans]
    return msgspec.structs.replace(
        parts[0],
        machine=msgspec.structs.replace(parts[0].machine, load_after=parts[-1].machine.load_after),
        scenarios=[result for part in parts for result in part.scenarios],
    )


@contextmanager
def _progress(total: int, *, shown: bool) -> Iterator[_Teller]:
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console(sys.stderr), transient=True, disable=not shown) as progress:
        yield _Teller(progress, total)


class _Teller:
    """Shows what is measured."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress = progress
        self._task = progress.add_task("starting", total=total)

    def __call__(self, what: str, done: int) -> None:
        self._progress.update(self._task, description=f"{what:<40}", advance=done)


def _show(results: Results, output: OutputOptions) -> None:
    if output.json:
        print(msgspec.json.format(msgspec.json.encode(results), indent=2).decode())
    else:
        out = console()
        for part in render(results, out.width):
            out.print(part)
    if output.chart is not None:
        try:
            draw_chart(results, output.chart)
        except BenchError as error:
            raise CliError(str(error)) from None
        say(f"chart: {output.chart}")
