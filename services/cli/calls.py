"""Sends rows in one call, and keeps the fault of one row away from the others.

A group that a reward compares is compared whole or not at all. Where it cannot travel whole its rows are sent
without their ``group_id``: the service compares no item without one, and judges it by all other rewards as ever.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from guerdon.services.cli.rows import BadRow, Row

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

    @property
    def position_bytes(self) -> int:
        """How much of the source had been read with the row."""
        return self.row.position_bytes


class Apart(NamedTuple):
    """Why a row of a group is compared with nobody."""

    reason: str
    """Reason of the verdict that is given instead."""
    explanation: str
    """What is told to people."""


class Entry(NamedTuple):
    """A row on its way into a call."""

    place: int
    """Its place among all rows, from 0."""
    row: Row
    group: str = ""
    """The group that it is compared in, whose rows follow each other in the call; empty if in none."""
    apart: Apart | None = None
    """Set where its group cannot be compared."""

    def set_apart(self, reason: str, explanation: str) -> Entry:
        """The same row, compared with nobody."""
        return self._replace(group="", apart=Apart(reason, explanation))


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


def score_call(
    scorer: Scorer, request: Mapping[str, Any], entries: Sequence[Entry]
) -> Iterator[tuple[int, Scored | BadRow]]:
    """One outcome per row, with its place; rows the service finds faulty are left out and the rest is sent again.

    Args:
        scorer: who answers.
        request: the request without its items.
        entries: the rows; those of a group follow each other.

    Raises:
        CallError: the call was refused for another reason than one of its items.
    """
    if not entries:
        return
    # Names of rows need not be unique in a file, those of items in a call have to be.
    items = [{**_item(entry), "id": str(index)} for index, entry in enumerate(entries)]
    try:
        answer = scorer.score({**request, "items": items})
    except CallError as error:
        if error.code == "batch_too_large" and len(entries) > 1:
            for part in _halves(entries, error.message):
                yield from score_call(scorer, request, part)
            return
        faults = _blamed_rows(scorer, error, [entry.row for entry in entries])
        if not faults:
            raise
        bad = {index: _refused(entries[index].row, fault) for index, fault in faults.items()}
        yield from ((entries[index].place, row) for index, row in bad.items())
        yield from score_call(scorer, request, _without(entries, bad))
        return
    for entry, result in zip(entries, answer["results"], strict=True):
        yield entry.place, Scored(entry.row, {**_told(result, entry.apart), "id": entry.row.item["id"]})


def _item(entry: Entry) -> dict[str, Any]:
    return {**entry.row.item, "group_id": ""} if entry.apart else entry.row.item


def _told(result: dict[str, Any], apart: Apart | None) -> dict[str, Any]:
    """A result in which the verdicts that a group is missing for say why it is missing."""
    if apart is None:
        return result
    components = [
        {**component, **apart._asdict()} if component["reason"] == "no_group_id" else component
        for component in result["components"]
    ]
    return {**result, "components": components}


def _halves(entries: Sequence[Entry], why: str) -> tuple[Sequence[Entry], Sequence[Entry]]:
    """Cut a call that is too large near its middle, between groups; one that is a single group is set apart."""
    middle = len(entries) // 2
    cuts = [
        at for at in range(1, len(entries)) if not entries[at].group or entries[at].group != entries[at - 1].group
    ]
    if not cuts:
        told = f"the {len(entries)} rows of the group do not go into one call, so they are not compared: {why}"
        entries, cuts = [entry.set_apart("group_too_large", told) for entry in entries], [middle]
    at = min(cuts, key=lambda cut: abs(cut - middle))
    return entries[:at], entries[at:]


def _refused(row: Row, fault: str) -> BadRow:
    return BadRow(row.line, row.field, fault, row.item.get("group_id", ""), row.position_bytes)


def _without(entries: Sequence[Entry], bad: Mapping[int, BadRow]) -> list[Entry]:
    """The entries that are left without the bad ones, whose groups are set apart."""
    lacking = {entries[index].group: row for index, row in bad.items() if entries[index].group}
    left = [entry for index, entry in enumerate(entries) if index not in bad]
    return [
        entry.set_apart("group_incomplete", incomplete(f"{row.place}: {row.fault}"))
        if (row := lacking.get(entry.group))
        else entry
        for entry in left
    ]


def incomplete(fault: str) -> str:
    """What is told of a group that lacks a row."""
    return f"a row of the group cannot be scored, so the others are not compared: {fault}"


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
