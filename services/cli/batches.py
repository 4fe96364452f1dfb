"""Scores rows in batches, in order, and keeps the fault of one row away from the others."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from guerdon.services.cli.rows import BadRow, Row

MAX_BATCH = 4096
"""Items of one call at most, as the service is shipped."""

_ITEM_POINTER = re.compile(r"/items/(\d+)(/.*)?", re.DOTALL)


class CallError(Exception):
    """A call that was refused or did not get through.

    Args:
        code: stable name of the error, such as ``batch_too_large``; ``unreachable`` where nobody answered.
        message: what happened and what to do.
        item_faults: what is wrong with single items, by their index in the call; empty where it is not that.
    """

    def __init__(self, code: str, message: str, item_faults: Mapping[int, str] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.item_faults = dict(item_faults or {})


class Scorer(Protocol):
    """Whatever answers a request of ``POST /score``: this process or a service."""

    def score(self, request: dict[str, Any]) -> dict[str, Any]:
        """Answer one request; raises CallError when it is refused."""

    def describe(self) -> dict[str, Any]:
        """Verifiers, profiles and limits, as ``GET /v1/verifiers`` tells them."""


class Scored(NamedTuple):
    """A row and its result."""

    row: Row
    result: dict[str, Any]


def score_rows(
    scorer: Scorer, request: Mapping[str, Any], rows: Iterable[Row | BadRow], batch_size: int
) -> Iterator[Scored | BadRow]:
    """Score rows as they are read; a few batches are in memory at most.

    Args:
        scorer: who answers.
        request: the request without its items.
        rows: what to score; bad rows are passed on in their place.
        batch_size: items of one call; neighbours of one group stay together beyond it.

    Raises:
        CallError: a call was refused for another reason than one of its items.
    """
    for batch in _batches(rows, batch_size):
        sound = [row for row in batch if isinstance(row, Row)]
        outcomes = iter(_score(scorer, request, sound))
        for row in batch:
            yield row if isinstance(row, BadRow) else next(outcomes)


def item_faults(pointers: Iterable[tuple[str, str]]) -> dict[int, str]:
    """What is wrong with single items of a call, by index; empty if any fault lies outside the items.

    Args:
        pointers: JSON Pointers into the request, each with what is wrong there.
    """
    faults: dict[int, str] = {}
    for pointer, detail in pointers:
        match = _ITEM_POINTER.fullmatch(pointer)
        if match is None:
            return {}
        place = f"{match[2].lstrip('/')}: " if match[2] else ""
        faults.setdefault(int(match[1]), f"{place}{detail}")
    return faults


def _batches(rows: Iterable[Row | BadRow], size: int) -> Iterator[list[Row | BadRow]]:
    batch: list[Row | BadRow] = []
    for row in rows:
        full = len(batch) >= size and not _same_group(batch[-1], row)
        if full or len(batch) >= MAX_BATCH:
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch


def _same_group(row: Row | BadRow, other: Row | BadRow) -> bool:
    if isinstance(row, BadRow) or isinstance(other, BadRow):
        return False
    group = row.item.get("group_id")
    return bool(group) and group == other.item.get("group_id")


def _score(scorer: Scorer, request: Mapping[str, Any], rows: Sequence[Row]) -> list[Scored | BadRow]:
    """One outcome per row, in order; rows the service finds faulty are left out and the rest is sent again."""
    if not rows:
        return []
    # Names of rows need not be unique in a file, those of items in a call have to be.
    items = [{**row.item, "id": str(index)} for index, row in enumerate(rows)]
    try:
        answer = scorer.score({**request, "items": items})
    except CallError as error:
        if error.code == "batch_too_large" and len(rows) > 1:
            middle = len(rows) // 2
            return _score(scorer, request, rows[:middle]) + _score(scorer, request, rows[middle:])
        faults = _blamed_rows(scorer, error, rows)
        if not faults:
            raise
        bad = {index: BadRow(rows[index].line, rows[index].field, fault) for index, fault in faults.items()}
        rest = iter(_score(scorer, request, [row for index, row in enumerate(rows) if index not in bad]))
        return [bad[index] if index in bad else next(rest) for index in range(len(rows))]
    results = answer["results"]
    return [Scored(row, {**result, "id": row.item["id"]}) for row, result in zip(rows, results, strict=True)]


def _blamed_rows(scorer: Scorer, error: CallError, rows: Sequence[Row]) -> dict[int, str]:
    """The rows a refusal is about, by index, with what is wrong; empty where it is about the whole call."""
    if error.code == "batch_too_large":
        return {0: error.message}
    if error.code != "unknown_verifier":
        return error.item_faults
    known = {reward["name"] for reward in scorer.describe()["verifiers"]}
    asked = {index: [spec["name"] for spec in row.item.get("rewards", ())] for index, row in enumerate(rows)}
    unknown = {index: [name for name in names if name not in known] for index, names in asked.items()}
    return {index: f"no verifier computes the reward {names[0]!r}" for index, names in unknown.items() if names}
