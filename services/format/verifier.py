"""The verifier ``format``: whether a completion has the layout it was asked for.

A verdict below the best score names the first broken rule and the character at which it broke. Whether the answer
is right, and whether the reasoning says anything, is for other rewards to judge.
"""

from __future__ import annotations

from typing import Any

import msgspec

from guerdon.services.contract import Item, ItemVerifier, RewardInfo, Verdict
from guerdon.services.format.checks import check_of
from guerdon.services.format.params import CodeFormatParams, FormatParams, PrefilledParams
from guerdon.services.format.tags import TAGS, count_tags, first_fault

READS = frozenset({"completion", "finish_reason"})

FORMAT = RewardInfo(
    name="format",
    description="1 where the completion has the layout it was asked for (tags, box, code block), otherwise 0.",
    reads=READS,
    params=FormatParams,
)
THINK_FORMAT = RewardInfo(
    name="think_format",
    description="1 where one think block that shows something opens the completion and text follows, otherwise 0.",
    reads=READS,
    params=PrefilledParams,
)
CODE_FORMAT = RewardInfo(
    name="code_format",
    description="1 for a think block, then an answer with one closed code block of the language, otherwise 0.",
    reads=READS,
    params=CodeFormatParams,
)
BOXED = RewardInfo(
    name="boxed",
    description="1 where exactly one distinct, balanced, non-empty box follows the thoughts, otherwise 0.",
    reads=READS,
    params=PrefilledParams,
)
TAG_COUNT = RewardInfo(
    name="tag_count",
    description="0.25 for each of <think>, </think>, <answer> and </answer> that stands exactly once.",
    reads=READS,
    params=PrefilledParams,
)


class FormatVerifier(ItemVerifier):
    """Checks the layout of completions.

    Rewards and their sources: ``format``, R1-Zero's format reward (arXiv 2501.12948, section 2.2.2) and the
    layouts named in :mod:`guerdon.services.format.profiles`; ``think_format``, TRL's ``think_format_reward``;
    ``code_format`` and ``tag_count``, open-r1's ``get_code_format_reward`` and ``tag_count_reward``; ``boxed``,
    R1's "answer within a box". Where a source accepts what its own text rules out (a second block, empty
    thoughts, a language by its prefix) the rules here are the stricter ones; where it demands newlines around the
    tags they are the wider ones.
    """

    name = "format"
    rewards = (FORMAT, THINK_FORMAT, CODE_FORMAT, BOXED, TAG_COUNT)
    inline = True

    def verify(self, item: Item) -> Verdict:
        """Judge one completion; a complete layout holds even where the token limit ended the generation."""
        details: dict[str, Any] = {"truncated": True} if item.finish_reason == "length" else {}
        if item.reward == TAG_COUNT.name:
            return _tag_count(item, details)
        check = check_of(item.reward, msgspec.json.encode(item.params))
        failure = check.failure(item.completion)
        if failure is None:
            return Verdict.ok(1.0, "well_formed", f"{check.name} holds", None, **details)
        rule, offset, message = failure
        explanation = f"{check.name} breaks at character {offset} ({rule}): {message}"
        return Verdict.ok(0.0, rule, explanation, None, rule=rule, offset=offset, **details)


def _tag_count(item: Item, details: dict[str, Any]) -> Verdict:
    counts = count_tags(item.completion, PrefilledParams.model_validate(item.params))
    once = sum(count == 1 for count in counts.values())
    rule = first_fault(counts)
    explanation = f"{once} of {len(TAGS)} tags stand exactly once" + (
        f"; the first fault is {rule}" if rule else ""
    )
    return Verdict.ok(once / len(TAGS), rule or "well_tagged", explanation, None, counts=counts, **details)
