"""Keeps a reward that compares from being given part of a group.

A group is all items of one ``group_id`` that ask for one such reward. They may ask for it with different
parameters: they are compared all the same, each judged under its own, and the reward says which of them have to
agree (``length``: the unit). An item that does not ask for the reward is no member.
"""

from __future__ import annotations

from collections.abc import Iterable

from guerdon.services.contract import Verdict
from guerdon.services.gateway.plan import MAX_SHOWN, PlannedComponent, PlannedItem

Member = tuple[PlannedItem, PlannedComponent]
"""An item of a group, and its component under the reward that compares."""


def refuse_incomplete(items: Iterable[PlannedItem]) -> None:
    """Leave every group without verdicts of which a member cannot be compared, such as one with bad parameters.

    What the plan gave such a member stays; the others are ``invalid``, as their scores would depend on it.

    Args:
        items: all items of the call, with the verdicts that need no verifier.
    """
    groups: dict[tuple[str, str], list[Member]] = {}
    for item in items:
        for component in item.components:
            info = component.asked.info
            if info is not None and info.grouping == "group" and item.group_id:
                groups.setdefault((info.name, item.group_id), []).append((item, component))
    for (reward, _), members in groups.items():
        faulty = [(item.id, component.verdict) for item, component in members if component.verdict is not None]
        if faulty:
            verdict = _incomplete(reward, *faulty[0], len(faulty) - 1)
            for _, component in members:
                component.verdict = component.verdict or verdict


def _incomplete(reward: str, item_id: str, fault: Verdict, more: int) -> Verdict:
    others = f" (and {more} more)" if more else ""
    told = f"{fault.reason}: {fault.explanation}"[:MAX_SHOWN]
    return Verdict.invalid(
        "group_incomplete",
        f"{reward} compares a group, and its member {item_id!r}{others} cannot be compared: {told}",
    )
