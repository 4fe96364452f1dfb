"""Turns lines into items to score; a bad line is named and costs its neighbours nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NoReturn

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from guerdon.services.cli.fields import FieldMapping, RowFault, label_at, paired
from guerdon.services.cli.source import Source
from guerdon.services.contract.requests import ScoreItem

_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_SHOWN_FAULTS = 3


@dataclass(frozen=True, slots=True)
class Row:
    """One item to score and where it came from."""

    line: int
    """Number of the line, from 1."""
    field: str | None
    """Completion field it was taken from, where options name some."""
    item: dict[str, Any]
    """The item as in ``POST /score``; its ``id`` is the row's own or the number of the line."""
    label: bool | None = None
    """Whether the data says that the completion is right; None where it does not say."""
    size_bytes: int = 0
    """Length of the line."""
    position_bytes: int = 0
    """How much of the source had been read with it; 0 where that is not known."""


@dataclass(frozen=True, slots=True)
class BadRow:
    """A line, or one completion of it, that cannot be scored."""

    line: int
    """Number of the line, from 1."""
    field: str | None
    """Completion field, where options name some and the rest of the line is sound."""
    fault: str
    """What is wrong with it."""
    group_id: str | None = None
    """Group that it names, empty for none; None where not even that can be read."""
    position_bytes: int = 0
    """How much of the source had been read with it; 0 where that is not known."""

    @property
    def place(self) -> str:
        """How to name it to a person."""
        return f"line {self.line}" + (f" ({self.field})" if self.field else "")


def read_rows(source: Source, mapping: FieldMapping, *, needs_rewards: bool) -> Iterator[Row | BadRow]:
    """The items of a source in order, and the lines that are none.

    Args:
        source: where the lines come from; blank ones are skipped.
        mapping: how rows become items.
        needs_rewards: no reward is asked for all items, so each has to name its own.
    """
    for number, line in enumerate(source.lines(), start=1):
        if isinstance(line, RowFault):
            yield BadRow(number, None, str(line), position_bytes=source.position_bytes)
            continue
        if not line.strip():
            continue
        try:
            row = parse_row(line, exact_numbers=mapping.renames)
        except RowFault as cause:
            yield BadRow(number, None, str(cause), position_bytes=source.position_bytes)
            continue
        for completion, label in paired(mapping):
            try:
                item = mapping.item(row, completion)
                refuse_lone_surrogates(item, line)
                item = _checked(item, number, needs_rewards=needs_rewards)
                said = None if label is None else label_at(row, label)
                yield Row(number, completion, item, said, len(line), source.position_bytes)
            except RowFault as cause:
                yield BadRow(number, completion, str(cause), _group_of(row), source.position_bytes)


def _group_of(row: Mapping[str, Any]) -> str | None:
    group = row.get("group_id", "")
    return group if isinstance(group, str) else None


def parse_row(line: bytes, *, exact_numbers: bool) -> dict[str, Any]:
    """The object of a line.

    Args:
        line: without its end.
        exact_numbers: whether numbers with a point stay what they are in decimals.

    Raises:
        RowFault: it is none.
    """
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError as cause:
        raise RowFault(f"invalid UTF-8 at byte {cause.start} of the line") from None
    try:
        row = json.loads(text, parse_constant=_refuse_constant, parse_float=Decimal if exact_numbers else None)
    except RecursionError:
        raise RowFault("not readable: nested too deeply") from None
    except json.JSONDecodeError as cause:
        raise RowFault(f"not JSON: {cause.msg} at character {cause.pos + 1}") from None
    except ValueError as cause:
        raise RowFault(f"not readable: {cause}") from None
    if not isinstance(row, dict):
        raise RowFault("not a JSON object")
    return row


def _checked(item: dict[str, Any], number: int, *, needs_rewards: bool) -> dict[str, Any]:
    try:
        parsed = ScoreItem.model_validate(item)
    except ValidationError as cause:
        raise RowFault(_faults(cause)) from None
    if parsed.completion is None and not parsed.completion_messages:
        raise RowFault("no completion: give the field 'completion', or name another with --completion-field")
    if needs_rewards and not parsed.rewards:
        raise RowFault("no reward is asked for: give --reward or --profile, or the field 'rewards'")
    return {**item, "id": parsed.id or str(number)}


def refuse_lone_surrogates(item: Mapping[str, Any], line: bytes) -> None:
    """Refuse fields that hold what is no text.

    Args:
        item: what was taken from a line.
        line: as it was read; most lines show at a glance that there is nothing to find.

    Raises:
        RowFault: some field does.
    """
    if not _SURROGATE.search(line):
        return
    for name, value in item.items():
        try:
            json.dumps(value, ensure_ascii=False, default=str).encode("utf-8")
        except UnicodeEncodeError:
            raise RowFault(f"{name}: holds a lone surrogate, which is no text in UTF-8") from None


def _faults(cause: ValidationError) -> str:
    errors = cause.errors(include_url=False, include_input=False, include_context=False)
    told = [_fault(error) for error in errors[:_SHOWN_FAULTS]]
    more = [f"and {len(errors) - _SHOWN_FAULTS} more"] if len(errors) > _SHOWN_FAULTS else []
    return "; ".join([*told, *more])


def _fault(error: ErrorDetails) -> str:
    # Pydantic puts the tried branch of a union into the path; the caller's row has no such key.
    place = ".".join(str(part) for part in error["loc"] if part != "str" and "[" not in str(part))
    if error["type"] == "extra_forbidden":
        return f"{place!r} is not a field of an item (for rows of another form see --completion-field)"
    return f"{place}: {error['msg']}"


def _refuse_constant(name: str) -> NoReturn:
    raise RowFault(f"not JSON: {name} is no JSON number")
