"""Layouts as data: the blocks of a text in their order, and what may stand around them.

A layout says nothing about how a text is read; :mod:`guerdon.services.format.scanner` does. It only turns the
blocks into states: which tags may come next, and what may stand before each.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from itertools import groupby
from os.path import commonprefix
from typing import NamedTuple


class Tag(NamedTuple):
    """A literal that marks a border; case-sensitive, without attributes."""

    name: str
    """Name in rules, such as ``think_open``."""
    text: str
    """The literal itself."""


END = Tag("end", "")
"""Stands for the end of the text."""


class Opening(Enum):
    """Who writes the opening tag of the first block."""

    COMPLETION = "completion"
    """The completion."""
    TEMPLATE = "template"
    """The prompt template: the completion begins inside the block."""
    ANY = "any"
    """Either; and the block may be left out altogether."""


class Block(NamedTuple):
    """A part between two tags."""

    part: str
    """Name of what stands inside, such as ``thoughts``."""
    opening: Tag
    """The tag before it."""
    closing: Tag
    """The tag after it."""
    opened_by: Opening = Opening.COMPLETION
    """Who writes the opening tag; only the first block's can be another's than the completion."""
    required: bool = True
    """Whether the block must be there."""
    unique: bool = True
    """Whether it may be there only once; otherwise it may follow itself any number of times."""
    may_be_blank: bool = False
    """Whether it may show nothing."""


class Gap(NamedTuple):
    """What may stand outside of the blocks at one place."""

    part: str = ""
    """Name of the text there, or empty where only whitespace may stand."""
    may_be_blank: bool = False
    """Whether the text may show nothing."""


WHITESPACE = Gap()
"""Nothing but whitespace."""


class Arc(NamedTuple):
    """A tag that may come next, and what may stand before it."""

    part: str
    """Name of the part before it, or empty where only whitespace may stand."""
    gap_rule: str
    """The rule that is broken by anything but whitespace there."""
    may_be_blank: bool
    """Whether the part may show nothing."""
    target: int
    """The state after the tag."""


class State(NamedTuple):
    """A place in a layout."""

    due: Tag
    """The tag that must come at the latest."""
    arcs: Mapping[str, Arc]
    """What may come, by the literal of the tag; the empty one is the end of the text."""


@dataclass(frozen=True)
class Layout:
    """What a text must look like."""

    blocks: tuple[Block, ...]
    """The blocks in their order; at least one."""
    before: Gap = WHITESPACE
    """What may stand before the first block."""
    between: Gap = WHITESPACE
    """What may stand between two blocks."""
    after: Gap = WHITESPACE
    """What may stand after the last block."""
    reserved: tuple[Tag, ...] = ()
    """Literals that have no place in this layout."""

    @cached_property
    def names(self) -> Mapping[str, str]:
        """Name of each literal that counts."""
        own = (tag for block in self.blocks for tag in (block.opening, block.closing))
        return {tag.text: tag.name for tag in (*self.reserved, *own)}

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Finds the literals that count; none of them is part of another."""
        return re.compile(_alternatives(self.names))

    @cached_property
    def foreign(self) -> frozenset[str]:
        """The literals that have no place in this layout."""
        return frozenset(tag.text for tag in self.reserved)

    @cached_property
    def repeatable(self) -> frozenset[str]:
        """The tags of the blocks that may follow themselves."""
        return frozenset(
            tag.text for block in self.blocks if not block.unique for tag in (block.opening, block.closing)
        )

    @cached_property
    def written(self) -> frozenset[str]:
        """The tags that the prompt template wrote."""
        return frozenset(block.opening.text for block in self.blocks if block.opened_by is Opening.TEMPLATE)

    @cached_property
    def states(self) -> tuple[State, ...]:
        """The states; the first one is that at the start of a text."""
        start = self._outside(0, self.before, "text_before", "text_before")
        match self.blocks[0].opened_by:
            case Opening.TEMPLATE:
                start = self._inside(0)
            case Opening.ANY:
                skipped = self._outside(1, self.before, "text_before", "text_before")
                start = State(skipped.due, {**skipped.arcs, **start.arcs, **self._inside(0).arcs})
        states = [start]
        for index, block in enumerate(self.blocks):
            after = self._outside(index + 1, self.between, "text_between", f"text_after_{block.part}")
            if not block.unique:
                again = Arc(self.between.part, "text_between", self.between.may_be_blank, _inside_of(index))
                after = State(after.due, {**after.arcs, block.opening.text: again})
            states += [self._inside(index), after]
        return tuple(states)

    def _inside(self, index: int) -> State:
        """The state within a block."""
        block = self.blocks[index]
        arc = Arc(block.part, "", block.may_be_blank, _inside_of(index) + 1)
        return State(block.closing, {block.closing.text: arc})

    def _outside(self, first: int, gap: Gap, rule: str, end_rule: str) -> State:
        """The state outside of the blocks where the next one is ``first`` or, past optional ones, a later one."""
        arcs: dict[str, Arc] = {}
        for index in range(first, len(self.blocks)):
            block = self.blocks[index]
            arcs[block.opening.text] = Arc(gap.part, rule, gap.may_be_blank, _inside_of(index))
            if block.required:
                return State(block.opening, arcs)
        arcs[END.text] = Arc(self.after.part, end_rule, self.after.may_be_blank, 0)
        return State(END, arcs)


def _inside_of(index: int) -> int:
    """Number of the state within a block; the one after it follows."""
    return 2 * index + 1


def _alternatives(literals: Iterable[str]) -> str:
    """The expression for literals of which none begins another, their common beginnings written once.

    However many literals there are, a place in the text is then compared with about the longest of them.
    """
    branches = []
    for _, group in groupby(sorted(literals), key=lambda literal: literal[0]):
        members = list(group)
        start = commonprefix(members)  # noqa: RUF071 - of strings, not of paths
        rest = f"(?:{_alternatives(member[len(start) :] for member in members)})" if len(members) > 1 else ""
        branches.append(re.escape(start) + rest)
    return "|".join(branches)
