"""Counts the rows of groups, and knows which groups lack one."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter

from guerdon.services.cli.rows import BadRow, Row


class Census:
    """The groups of a source, as far as it has been read.

    A bad row costs the group that it names. A line that cannot be read at all names none: it is taken to belong to
    each group that has rows on both sides of it or next to it.
    """

    def __init__(self) -> None:
        self.sizes: Counter[str] = Counter()
        """Rows of each group that can be sent."""
        self._rows = 0
        self._spans: dict[str, tuple[int, int]] = {}
        self._faults: dict[str, str] = {}
        self._unreadable: list[tuple[int, BadRow]] = []

    def add(self, row: Row | BadRow, group: str) -> None:
        """Count the next row.

        Args:
            row: the row.
            group: the group that it is compared in, or empty.
        """
        place = self._rows
        self._rows += 1
        if isinstance(row, BadRow):
            if row.group_id is None:
                self._unreadable.append((place, row))
            elif row.group_id:
                self._faults.setdefault(row.group_id, f"{row.place}: {row.fault}")
        elif group:
            self.sizes[group] += 1
            first, _ = self._spans.get(group, (place, place))
            self._spans[group] = first, place

    def fault(self, group: str) -> str:
        """Why a group may lack a row; empty where it is whole."""
        if group in self._faults:
            return self._faults[group]
        first, last = self._spans[group]
        at = bisect_left(self._unreadable, first - 1, key=lambda entry: entry[0])
        if at == len(self._unreadable) or self._unreadable[at][0] > last + 1:
            return ""
        row = self._unreadable[at][1]
        return f"{row.place}, which may belong to it: {row.fault}"
