"""A bar that shows how far a file has been worked through."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Protocol

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from guerdon.services.cli.source import Source
from guerdon.services.cli.terminal import console


class Advance(Protocol):
    """Moves a bar on."""

    def __call__(self, position_bytes: int | None = None) -> None:
        """Count one row.

        Args:
            position_bytes: where in the source it stood, if the source has been read further since.
        """


@contextmanager
def progress(source: Source, what: str, *, shown: bool) -> Iterator[Advance]:
    """A bar on standard error, where that is a terminal; what it gives is called after every row.

    Args:
        source: whose position the bar shows.
        what: name of what is counted, in the plural.
        shown: whether to show it at all.
    """
    columns = (
        TextColumn("{task.fields[rows]:,} {task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
    )
    bar = Progress(
        *columns,
        console=console(sys.stderr),
        transient=True,
        # Results go to standard output as they are, not by way of the bar's console.
        redirect_stdout=False,
        disable=not (shown and sys.stderr.isatty()),
    )
    with bar:
        task = bar.add_task(what, total=source.size_bytes, rows=0)
        rows = count(1)

        def advance(position_bytes: int | None = None) -> None:
            reached = source.position_bytes if position_bytes is None else position_bytes
            bar.update(task, completed=reached, rows=next(rows))

        yield advance
