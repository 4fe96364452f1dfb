r"""Finds ``\boxed{…}`` in a text, in one pass.

Braces are balanced as TeX balances them: ``\{`` and ``\}`` do not count, and ``\\`` is a line break, so that
``\\boxed{4}`` is a line break before the plain word "boxed". Spaces may stand between the command and its brace.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from guerdon.services.contract.completion import Span

_TOKEN = re.compile(r"\\boxed(?![A-Za-z])\s*+\{|\\.|[{}]", re.DOTALL)


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
    open_braces: list[int | None] = []
    depth = 0
    for token in _TOKEN.finditer(text, start, end):
        match token[0]:
            case "{":
                open_braces.append(None)
            case "}":
                box = open_braces.pop() if open_braces else None
                if box is not None:
                    depth -= 1
                    opening = boxes[box]
                    boxes[box] = opening._replace(content=(opening.content[0], token.start()), closed=True)
            case command if command.endswith("{") and len(command) > 2:
                open_braces.append(len(boxes))
                boxes.append(Box(token.start(), (token.end(), end), closed=False, depth=depth))
                depth += 1
    return boxes
