"""What all of these benchmarks show, and how: progress on a terminal, tables last, JSON and a picture at will."""

from __future__ import annotations

import argparse
import json
import os
import platform
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from guerdon.sandbox import Engine
from guerdon.services.bench.machine import load_average

Json = dict[str, Any]
_FILE_COLUMNS = 140


class Advance(Protocol):
    """Moves the progress bar."""

    def __call__(self, steps: int = 1, doing: str = "") -> None:
        """Take note of steps done and, with ``doing``, of what is under way."""


def parser_for(description: str, *, plot: str = "") -> argparse.ArgumentParser:
    """A parser with what all benchmarks take; ``plot`` says what the picture shows, where there is one."""
    first, _, rest = description.partition("\n")
    parser = argparse.ArgumentParser(
        description=first, epilog=rest.strip(), formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", type=_writable, metavar="FILE", help="write all figures as JSON")
    if plot:
        parser.add_argument("--plot", type=_picture, metavar="FILE.png", help=f"draw {plot} (needs matplotlib)")
    return parser


def count(text: str) -> int:
    """A whole number above 0, for ``type=`` of an argument."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return value


def by_comma(text: str) -> tuple[str, ...]:
    """Words by comma, for ``type=`` of an argument."""
    return tuple(word.strip() for word in text.split(",") if word.strip())


def wanted(name: str, only: Sequence[str]) -> bool:
    """Whether a name has one of the words in it, or none are given."""
    return not only or any(word in name for word in only)


def _writable(text: str) -> Path:
    path = Path(text)
    if not path.resolve().parent.is_dir():
        raise argparse.ArgumentTypeError(f"the folder {path.parent} does not exist")
    return path


def _picture(text: str) -> Path:
    if find_spec("matplotlib") is None:
        raise argparse.ArgumentTypeError("pictures need the package 'matplotlib', which the extra 'bench' brings")
    return _writable(text)


def figure(width: float, height: float) -> Any:
    """An empty picture of a size in inches."""
    # By name, as it is no dependency: nothing of it is needed unless a picture is asked for.
    return import_module("matplotlib.figure").Figure(figsize=(width, height), layout="constrained")


@contextmanager
def progress(total: int) -> Iterator[Advance]:
    """Show how far the benchmark is, on a terminal only."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task("", total=total)

        def advance(steps: int = 1, doing: str = "") -> None:
            bar.update(task, advance=steps, description=doing or None)

        yield advance


def circumstances(engine: Engine) -> Json:
    """What figures are worth nothing without."""
    health = engine.health()
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": len(os.sched_getaffinity(0)),
        "load_before": load_average(),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "user": "root" if os.geteuid() == 0 else "unprivileged",
        "tier": health.tier,
        "facts": health.facts,
        "slots": len(health.slots),
        "speed_factor": health.speed_factor,
    }


def columns_to_show() -> int:
    """How wide the report may be: as the terminal, or as a file likes it."""
    console = Console()
    return console.width if console.is_terminal else _FILE_COLUMNS


def show(around: Json, tables: Iterable[Table], problems: Sequence[str]) -> None:
    """Print tables and what is wrong."""
    console = Console(width=columns_to_show())
    facts = ", ".join(f"{name} {value}" for name, value in around["facts"].items())
    before, after = (" ".join(f"{load:.2f}" for load in around[key]) for key in ("load_before", "load_after"))
    console.print(
        f"{around['at']}   {around['cores']} cores   load average {before} -> {after}   Linux {around['kernel']}\n"
        f"tier {around['tier']} ({facts})   {around['slots']} slots   speed factor {around['speed_factor']:g}\n",
        highlight=False,
    )
    for table in tables:
        console.print(table)
        console.print()
    for problem in problems:
        console.print(problem, style="bold red", markup=False, highlight=False)


def table_of(columns: Sequence[str], rows: Iterable[Sequence[object]], *, title: str = "") -> Table:
    """A table whose first column is text; numbers are shown to three or four digits, None as nothing."""
    table = Table(box=None, pad_edge=False, title=title or None, title_justify="left", title_style="bold")
    for position, column in enumerate(columns):
        table.add_column(column, justify="right" if position else "left", no_wrap=bool(position))
    for row in rows:
        table.add_row(*(_shown(value) for value in row))
    return table


def _shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.4g}"
    return str(value)


def finish(report: Json, words: argparse.Namespace, tables: Iterable[Table], problems: Sequence[str]) -> int:
    """Write the JSON, print the tables, and return the exit status: 1 where something is wrong.

    Args:
        report: everything measured; ``circumstances`` is what :func:`circumstances` returned.
        words: of the command line.
        tables: for people.
        problems: sentences on what must not be.
    """
    report["circumstances"]["load_after"] = load_average()
    report["problems"] = list(problems)
    if words.json:
        words.json.write_text(json.dumps(report, indent=1) + "\n")
    show(report["circumstances"], tables, problems)
    return 1 if problems else 0
