r"""Finds boxed answers and tells a list of guesses from a box that a later one replaces.

More lenient than the box that the format verifier looks for: ``\fbox`` and ``\framebox`` count too, and
so does a doubled backslash, which models trained on escaped JSON write.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_TOKEN = re.compile(r"\\\\?(?:boxed|fbox|framebox)(?![A-Za-z])\s*+\{|\\.|[{}]", re.DOTALL)
_EMPTY = re.compile(r"(?:\s|\\phantom\{[^{}]*\}|\\[,;:! ]|[?_.])*+")


class Box(NamedTuple):
    """An outermost closed box: offsets into the text searched."""

    start: int
    """Offset of its backslash."""
    end: int
    """Offset after its closing brace."""
    content: str
    """What stands between its braces, stripped."""


class BoxScan(NamedTuple):
    """All boxes of a text."""

    closed: list[Box]
    """Outermost closed boxes that are not empty, in order."""
    unclosed: int | None
    """Offset of the last box that is never closed, or None."""


def scan_boxes(text: str) -> BoxScan:
    """Find the boxes of a text in one pass; a box inside an unclosed one counts."""
    opened: list[tuple[int, int] | None] = []
    found: list[tuple[int, int, int]] = []
    for token in _TOKEN.finditer(text):
        if token[0] == "}":
            box = opened.pop() if opened else None
            if box is not None:
                found.append((box[0], box[1], token.end()))
        elif token[0] == "{":
            opened.append(None)
        elif token[0].endswith("{") and len(token[0]) > 2:
            opened.append((token.start(), token.end()))
    unclosed = max((box[0] for box in opened if box is not None), default=None)
    return BoxScan(_outermost(text, found), unclosed)


def _outermost(text: str, found: list[tuple[int, int, int]]) -> list[Box]:
    boxes: list[Box] = []
    covered = -1
    for start, inside, end in sorted(found):
        if start >= covered:
            covered = end
            content = text[inside : end - 1].strip()
            if not _EMPTY.fullmatch(content):
                boxes.append(Box(start, end, content))
    return boxes
