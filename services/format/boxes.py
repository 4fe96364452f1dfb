r"""Finds ``\boxed{…}`` in a text, in one pass.

Braces are balanced as TeX balances them: ``\{`` and ``\}`` do not count, and ``\\`` is a line break, so that
``\\boxed{4}`` is a line break before the plain word "boxed". Spaces may stand between the command and its brace.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from guerdon.services.contract.completion import Span

_COMMAND = r"\boxed"
_OPENING = re.compile(r"\\boxed(?![A-Za-z])\s*+\{")
_TOKEN = re.compile(rf"{_OPENING.pattern}|\\.|[{{}}]", re.DOTALL)


class Box(NamedTuple):
    r"""One ``\boxed{…}``."""

    start: int
    """Offset of its backslash."""
    content: Span
    """What stands between the braces; up to the end of the text where the box is not closed."""
    closed: bool
    """Whether its closing brace is there."""
    depth: int
    """Number of boxes around it."""


def find_boxes(text: str, start: int = 0, end: int | None = None) -> list[Box]:
    """Find all boxes, nested and unclosed ones too, in the order in which they open; linear time.

    Args:
        text: any text.
        start: offset to begin at.
        end: offset to end at; None for the end of the text.
    """
    end = len(text) if end is None else end
    boxes: list[Box] = []
    position = start
    # Outside of boxes braces do not matter, and text without them is passed over at the speed of a search.
    while (command := text.find(_COMMAND, position, end)) >= 0:
        opening = None if _escaped(text, position, command) else _OPENING.match(text, command, end)
        position = _read_box(text, opening, end, boxes) if opening else command + len(_COMMAND)
    return boxes


def _escaped(text: str, start: int, position: int) -> bool:
    """Whether a backslash is the second one of a line break."""
    before = position
    while before > start and text[before - 1] == "\\":
        before -= 1
    return (position - before) % 2 == 1


def _read_box(text: str, opening: re.Match[str], end: int, boxes: list[Box]) -> int:
    """Read a box and those inside it; the offset after it."""
    open_braces: list[int | None] = [len(boxes)]
    boxes.append(Box(opening.start(), (opening.end(), end), closed=False, depth=0))
    depth = 1
    for token in _TOKEN.finditer(text, opening.end(), end):
        match token[0]:
            case "{":
                open_braces.append(None)
            case "}":
                box = open_braces.pop()
                if box is None:
                    continue
                depth -= 1
                opened = boxes[box]
                boxes[box] = opened._replace(content=(opened.content[0], token.start()), closed=True)
                if not open_braces:
                    return token.end()
            case command if command.endswith("{") and len(command) > 2:
                open_braces.append(len(boxes))
                boxes.append(Box(token.start(), (token.end(), end), closed=False, depth=depth))
                depth += 1
    return end
