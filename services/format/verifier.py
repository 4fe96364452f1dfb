"""The verifier ``format``: 1.0 where a completion has the layout it was asked for, otherwise 0.0.

The verdict names the first broken rule and the character at which it broke. Whether the answer is right, and
whether the reasoning says anything, is for other rewards to judge.
"""

from __future__ import annotations

from typing import Any

from guerdon.services.contract import Item, ItemVerifier, RewardInfo, Verdict
from guerdon.services.format.content import check_box, check_code_block
from guerdon.services.format.fences import blot_code
from guerdon.services.format.params import FormatParams
from guerdon.services.format.profiles import layout_of
from guerdon.services.format.scanner import Failure, scan

REWARD = RewardInfo(
    name="format",
    description="1 where the completion has the layout it was asked for (tags, box, code block), otherwise 0.",
    reads=frozenset({"completion", "finish_reason"}),
    params=FormatParams,
)


class FormatVerifier(ItemVerifier):
    """Checks the layout of completions."""

    name = "format"
    rewards = (REWARD,)
    inline = True

    def verify(self, item: Item) -> Verdict:
        """Judge one completion; a complete layout holds even where the token limit ended the generation."""
        params = FormatParams.model_validate(item.params)
        failure = find_failure(item.completion, params)
        details: dict[str, Any] = {"truncated": True} if item.finish_reason == "length" else {}
        if failure is None:
            return Verdict.ok(1.0, "well_formed", f"the layout {params.profile} holds", None, **details)
        rule, offset, message = failure
        explanation = f"the layout {params.profile} breaks at character {offset} ({rule}): {message}"
        return Verdict.ok(0.0, rule, explanation, None, rule=rule, offset=offset, **details)


def find_failure(text: str, params: FormatParams) -> Failure | None:
    """The first place where a completion breaks its layout, or None; linear time."""
    searched = blot_code(text) if params.mask_code else text
    parts = scan(layout_of(params.profile, params.special_token), text, searched)
    if isinstance(parts, Failure):
        return parts
    if params.profile == "boxed":
        return check_box(searched, parts["final"])
    if params.profile == "code_block":
        return check_code_block(text, parts["answer"], params.language)
    return None
