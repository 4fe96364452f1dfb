"""Shows scored rows: as a table for people, or as one JSON object per line for programs."""

from __future__ import annotations

import json
import sys
from typing import Any, Protocol

from rich.table import Table

from guerdon.services.cli.calls import Scored
from guerdon.services.cli.rows import Row
from guerdon.services.cli.terminal import cell, console, shortened, visible

_ID_CHARS, _ANSWER_CHARS, _REASON_CHARS, _EXPLANATION_CHARS = 24, 32, 24, 800
_LABELS = {True: "right", False: "wrong", None: "-"}

STATUS_STYLES = {"ok": "green", "not_applicable": "dim", "partial": "yellow"}
"""Colour of a status; any other one means that a verdict is missing."""


class Output(Protocol):
    """Where scored rows go."""

    def add(self, scored: Scored) -> None:
        """Take one row, in the order of the input."""

    def finish(self) -> None:
        """Show what is still held back."""


class JsonOutput:
    """One JSON object per line on standard output: the item's result, its line, and its field and label if any."""

    def add(self, scored: Scored) -> None:
        """Write one row."""
        row, result = scored
        shown: dict[str, Any] = {"line": row.line}
        if row.field is not None:
            shown["field"] = row.field
        if row.label is not None:
            shown["label"] = row.label
        # ASCII only: the characters that could drive a terminal are escaped with all others.
        sys.stdout.write(f"{json.dumps({**shown, **result}, ensure_ascii=True)}\n")
        sys.stdout.flush()

    def finish(self) -> None:
        """Nothing is held back."""


class ExplainedOutput:
    """The first rows with every verdict's explanation, as they come."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._rows = 0

    def add(self, scored: Scored) -> None:
        """Print one row, or count it."""
        self._rows += 1
        if self._rows > self._limit:
            return
        row, result = scored
        out = console()
        head = cell(f"{_place(row)}  {shortened(result['id'], _ID_CHARS)}  ", "bold")
        head.append(str(result["status"]), style=STATUS_STYLES.get(result["status"], "red"))
        head.append(f"  total {number(result['total'])}", style="not bold")
        if row.label is not None:
            head.append(f"  labelled {_LABELS[row.label]}", style="not bold")
        out.print(head)
        for component in result["components"]:
            answer = component.get("answer")
            said = [str(component["status"]), number(component["score"]), visible(component["reason"])]
            if answer is not None:
                said.append(f"answer {shortened(answer, _ANSWER_CHARS)}")
            out.print(cell(f"  {visible(component['name'])}: {' · '.join(said)}"))
            out.print(cell(f"    {shortened(component['explanation'], _EXPLANATION_CHARS)}", "dim"))

    def finish(self) -> None:
        """Tell how many rows were left out."""
        _tell_left_out(self._rows - self._limit)


class TableOutput:
    """A table of the first rows, one line for each reward.

    Args:
        limit: rows shown at most.
        labelled: whether rows carry a label.
    """

    def __init__(self, limit: int, *, labelled: bool) -> None:
        self._limit = limit
        self._labelled = labelled
        self._shown: list[Scored] = []
        self._left_out = 0

    def add(self, scored: Scored) -> None:
        """Keep one row for the table, or count it."""
        if len(self._shown) < self._limit:
            self._shown.append(scored)
        else:
            self._left_out += 1

    def finish(self) -> None:
        """Print the table."""
        if self._shown:
            console().print(self._table())
        _tell_left_out(self._left_out)

    def _table(self) -> Table:
        table = Table(box=None, pad_edge=False, header_style="bold")
        for name in ("line", "id", *(["label"] if self._labelled else []), "reward", "status"):
            table.add_column(name, no_wrap=True)
        for name in ("score", "total"):
            table.add_column(name, justify="right", no_wrap=True)
        table.add_column("answer", no_wrap=True)
        table.add_column("reason", no_wrap=True)
        for scored in self._shown:
            self._add_rows(table, scored)
        return table

    def _add_rows(self, table: Table, scored: Scored) -> None:
        row, result = scored
        label = [] if not self._labelled else [_LABELS[row.label]]
        for position, component in enumerate(result["components"]):
            first = position == 0
            head = [_place(row), shortened(result["id"], _ID_CHARS), *label] if first else [""] * (2 + len(label))
            status = str(component["status"])
            cells = [
                *map(cell, head),
                cell(visible(component["name"])),
                cell(status, STATUS_STYLES.get(status, "red")),
                cell(number(component["score"])),
                cell(number(result["total"]) if first else ""),
                cell(shortened(component.get("answer") or "", _ANSWER_CHARS)),
                cell(shortened(component["reason"], _REASON_CHARS)),
            ]
            table.add_row(*cells)


def number(value: float | None) -> str:
    """A score for people; a dash where there is none."""
    return "-" if value is None else f"{value:.4g}"


def _place(row: Row) -> str:
    return str(row.line) if row.field is None else f"{row.line} {visible(row.field)}"


def _tell_left_out(rows: int) -> None:
    if rows > 0:
        print(f"… and {rows:,} more; --limit N shows more of them, --json all")
