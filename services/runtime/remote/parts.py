"""Cuts the items of a call into parts that travel apart, and puts their verdicts in order again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from guerdon.services.contract import Item, RewardInfo, Verdict
from guerdon.services.runtime.units import units_of

Part = list[int]
"""Positions of items."""


def parts_of(items: Sequence[Item], rewards: Mapping[str, RewardInfo], most_chars: int) -> list[Part]:
    """Parts of moderate length, in order; members of a group stay together, however long they are."""
    if sum([len(item.completion) + len(item.prompt) for item in items]) <= most_chars:
        return [list(range(len(items)))]
    parts: list[Part] = []
    chars = 0
    for unit in units_of(items, rewards):
        size = sum(len(items[position].completion) + len(items[position].prompt) for position in unit)
        if not parts or chars + size > most_chars:
            parts.append([])
            chars = 0
        parts[-1] += unit
        chars += size
    return parts


def halves_of(items: Sequence[Item], rewards: Mapping[str, RewardInfo]) -> list[Part]:
    """Two parts of about as many items; one where all of them belong together."""
    units = units_of(items, rewards)
    middle = len(units) // 2
    halves = [[position for unit in half for position in unit] for half in (units[:middle], units[middle:])]
    return [half for half in halves if half]


def rejoin(parts: Iterable[Part], verdicts: Iterable[Sequence[Verdict]]) -> list[Verdict]:
    """The verdicts on all items in the order of the items."""
    found: dict[int, Verdict] = {}
    for part, part_verdicts in zip(parts, verdicts, strict=True):
        found.update(zip(part, part_verdicts, strict=True))
    return [found[position] for position in range(len(found))]
