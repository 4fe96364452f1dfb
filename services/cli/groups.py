"""Brings the rows of a group together where a reward compares them, wherever they stand in the source."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, NamedTuple

from guerdon.services.cli.calls import Entry, Scorer, incomplete
from guerdon.services.cli.census import Census
from guerdon.services.cli.errors import CliError
from guerdon.services.cli.rows import BadRow, Row

MAX_HELD_BYTES = 256 << 20
"""Text that is held at most while a group waits for its last row."""

Rows = Iterable[Row | BadRow]


class Passed(NamedTuple):
    """A bad row, which is passed on in its place."""

    place: int
    row: BadRow


Together = list[Entry] | list[Passed]
"""Rows that travel in one call: a group that is compared, or one row."""


class Compared:
    """Knows which rows are compared with others of their group.

    Args:
        scorer: who knows which rewards compare; it is asked only if some row names a group.
        request: the request without its items.
    """

    def __init__(self, scorer: Scorer, request: Mapping[str, Any]) -> None:
        self._scorer = scorer
        self._request = request

    def group_of(self, row: Row | BadRow) -> str:
        """The group that a row is compared in, or empty."""
        if isinstance(row, BadRow) or not (group := str(row.item.get("group_id", ""))):
            return ""
        own = row.item.get("rewards")
        # An unknown reward may be a misspelt one that compares, and costs the row its verdicts.
        compared = any(self._group_wise.get(spec["name"], True) for spec in own) if own else self._usually
        return group if compared else ""

    @cached_property
    def _description(self) -> dict[str, Any]:
        return self._scorer.describe()

    @cached_property
    def _group_wise(self) -> dict[str, bool]:
        """Whether it compares, by reward."""
        return {reward["name"]: reward["group_wise"] for reward in self._description["verifiers"]}

    @cached_property
    def _usually(self) -> bool:
        """Whether rows are compared that name no rewards."""
        asked = self._request.get("rewards", ())
        if name := self._request.get("profile"):
            profiles = self._description["profiles"]
            asked = [spec for profile in profiles if profile["name"] == name for spec in profile["rewards"]]
        return any(self._group_wise.get(spec["name"]) for spec in asked)


def gather(rows: Rows, compared: Compared, again: Callable[[], Rows] | None) -> Iterator[Together]:
    """Rows as they can be sent: each by itself, those of a compared group together when the last one is there.

    A group that lacks a row, as that one is bad, is set apart: it is not compared.

    Args:
        rows: the rows, in order.
        compared: which of them are compared.
        again: reads the same rows once more, which is done if any are compared, to know which is the last of its
            group; None where they can be read only once, and all groups wait for the end.

    Raises:
        CliError: the rows of a group stand too far apart to be held, or changed while they were read.
    """
    census = Census()
    waiting = _Waiting()
    for place, row in enumerate(rows):
        group = compared.group_of(row)
        if again is None:
            census.add(row, group)
        if isinstance(row, BadRow):
            yield [Passed(place, row)]
            continue
        waiting.read(row)
        if not group:
            yield [Entry(place, row)]
            continue
        if again is not None and not census.sizes:
            census = _take_census(again(), compared)
        if waiting.add(Entry(place, row, group)) == census.sizes[group] and again is not None:
            yield _checked(waiting.take(group), census)
    left = waiting.groups()
    if left and again is not None:
        raise CliError(f"the file changed while it was read: the group {left[0]!r} has other rows now")
    for group in left:
        yield _checked(waiting.take(group), census)


class _Waiting:
    """Rows of groups that are not complete."""

    def __init__(self) -> None:
        self._read_bytes = 0
        self._groups: dict[str, tuple[int, list[Entry]]] = {}
        self._taken: set[str] = set()

    def read(self, row: Row) -> None:
        """Take note that the source was read on; everything since the oldest group here is still in memory."""
        self._read_bytes += row.size_bytes
        if not self._groups:
            return
        oldest, (begun, _) = next(iter(self._groups.items()))
        if self._read_bytes - begun > MAX_HELD_BYTES:
            raise CliError(
                f"the rows of the group {oldest!r} are compared and may stand {MAX_HELD_BYTES >> 20} MiB or more "
                "apart, too far to be held: put the rows of a group next to each other, and in a file, not a pipe"
            )

    def add(self, entry: Entry) -> int:
        """Hold a row; how many there are of its group now."""
        if entry.group in self._taken:
            raise CliError(f"the file changed while it was read: the group {entry.group!r} has other rows now")
        _, members = self._groups.setdefault(entry.group, (self._read_bytes, []))
        members.append(entry)
        return len(members)

    def take(self, group: str) -> list[Entry]:
        """The rows of a group, which are held no longer."""
        self._taken.add(group)
        return self._groups.pop(group)[1]

    def groups(self) -> list[str]:
        """Groups here, in the order of their first rows."""
        return list(self._groups)


def _take_census(rows: Rows, compared: Compared) -> Census:
    census = Census()
    for row in rows:
        census.add(row, compared.group_of(row))
    return census


def _checked(members: list[Entry], census: Census) -> list[Entry]:
    """A group as it is compared, or set apart where it lacks a row."""
    fault = census.fault(members[0].group)
    return [entry.set_apart("group_incomplete", incomplete(fault)) for entry in members] if fault else members
