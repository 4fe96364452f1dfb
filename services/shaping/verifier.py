"""The verifier ``shaping``: scores for how a completion is written, to be added to one for what it says.

None of these rewards knows whether a completion is good; some ask another reward whether it is right. All are
functions of counts, and what cannot be counted is null, never a number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from guerdon.services.contract import Deadline, Item, RewardInfo, Verdict, Verifier
from guerdon.services.shaping.alone import cosine, reasoning_steps, repetition, soft_overlong
from guerdon.services.shaping.group import compare_lengths
from guerdon.services.shaping.params import (
    LIMIT,
    CosineParams,
    LengthParams,
    ReasoningStepsParams,
    RepetitionParams,
    SoftOverlongParams,
)

MEASURED = frozenset({"completion", "completion_ids"})

LENGTH = RewardInfo(
    name="length",
    description="0.5 for the shortest completion of its group to -0.5 for the longest; at most 0 for a wrong one.",
    min_score=-0.5,
    max_score=0.5,
    best=None,
    worst=None,
    reads=MEASURED,
    params=LengthParams,
    grouping="group",
    dependent=True,
)
COSINE = RewardInfo(
    name="cosine",
    description="Falls with length on half a cosine for right completions, and rises with it for wrong ones.",
    min_score=-LIMIT,
    max_score=LIMIT,
    best=None,
    worst=None,
    reads=MEASURED,
    params=CosineParams,
    dependent=True,
)
SOFT_OVERLONG = RewardInfo(
    name="soft_overlong",
    description="0 up to a length, then falling to -1 at the greatest length allowed and beyond.",
    min_score=-1.0,
    max_score=0.0,
    best=0.0,
    worst=-1.0,
    reads=MEASURED,
    params=SoftOverlongParams,
)
REPETITION = RewardInfo(
    name="repetition",
    description="0 without a repeated n-gram, down to the greatest penalty for nothing but repetition.",
    min_score=-1.0,
    max_score=0.0,
    best=0.0,
    worst=None,
    reads=MEASURED,
    params=RepetitionParams,
)
REASONING_STEPS = RewardInfo(
    name="reasoning_steps",
    description="Marks of steps (Step 1:, numbered lines, bullets, First, ...) over params.enough, at most 1.",
    params=ReasoningStepsParams,
)

_ALONE: Mapping[str, Callable[[Item], Verdict]] = {
    COSINE.name: cosine,
    SOFT_OVERLONG.name: soft_overlong,
    REPETITION.name: repetition,
    REASONING_STEPS.name: reasoning_steps,
}


class ShapingVerifier(Verifier):
    """Scores length, repetition and steps."""

    name = "shaping"
    rewards = (LENGTH, COSINE, SOFT_OVERLONG, REPETITION, REASONING_STEPS)
    inline = True

    def score_batch(self, items: Sequence[Item], deadline: Deadline) -> Sequence[Verdict]:
        """Judge items one by one, those under ``length`` by their groups."""
        verdicts: dict[int, Verdict] = {}
        groups: dict[str, list[int]] = {}
        for position, item in enumerate(items):
            if item.reward == LENGTH.name:
                groups.setdefault(item.group_id, []).append(position)
            else:
                verdicts[position] = _ALONE[item.reward](item)
        for members in groups.values():
            verdicts.update(zip(members, compare_lengths([items[at] for at in members]), strict=True))
        return [verdicts[position] for position in range(len(items))]
