"""Counts what became of the rows of a run, for its summary and its exit code."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from typing import Any

from guerdon.services.cli.errors import ExitCode


class Tally:
    """Statuses, mean scores and speed of a run."""

    def __init__(self) -> None:
        self.bad_rows = 0
        """Lines or completions that could not be scored."""
        self._statuses: Counter[str] = Counter()
        self._scores: dict[str, list[float]] = defaultdict(lambda: [0, 0.0])
        self._started = time.monotonic()

    def add(self, result: dict[str, Any]) -> None:
        """Count one result."""
        self._statuses[str(result["status"])] += 1
        for component in result["components"]:
            if component["score"] is not None:
                mean = self._scores[component["name"]]
                mean[0] += 1
                mean[1] += component["score"]

    @property
    def items(self) -> int:
        """Results counted."""
        return self._statuses.total()

    @property
    def exit_code(self) -> ExitCode:
        """``OK`` if every row has its verdict."""
        complete = self.items == self._statuses["ok"] + self._statuses["not_applicable"]
        return ExitCode.OK if complete and not self.bad_rows else ExitCode.INCOMPLETE

    def summary(self) -> str:
        """What became of the rows, for people."""
        items, seconds = self.items, time.monotonic() - self._started
        parts = [f"scored {items:,} in {seconds:.1f} s ({items / seconds if seconds else 0:,.0f}/s)"]
        parts += [f"{count:,} {status}" for status, count in sorted(self._statuses.items())]
        parts += [
            f"mean {name} {total / count:.4f} of {count:,.0f}"
            for name, (count, total) in sorted(self._scores.items())
        ]
        if self.bad_rows:
            parts.append(f"{self.bad_rows:,} bad rows not scored")
        return " · ".join(parts)
