"""Layouts as data: blocks between tags, in order, and what may stand around them.

A layout does not check anything; :mod:`guerdon.services.format.scanner` does. It only turns the blocks into steps:
the sequence of tags that are due and what may stand before each.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
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
    """Who writes the opening tag of a block."""

    COMPLETION = "completion"
    """The completion: it must be there."""
    TEMPLATE = "template"
    """The prompt template: the completion begins inside the block."""
    ANY = "any"
    """Either; and the block may be left out altogether."""


class Block(NamedTuple):
    """A part between two tags, which must show something."""

    part: str
    """Name of what stands inside, such as ``thoughts``."""
    opening: Tag
    """The tag before it."""
    closing: Tag
    """The tag after it."""
    opened_by: Opening = Opening.COMPLETION
    """Who writes the opening tag; only the first block's can be another's than the completion."""


class Step(NamedTuple):
    """A tag that is due, and what may stand before it."""

    tag: Tag
    """The tag, or ``END``."""
    part: str
    """Name of the part before it, or empty where only whitespace may stand."""
    gap_rule: str
    """The rule that is broken by anything but whitespace there."""
    may_be_blank: bool = False
    """Whether the part may show nothing."""


@dataclass(frozen=True)
class Layout:
    """What a text must look like."""

    blocks: tuple[Block, ...]
    """The blocks, at least one, each exactly once and in this order, nothing but whitespace around them."""
    tail: str = ""
    """Name of the text after the last block; empty where only whitespace may follow."""
    tail_may_be_blank: bool = False
    """Whether the tail may show nothing, because something else judges it."""
    reserved: tuple[Tag, ...] = ()
    """Tags of other layouts, which have no place in this one."""

    @cached_property
    def tags(self) -> tuple[Tag, ...]:
        """The tags that have a place in this layout."""
        return tuple(tag for block in self.blocks for tag in (block.opening, block.closing))

    @cached_property
    def names(self) -> Mapping[str, str]:
        """Name of each tag that counts, by its literal."""
        return {tag.text: tag.name for tag in (*self.reserved, *self.tags)}

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Finds the tags that count."""
        longest_first = sorted(self.names, key=lambda text: (-len(text), text))
        return re.compile("|".join(map(re.escape, longest_first)))

    def steps(self, first_tag: str) -> tuple[Step, ...]:
        """The tags that are due in a text.

        Args:
            first_tag: the first tag in the text, or empty; it tells who opened a block that anyone may open.
        """
        opened_by = self.blocks[0].opened_by
        if opened_by is Opening.ANY and first_tag:
            closes = first_tag == self.blocks[0].closing.text
            opened_by = Opening.TEMPLATE if closes else Opening.COMPLETION
        return self._steps[opened_by]

    @cached_property
    def _steps(self) -> Mapping[Opening, tuple[Step, ...]]:
        first, *others = self.blocks
        rest: list[Step] = []
        for block in others:
            rest += [Step(block.opening, "", "text_between"), Step(block.closing, block.part, "")]
        rest.append(Step(END, self.tail, f"text_after_{self.blocks[-1].part}", self.tail_may_be_blank))
        closing = Step(first.closing, first.part, "")
        return {
            Opening.COMPLETION: (Step(first.opening, "", "text_before"), closing, *rest),
            Opening.TEMPLATE: (closing, *rest),
            Opening.ANY: tuple(rest),
        }
