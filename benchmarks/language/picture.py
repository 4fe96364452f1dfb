"""Draws the card: a panel for each figure, a bar for each way to score."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from measures import COLUMNS, Column

_ACROSS = 4
_OURS, _THEIRS = "#c8452d", "#8a97a6"
_RATES = {"texts_per_s": "texts per second and core", "mchar_per_s": "Mchar per second and core"}


def draw(card: dict[str, Any], file: Path) -> None:
    """Write the picture."""
    panels: list[tuple[str, str, bool]] = [
        (column.key, _title(column, card), column.is_error) for column in COLUMNS
    ]
    panels += [(key, title, False) for key, title in _RATES.items()]
    down = -(-len(panels) // _ACROSS)
    height = 0.8 + down * (0.7 + 0.2 * len(card["rows"]))
    # By name, as it is no dependency: nothing of it is needed unless a picture is asked for.
    picture = import_module("matplotlib.figure").Figure(figsize=(15, height), layout="constrained")
    grid = picture.subplots(down, _ACROSS, sharey=True).flat
    for axes, (key, title, is_error) in zip(grid, panels, strict=True):
        _panel(axes, card["rows"], key, is_error)
        axes.set_title(title, fontsize=9)
    around = card["circumstances"]
    picture.suptitle(f"Language consistency: Guerdon beside the usual detectors, {around['at'][:10]}", fontsize=12)
    picture.savefig(file, dpi=110)


def _title(column: Column, card: dict[str, Any]) -> str:
    direction = "less is better" if column.is_error else "%"
    return f"{column.title}, {direction} (n = {card['columns'][column.key]})"


def _panel(axes: Any, rows: list[dict[str, Any]], key: str, is_error: bool) -> None:
    is_rate = key in _RATES
    scale = 1 if is_error or is_rate else 100
    values = [(row["figures"][key] or 0.0) * scale for row in rows]
    labels = [
        "" if row["figures"][key] is None else _label(value, is_error, key)
        for row, value in zip(rows, values, strict=True)
    ]
    bars = axes.barh(range(len(rows)), values, color=[_OURS if row["ours"] else _THEIRS for row in rows])
    axes.bar_label(bars, labels, padding=2, fontsize=7)
    axes.set_yticks(range(len(rows)), [row["way"] for row in rows], fontsize=8)
    if not axes.yaxis_inverted():
        axes.invert_yaxis()
    axes.set_xlim(0, 112 if scale == 100 else (max(values) or 1) * 1.15)
    axes.tick_params(axis="x", labelsize=7)
    axes.spines[["top", "right"]].set_visible(False)


def _label(value: float, is_error: bool, key: str) -> str:
    if is_error:
        return f"{value:.3f}"
    return f"{value:,.0f}" if key == "texts_per_s" else f"{value:.2f}" if key == "mchar_per_s" else f"{value:.1f}"
