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
from guerdon.services.format.layout import END, Arc, Layout, State

_TEXT = re.compile(r"[\S\x1c-\x1f]")
"""Anything but Unicode's white space; Python's ``\\s`` has four controls too many."""


class Failure(NamedTuple):
    """Where and why a text does not have its layout."""

    rule: str
    """Short code of the rule."""
    offset: int
    """Character offset into the text."""
    message: str
    """What is wrong there, in a sentence without its full stop."""


Parts = Mapping[str, Span]
"""Where each named part of a text stands; of one that stands several times, the last."""


def scan(layout: Layout, text: str, searched: str | None = None) -> Parts | Failure:
    """Check a text; linear time.

    Args:
        layout: what the text must look like.
        text: the text.
        searched: the same text at the same length, with whatever is not to be searched for tags blotted out.

    Returns:
        Where the parts stand, or the first failure.
    """
    searched = text if searched is None else searched
    states = layout.states
    state = states[0]
    rest = layout.pattern.finditer(searched)
    parts: dict[str, Span] = {}
    position = 0
    while True:
        found = next(rest, None)
        arc = state.arcs.get(found[0] if found else END.text)
        if arc is None:
            return _misfit(layout, searched, position, state, found, rest)
        end = found.start() if found else len(text)
        if failure := _check_before(arc, text, position, end):
            return failure
        if arc.part:
            parts[arc.part] = position, end
        if found is None:
            return parts
        position, state = found.end(), states[arc.target]


def _check_before(arc: Arc, text: str, start: int, end: int) -> Failure | None:
    """Check what stands before a tag."""
    if not arc.part:
        if stray := _TEXT.search(text, start, end):
            return Failure(arc.gap_rule, stray.start(), "only whitespace may stand here")
    elif not arc.may_be_blank and is_blank(text[start:end]):
        return Failure(f"blank_{arc.part}", start, f"nothing that a reader could see stands in the {arc.part}")
    return None


def _misfit(
    layout: Layout,
    searched: str,
    position: int,
    state: State,
    found: re.Match[str] | None,
    rest: Iterator[re.Match[str]],
) -> Failure:
    """Name the rule that is broken where a tag stands that may not, or the text ends too early."""
    due = state.due
    place = found.start() if found else len(searched)
    if found:
        literal, name = found[0], layout.names[found[0]]
        if literal not in layout.repeatable and _stood_before(layout, searched, literal, place):
            return Failure(f"duplicate_{name}", place, f"{literal} stands here a second time")
        if due is END or literal in layout.foreign:
            return Failure(f"unexpected_{name}", place, f"{literal} has no place here")
        later = {match[0] for match in rest}
        if due.text in later:
            if literal in later and literal not in layout.repeatable:
                return Failure(
                    f"duplicate_{name}", place, f"{literal} stands before {due.text} here, and again later"
                )
            return Failure(f"misplaced_{name}", place, f"{literal} stands before {due.text}")
    stray = None if state.arcs[due.text].part else _TEXT.search(searched, position, place)
    offset = stray.start() if stray else place
    return Failure(f"missing_{due.name}", offset, f"{due.text} is due here at the latest and is missing")


def _stood_before(layout: Layout, searched: str, literal: str, place: int) -> bool:
    """Whether a tag stands before a place already; the one that the prompt template wrote does."""
    return literal in layout.written or searched.find(literal, 0, place) >= 0
