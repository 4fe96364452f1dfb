"""Finds the answer of a completion: where it stands, by which rule, or why there is none.

Policy: the answer stands in the final part, never in the thoughts. The last closed ``<answer>`` block is
looked at first, and alone where there is one; then closed boxes, then phrases that announce an answer, then a
final part that is nothing but an answer, then the last value of the closing sentence. What the token limit
cut off is no answer, nor is a box that is never closed, a number quoted from the question, or what is said to
whoever scores the answer.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import msgspec

from guerdon.services.contract import Completion
from guerdon.services.contract.completion import Span
from guerdon.services.math.boxes import Box, scan_boxes
from guerdon.services.math.closing import bare_answer, closing_value
from guerdon.services.math.final_part import FinalPart
from guerdon.services.math.hedging import last_offer
from guerdon.services.math.phrases import announced_answer, final_answer_after
from guerdon.services.math.values import Atom

_TAIL_CHARS = 20_000
"""Phrases and closing values are looked for in this many characters at the end of the final part."""
_MAX_BOXES = 32
"""So many boxes at the end are looked at; nobody is asked for more parts, and more guesses change nothing."""
_PLAIN_VALUE = re.compile(r"[\s$\\()\[\]*_]*[-−+]?[\s$\\]*\d.*", re.DOTALL)


class Extraction(msgspec.Struct, frozen=True, kw_only=True):
    """An answer found in a completion."""

    answers: tuple[str, ...]
    """The answer; more than one where several different ones are offered together."""
    rule: str
    """How it was found: ``box``, ``phrase``, ``bare``, ``text`` or ``last_value``, after ``answer_block.``
    where it stands in an ``<answer>`` block."""
    span: Span
    """Half-open range of character offsets into the completion, from the first answer to the last."""
    all_boxes: tuple[str, ...] = ()
    """Every box, where there are several: a question of several parts may be answered box by box."""


class NoAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Why a completion has no answer."""

    why: str
    """A clause that continues "There is no answer: …"."""


class _Found(NamedTuple):
    atoms: tuple[Atom, ...]
    rule: str
    boxes: tuple[str, ...] = ()


def extract(
    completion: Completion, *, prompt: str = "", require_box: bool = False, last_number: bool = True
) -> Extraction | NoAnswer:
    """Find the answer of a completion, in linear time.

    Args:
        completion: the completion, split into its parts.
        prompt: the question; numbers quoted from it are no answers.
        require_box: read boxes only.
        last_number: where nothing announces the answer, take the last value of the closing sentence.
    """
    if completion.truncated:
        return NoAnswer(why="the response was cut off by the token limit")
    if completion.unclosed_thoughts:
        return NoAnswer(why="the thoughts never end")
    part = FinalPart.of(completion)
    if not part.text.strip():
        return NoAnswer(why="nothing follows the thoughts")
    block = completion.answer_block()
    prefix = ""
    if block is not None:
        part, prefix = FinalPart.of_span(completion.text, block), "answer_block."
    found = _find(part.text, prompt, require_box=require_box, last_number=last_number, in_block=block is not None)
    if isinstance(found, NoAnswer):
        return found
    return Extraction(
        answers=tuple(part.text[atom.start : atom.end] for atom in found.atoms),
        rule=prefix + found.rule,
        span=part.span(min(atom.start for atom in found.atoms), max(atom.end for atom in found.atoms)),
        all_boxes=found.boxes,
    )


def _find(text: str, prompt: str, *, require_box: bool, last_number: bool, in_block: bool) -> _Found | NoAnswer:
    closed, unclosed = scan_boxes(text)
    boxes = closed[-_MAX_BOXES:]
    if unclosed is not None and (not boxes or unclosed > boxes[-1].start):
        return NoAnswer(why="the last box is never closed")
    tail = max(0, len(text) - _TAIL_CHARS)
    if boxes:
        return _from_boxes(text, boxes) if require_box else _overruled(text, boxes) or _from_boxes(text, boxes)
    if require_box:
        return NoAnswer(why="there is no closed box, and one is required")
    if (announced := announced_answer(text, tail)) is not None:
        return _Found(announced.answers, "phrase")
    if (atom := bare_answer(text)) is not None:
        return _Found((atom,), "bare")
    if last_number and (atoms := closing_value(text, tail, prompt)):
        return _Found(atoms, "last_value")
    if in_block and text.strip():
        start = len(text) - len(text.lstrip())
        return _Found((Atom(start, len(text.rstrip())),), "text")
    return NoAnswer(why="nothing announces one and the response does not end with a value")


def _from_boxes(text: str, boxes: list[Box]) -> _Found:
    group = boxes[last_offer([(box.start, box.end) for box in boxes], text) :]
    distinct = tuple(dict.fromkeys(box.content for box in boxes))
    offered = {box.content: box for box in group}
    return _Found(
        tuple(_content_of(text, box) for box in offered.values()), "box", distinct if len(distinct) > 1 else ()
    )


def _content_of(text: str, box: Box) -> Atom:
    start = text.index(box.content, box.start, box.end)
    return Atom(start, start + len(box.content))


def _overruled(text: str, boxes: list[Box]) -> _Found | None:
    """A value that a later "final answer" states; boxes before it were steps on the way."""
    later = final_answer_after(text, boxes[-1].end)
    if later is None or not all(_PLAIN_VALUE.fullmatch(text, *atom) for atom in later.answers):
        return None
    return _Found(later.answers, "phrase")
