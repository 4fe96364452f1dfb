"""Layouts that callers write themselves, as parameters: parts in their order and what may stand around them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import permutations
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from guerdon.services.contract import Params
from guerdon.services.format.blank import is_blank
from guerdon.services.format.layout import WHITESPACE, Block, Gap, Layout, Opening, Tag

MAX_PARTS = 16
FORBIDDEN = "literal"


def _printable(text: str) -> str:
    if not text.isprintable() or is_blank(text):
        raise ValueError("is blank or has characters that cannot be printed")
    return text


Marker = Annotated[str, StringConstraints(min_length=1, max_length=64), AfterValidator(_printable)]
"""A literal of the caller's."""
PartName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]


class PartSpec(Params):
    """A part between two tags."""

    tag: PartName
    """Name of the part: it stands between ``<tag>`` and ``</tag>``, and rules are named after it."""
    open: Marker | None = None
    """The literal that opens the part, where it is not ``<tag>``."""
    close: Marker | None = None
    """The literal that closes the part, where it is not ``</tag>``; may be the one that opens it."""
    required: bool = True
    """Whether the part must be there."""
    unique: bool = True
    """Whether it may be there only once; otherwise it may follow itself any number of times."""
    non_blank: bool = True
    """Whether it must show something."""

    def to_block(self) -> Block:
        """The block of a layout."""
        opening = Tag(f"{self.tag}_open", self.open or f"<{self.tag}>")
        closing = Tag(f"{self.tag}_close", self.close or f"</{self.tag}>")
        if opening.text == closing.text:
            opening = closing = Tag(f"{self.tag}_marker", opening.text)
        return Block(
            self.tag,
            opening,
            closing,
            required=self.required,
            unique=self.unique,
            may_be_blank=not self.non_blank,
        )


class TextSpec(Params):
    """A text outside of the parts that has a name."""

    name: PartName
    """Its name; rules are named after it."""
    non_blank: bool = True
    """Whether it must show something."""


Outside = Literal["whitespace", "text"] | TextSpec
"""What may stand outside of the parts: whitespace alone, any text or none, or a text with a name."""


class LayoutSpec(Params):
    """A layout of the caller's own: parts in their order, each closed before the next one opens."""

    parts: Annotated[tuple[PartSpec, ...], Field(min_length=1, max_length=MAX_PARTS, strict=False)]
    """The parts in their order; at least one is required."""
    before: Outside = "whitespace"
    """What may stand before the first part: ``whitespace`` alone, ``text`` or nothing, or a text with a name."""
    between: Outside = "whitespace"
    """What may stand between two parts, said in the same way."""
    after: Outside = "whitespace"
    """What may stand after the last part, said in the same way."""
    prefilled: bool = False
    """Whether the prompt template has opened the first part, so that the completion begins inside it."""
    forbidden: Annotated[tuple[Marker, ...], Field(max_length=MAX_PARTS, strict=False)] = ()
    """Literals that may not stand anywhere, such as tags of another layout."""

    @model_validator(mode="after")
    def _means_one_thing(self) -> Self:
        for fault in self._faults():
            raise ValueError(fault)
        return self

    def to_layout(self) -> Layout:
        """The layout."""
        first, *others = (part.to_block() for part in self.parts)
        if self.prefilled:
            first = first._replace(opened_by=Opening.TEMPLATE)
        return Layout(
            blocks=(first, *others),
            before=_gap("before", self.before),
            between=_gap("between", self.between),
            after=_gap("after", self.after),
            reserved=tuple(Tag(FORBIDDEN, text) for text in self.forbidden),
        )

    def _faults(self) -> Iterator[str]:
        """What makes the layout mean nothing, or two things, in sentences."""
        texts = [text.name for text in (self.before, self.between, self.after) if isinstance(text, TextSpec)]
        yield from _doubled("the name", [*(part.tag for part in self.parts), *texts])
        if not any(part.required for part in self.parts):
            yield "no part is required, so that an empty completion would have the layout"
        if self.prefilled and not self.parts[0].required:
            yield "the first part is prefilled and not required; a part that is open already must be there"
        if self.prefilled and self.before != "whitespace":
            yield "nothing can stand before a first part that is prefilled"
        blocks = [part.to_block() for part in self.parts]
        literals = [text for block in blocks for text in dict.fromkeys((block.opening.text, block.closing.text))]
        literals += self.forbidden
        yield from _doubled("the literal", literals)
        for inner, outer in permutations(literals, 2):
            if inner in outer:
                yield f"the literal {inner!r} is part of the literal {outer!r}"


def _doubled(what: str, texts: list[str]) -> Iterator[str]:
    yield from (f"{what} {text!r} is given {count} times" for text, count in Counter(texts).items() if count > 1)


def _gap(place: str, outside: Outside) -> Gap:
    if isinstance(outside, TextSpec):
        return Gap(outside.name, may_be_blank=not outside.non_blank)
    return Gap(place, may_be_blank=True) if outside == "text" else WHITESPACE
