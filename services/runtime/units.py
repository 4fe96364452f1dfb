"""Which items are judged together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from guerdon.services.contract import Item, RewardInfo

Unit = list[int]
"""Positions of items that are judged together: a single item, or a whole group of a reward that compares."""


def units_of(items: Sequence[Item], rewards: Mapping[str, RewardInfo]) -> list[Unit]:
    """The units of a chunk, each in order, in the order of their first items.

    Args:
        items: the chunk.
        rewards: the rewards that are asked for, by name.
    """
    units: list[Unit] = []
    groups: dict[tuple[str, str], Unit] = {}
    for position, item in enumerate(items):
        if rewards[item.reward].grouping == "item":
            units.append([position])
        elif (group := groups.get((item.reward, item.group_id))) is not None:
            group.append(position)
        else:
            groups[item.reward, item.group_id] = unit = [position]
            units.append(unit)
    return units
