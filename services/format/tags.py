"""Counts the four tags of R1-Zero's template, whatever their order and whatever stands between them."""

from __future__ import annotations

from collections.abc import Mapping

from guerdon.services.format.fences import blot_code
from guerdon.services.format.params import PrefilledParams
from guerdon.services.format.profiles import ANSWER_TAGS, THINK_CLOSE, THINK_OPEN

TAGS = (THINK_OPEN, THINK_CLOSE, *ANSWER_TAGS)


def count_tags(text: str, params: PrefilledParams) -> Mapping[str, int]:
    """How often each tag stands in a text, by name; the one that the prompt template wrote counts."""
    searched = blot_code(text) if params.mask_code else text
    written = int(params.prefilled)
    return {tag.name: searched.count(tag.text) + (written if tag is THINK_OPEN else 0) for tag in TAGS}


def first_fault(counts: Mapping[str, int]) -> str:
    """The rule that the first tag breaks that does not stand exactly once, or an empty string."""
    rules = (f"{'duplicate' if count else 'missing'}_{name}" for name, count in counts.items() if count != 1)
    return next(rules, "")
