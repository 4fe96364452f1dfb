"""The report for people: tables and bars. Whatever is missing is red."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from guerdon.services.bench.checks import CACHED
from guerdon.services.bench.measure import FLOORS
from guerdon.services.bench.results import (
    CellResult,
    Figure,
    Machine,
    Problems,
    Results,
    ScenarioResult,
    StepResult,
)

WIDE = 110
"""Columns from which the whole table can be read."""
_WIDE_COLUMNS = (
    ("calls/s", "requests_per_s"),
    ("items/s", "items_per_s"),
    ("p50 ms", "p50_ms"),
    ("p95 ms", "p95_ms"),
    ("p99 ms", "p99_ms"),
    ("CPU-ms", "cpu_ms"),
    ("× bare", "cpu_ratio"),
    ("rate × bare", "rate_ratio"),
)
_LEFT_OUT = {"items_per_s", "p95_ms", "rate_ratio"}
_NARROW_COLUMNS = tuple(column for column in _WIDE_COLUMNS if column[1] not in _LEFT_OUT)
_BAR_CHARS, _BAR_LABELS = 48, 42
_BAD = "bold red"
_MESSAGES = 3
_MESSAGE_CHARS = 140


def render(results: Results, width: int = WIDE) -> Iterator[RenderableType]:
    """The parts of the report, in order.

    Args:
        results: what was found.
        width: columns there are to show it; where they are few the table keeps the most telling figures.
    """
    yield _header(results.machine)
    if results.cells:
        yield _cells(results.cells, _WIDE_COLUMNS if width >= WIDE else _NARROW_COLUMNS)
        yield from _bars(results.cells, max(10, min(_BAR_CHARS, width - _BAR_LABELS)))
    if results.steps:
        yield _steps(results.steps)
    for scenario in results.scenarios:
        yield _scenario(scenario)
    yield from _uncached(results.cells)
    yield from _problems(results)


def _header(machine: Machine) -> Text:
    loads = [machine.load_before, *([machine.load_after] if machine.load_after else [])]
    load = " -> ".join(" ".join(f"{value:.2f}" for value in each) for each in loads)
    return Text(
        f"{machine.at}   {machine.cores} cores   load average {load}   Python {machine.python}   "
        f"Guerdon {machine.guerdon}\nbare: {machine.bare}\n"
    )


def _cells(cells: Sequence[CellResult], columns: Sequence[tuple[str, str]]) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in ("cell", "target"):
        table.add_column(heading, no_wrap=True)
    for heading in (*(heading for heading, _ in columns), "errors"):
        table.add_column(heading, justify="right", no_wrap=True)
    previous = ""
    for result in cells:
        name = result.cell.name
        table.add_row(
            Text(name if name != previous else "", style="bold"),
            Text(result.target),
            *(number(getattr(result, field)) for _, field in columns),
            _count(result.problems),
        )
        previous = name
    return table


def _bars(cells: Sequence[CellResult], most_chars: int) -> Iterator[RenderableType]:
    """Server CPU time a call, cell by cell; each cell has its own scale."""
    yield Text("\nserver CPU-ms per call", style="bold")
    table = Table(box=None, pad_edge=False, show_header=False)
    for name in dict.fromkeys(result.cell.name for result in cells):
        group = [result for result in cells if result.cell.name == name and result.cpu_ms is not None]
        longest = max((result.cpu_ms or 0.0 for result in group), default=0.0)
        for position, result in enumerate(group):
            length = round(most_chars * (result.cpu_ms or 0.0) / longest) if longest else 0
            table.add_row(
                Text("" if position else name), Text(result.target), Text("█" * length), number(result.cpu_ms)
            )
    yield table


def _steps(steps: Sequence[StepResult]) -> Table:
    table = Table(box=None, pad_edge=False, title="\nstep", title_justify="left", title_style="bold")
    table.add_column("transport")
    table.add_column("target")
    for heading in (
        "steps",
        "completions",
        "last token to last verdict p50 ms",
        "p99 ms",
        "each verdict p50 ms",
        "p99 ms",
        "core-s per 1,000",
        "errors",
    ):
        table.add_column(heading, justify="right")
    for step in steps:
        table.add_row(
            Text(step.transport),
            Text(step.target),
            Text(str(step.steps)),
            Text(str(step.completions)),
            *map(number, (step.last_p50_ms, step.last_p99_ms, step.verdict_p50_ms, step.verdict_p99_ms)),
            number(step.core_s_per_1000),
            _count(step.problems),
        )
    return table


def _scenario(result: ScenarioResult) -> RenderableType:
    title = f"\n{result.scenario} on {result.target}" + (f": skipped, {result.skipped}" if result.skipped else "")
    if not result.figures:
        return Text(title, style="bold")
    table = Table(
        box=None, pad_edge=False, title=Text(title, style="bold"), title_justify="left", show_header=False
    )
    for figure in result.figures:
        table.add_row(
            Text(figure.name), number(figure.value), Text(figure.unit), Text(figure.wanted), _holds(figure)
        )
    return table


def _holds(figure: Figure) -> Text:
    if figure.holds is None:
        return Text("")
    return Text("holds", style="green") if figure.holds else Text("does not hold", style=_BAD)


def _uncached(cells: Sequence[CellResult]) -> Iterator[Text]:
    """Cells that should show the cache alone and do not."""
    for result in cells:
        if result.cell.rewards == (CACHED,) and result.target not in FLOORS and result.cached_share < 1:
            share = f"only {result.cached_share:.0%} of the verdicts came from the cache"
            yield Text(f"{result.cell.name} on {result.target}: {share}", style="yellow")


def _problems(results: Results) -> Iterator[Text]:
    """What went wrong, in words."""
    for where, problems in _located(results):
        if not problems.count:
            continue
        parts = []
        if problems.missing_verdicts:
            statuses = ", ".join(f"{count} {status}" for status, count in problems.statuses.items())
            parts.append(f"{problems.missing_verdicts} verdicts missing ({statuses or 'never came'})")
        if problems.refused_calls:
            parts.append(f"{problems.refused_calls} calls refused")
        if problems.expired_calls:
            parts.append(f"the time of {problems.expired_calls} calls ran out")
        messages = list(problems.failed_calls.items())
        parts += [f"{count} calls failed: {_plain(message)}" for message, count in messages[:_MESSAGES]]
        if len(messages) > _MESSAGES:
            parts.append(f"and {len(messages) - _MESSAGES} further kinds of failure")
        yield Text("\n  ".join([f"{where}:", *parts]), style=_BAD)


def _located(results: Results) -> Iterator[tuple[str, Problems]]:
    for cell in results.cells:
        yield f"{cell.cell.name} on {cell.target}", cell.problems
    for step in results.steps:
        yield f"step/{step.transport} on {step.target}", step.problems
    for scenario in results.scenarios:
        yield f"{scenario.scenario} on {scenario.target}", scenario.problems


def _plain(message: str) -> str:
    """A server's words as one harmless line."""
    return "".join(char if char.isprintable() else " " for char in message)[:_MESSAGE_CHARS]


def _count(problems: Problems) -> Text:
    return Text(str(problems.count), style=_BAD if problems.count else "green")


def number(value: float | None) -> Text:
    """Three significant digits, thousands separated; a dash where there is none."""
    if value is None:
        return Text("-")
    if abs(value) >= 100:
        return Text(f"{value:,.0f}")
    return Text(f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}")
