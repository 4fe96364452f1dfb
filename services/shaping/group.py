"""The reward that compares the completions of a group."""

from __future__ import annotations

from collections.abc import Sequence

from guerdon.services.contract import Item, Verdict
from guerdon.services.shaping import curves
from guerdon.services.shaping.basis import is_right
from guerdon.services.shaping.params import LengthParams
from guerdon.services.shaping.units import length_of, no_token_ids


def compare_lengths(items: Sequence[Item]) -> list[Verdict]:
    """Score the completions of one group by their lengths: the shorter the better, and no reward for a wrong one.

    The least and the greatest length are those of the whole group. A member whose own verdict is null is null here
    as well, and counts among the others all the same: its length is known, and what failed in judging it must not
    change what they are paid. A member that cannot be measured costs the group its verdicts, as nobody knows then
    who is the shortest; so does being the only member, as the others must have been sent elsewhere.

    Args:
        items: all members, in any order.

    Source: Kimi k1.5 (arXiv 2501.12599), "length penalty"; open-r1's ``len_reward``.
    """
    if not items[0].group_id:
        return [Verdict.invalid("no_group_id", "length compares a group: give the item a group_id")] * len(items)
    if len(items) == 1:
        return [
            Verdict.invalid("lone_member", "length compares a group, and one member came: send all in one call")
        ]
    asked = [LengthParams.model_validate(item.params) for item in items]
    measured = [length_of(item, params.unit) for item, params in zip(items, asked, strict=True)]
    known = [length for length in measured if length is not None]
    if len({params.unit for params in asked}) > 1:
        fault = Verdict.invalid("mixed_units", "the members of the group are to be measured in several units")
        return [fault] * len(items)
    if len(known) < len(items):
        return [
            no_token_ids() if length is None else _not_measured(len(items) - len(known)) for length in measured
        ]
    shortest, longest = min(known), max(known)
    return [
        _verdict(item, length, shortest, longest, params.unit)
        for item, length, params in zip(items, known, asked, strict=True)
    ]


def _not_measured(others: int) -> Verdict:
    told = (
        f"{others} others of the group have no completion_ids, so that its least and greatest length is not known"
    )
    return Verdict.invalid("group_not_measured", told)


def _verdict(item: Item, length: int, shortest: int, longest: int, unit: str) -> Verdict:
    right = is_right(item)
    if isinstance(right, Verdict):
        return right
    score = curves.kimi_length(length, shortest, longest, right=right)
    told = (
        f"a {'right' if right else 'wrong'} completion of {length} {unit}, its group has {shortest} to {longest}"
    )
    reason = "all_equal" if shortest == longest else "right" if right else "wrong"
    details = {"length": length, "shortest": shortest, "longest": longest, "right": right}
    return Verdict.ok(score, reason, told, None, **details)
