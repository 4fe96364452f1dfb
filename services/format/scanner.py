"""Checks a text against a layout, in one pass over its tags.

The scanner stops at the first place where the layout can no longer hold and names the rule:

==========================  ===================================================================
``missing_<tag>``           the tag due here does not follow any more
``duplicate_<tag>``         the tag stands more than once
``misplaced_<tag>``         the tag stands once, but out of order
``unexpected_<tag>``        the layout has no place for this tag
``text_before``             something other than whitespace stands before the first block
``text_between``            the same between two blocks
``text_after_<part>``       the same after the last block
``blank_<part>``            nothing visible stands where thoughts, an answer or a summary is due
==========================  ===================================================================

A tag is judged before the text in front of it, so that a second answer is named as such and not as stray text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from guerdon.services.contract.completion import Span
from guerdon.services.format.blank import is_blank
from guerdon.services.format.layout import END, Layout, Opening, Step


class Failure(NamedTuple):
    """Where and why a text does not have its layout."""

    rule: str
    """Short code of the rule."""
    offset: int
    """Character offset into the text."""
    message: str
    """What is wrong there, in a sentence without its full stop."""


Parts = Mapping[str, Span]
"""Where each named part of a text stands."""


def scan(layout: Layout, text: str, searched: str | None = None) -> Parts | Failure:
    """Check a text; linear time.

    Args:
        layout: what the text must look like.
        text: the text.
        searched: the same text at the same length, with whatever is not to be searched for tags blotted out.

    Returns:
        Where the parts stand, or the first failure.
    """
    rest = layout.pattern.finditer(text if searched is None else searched)
    found = next(rest, None)
    parts: dict[str, Span] = {}
    position = 0
    steps = layout.steps(found[0] if found else "")
    for done, step in enumerate(steps):
        if (found[0] if found else "") != step.tag.text:
            return _misfit(layout, text, position, step, found, _seen(layout, steps[:done]), rest)
        end = found.start() if found else len(text)
        if failure := _check_before(step, text, position, end):
            return failure
        if step.part:
            parts[step.part] = position, end
        if found:
            position, found = found.end(), next(rest, None)
    return parts


def _check_before(step: Step, text: str, start: int, end: int) -> Failure | None:
    """Check what stands before a tag."""
    content = text[start:end]
    if not step.part:
        if content and not content.isspace():
            return Failure(step.gap_rule, _first_text(text, start, end), "only whitespace may stand here")
    elif not step.may_be_blank and is_blank(content):
        return Failure(f"blank_{step.part}", start, f"the {step.part} shows nothing that a reader could see")
    return None


def _misfit(
    layout: Layout,
    text: str,
    position: int,
    step: Step,
    found: re.Match[str] | None,
    seen: set[str],
    rest: Iterator[re.Match[str]],
) -> Failure:
    """Name the rule that is broken where something else stands than the tag that is due."""
    due = step.tag
    place = found.start() if found else len(text)
    if found:
        literal, name = found[0], layout.names[found[0]]
        if literal in seen:
            return Failure(f"duplicate_{name}", place, f"{literal} stands here a second time")
        if due is END or all(literal != tag.text for tag in layout.tags):
            return Failure(f"unexpected_{name}", place, f"{literal} has no place in this layout")
        later = {match[0] for match in rest}
        if due.text in later:
            if literal in later:
                return Failure(
                    f"duplicate_{name}", place, f"{literal} stands before {due.text} here, and again later"
                )
            return Failure(f"misplaced_{name}", place, f"{literal} stands before {due.text}")
    offset = place if step.part else _first_text(text, position, place)
    return Failure(f"missing_{due.name}", offset, f"{due.text} is due here at the latest and is missing")


def _seen(layout: Layout, done: tuple[Step, ...]) -> set[str]:
    """The tags that were there already, the one that the prompt template wrote included."""
    written = {block.opening.text for block in layout.blocks if block.opened_by is Opening.TEMPLATE}
    return written | {step.tag.text for step in done}


def _first_text(text: str, start: int, end: int) -> int:
    """Offset of the first character that is not whitespace, or ``end``."""
    return end - len(text[start:end].lstrip())
