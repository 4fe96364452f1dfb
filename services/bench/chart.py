"""Draws server CPU time and latency per cell as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from guerdon.services.bench.errors import BenchError
from guerdon.services.bench.results import CellResult, Results

FORMATS = (".svg", ".png")
_INCHES_A_CELL = 0.9


def check_chart(file: Path) -> None:
    """Refuse a file that could not be drawn, before anything is measured.

    Raises:
        BenchError: the format is another one, or matplotlib is missing.
    """
    if file.suffix.lower() not in FORMATS:
        raise BenchError(f"--chart {file}: charts are drawn as {' or '.join(FORMATS)}")
    if not file.resolve().parent.is_dir():
        raise BenchError(f"--chart {file}: the folder {file.parent} does not exist")
    if find_spec("matplotlib") is None:
        raise BenchError(f"--chart {file}: charts need the package 'matplotlib': pip install matplotlib")


def draw_chart(results: Results, file: Path) -> None:
    """Write the chart of the matrix.

    Raises:
        BenchError: there are no cells, or the file cannot be written.
    """
    if not results.cells:
        raise BenchError("--chart: no cell was measured, so there is nothing to draw")
    names = list(dict.fromkeys(result.cell.name for result in results.cells))
    targets = list(dict.fromkeys(result.target for result in results.cells))
    # By name, as it is no dependency: nothing of it is needed unless a chart is asked for.
    picture = import_module("matplotlib.figure").Figure(
        figsize=(11, 2 + _INCHES_A_CELL * len(names)), layout="constrained"
    )
    left, right = picture.subplots(1, 2, sharey=True)
    height = 0.8 / len(targets)
    for position, target in enumerate(targets):
        rows = [row + height * (position - (len(targets) - 1) / 2) for row in range(len(names))]
        for axes, field in ((left, "cpu_ms"), (right, "p50_ms")):
            bars = axes.barh(rows, _values(results.cells, names, target, field), height, label=target)
            axes.bar_label(bars, fmt="%.3g", padding=2, fontsize=7)
    for axes, title in ((left, "server CPU per call, ms"), (right, "latency per call, median, ms")):
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter("{x:g}")
        axes.xaxis.set_minor_formatter("")
        axes.set_title(title)
        axes.set_yticks(range(len(names)), names)
        axes.grid(axis="x", alpha=0.3)
    left.invert_yaxis()
    left.legend()
    machine = results.machine
    picture.suptitle(f"{machine.cores} cores, load average {machine.load_before[0]:.2f}, {machine.at}", fontsize=9)
    try:
        picture.savefig(file)
    except OSError as cause:
        raise BenchError(f"--chart {file} cannot be written: {cause.strerror}") from None


def _values(cells: Sequence[CellResult], names: Sequence[str], target: str, field: str) -> list[float]:
    found = {result.cell.name: getattr(result, field) for result in cells if result.target == target}
    return [found.get(name) or 0.0 for name in names]
