"""Code in Markdown: fenced blocks and code spans by the rules of CommonMark 0.31.

Lists, quotes and HTML blocks are not parsed: a fence counts where its line stands in the text itself, and a code
span may reach over lines up to the next blank line or fence. An unclosed fence hides nothing from the scanner.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from guerdon.services.contract.completion import Span

_MARKS = re.compile(r"(?P<marks>([`~])\2{2,}+)(?P<rest>[^\r\n]*+)(?:\r\n|[\r\n]|\Z)")
_BLANK_LINE = re.compile(r"(?:\n|\r\n?+)[ \t]*+(?:\n|\r\n?+)")
_RUN = re.compile(r"`++")
_BLOT = "\0"
_MAX_INDENT = 3


class Fence(NamedTuple):
    """One fenced code block."""

    start: int
    """Offset of its opening line."""
    info: str
    """The info string, trimmed."""
    code: Span
    """The code between the fences; up to the end of the text where the block is not closed."""
    end: int
    """Offset after the closing line."""
    closed: bool
    """Whether a closing fence is there."""


def find_fences(text: str) -> list[Fence]:
    """Find all fenced blocks; only the last one can be unclosed. Linear time.

    An opening fence has up to three spaces of indent and at least three backticks or tildes; the info string of
    backticks has none itself. The closing fence is of the same kind, at least as long, with nothing after it.
    """
    if "```" not in text and "~~~" not in text:
        return []
    fences: list[Fence] = []
    opening: re.Match[str] | None = None
    for line in _MARKS.finditer(text):
        indent = _indent(text, line.start())
        if indent is None:
            continue
        marks, rest = line["marks"], line["rest"]
        if opening is None:
            if marks[0] == "~" or "`" not in rest:
                opening = line
        elif marks.startswith(opening["marks"]) and not rest.strip(" \t"):
            fences.append(_fence(text, opening, line.start() - indent, line.end(), closed=True))
            opening = None
    if opening is not None:
        fences.append(_fence(text, opening, len(text), len(text), closed=False))
    return fences


def blot_code(text: str) -> str:
    """The text with closed fences and code spans overwritten by NULs, at the same length; linear time."""
    fences = [(fence.start, fence.end) for fence in find_fences(text) if fence.closed]
    spans = sorted([*fences, *_code_spans(text, fences)])
    pieces: list[str] = []
    position = 0
    for start, end in spans:
        pieces += [text[position:start], _BLOT * (end - start)]
        position = end
    return "".join([*pieces, text[position:]])


def _indent(text: str, position: int) -> int | None:
    """Number of spaces between the start of the line and a fence, or None where it cannot open or close there."""
    before = text[max(0, position - _MAX_INDENT - 1) : position]
    rest = before.rstrip(" ")
    indent = len(before) - len(rest)
    at_line_start = rest[-1] in "\r\n" if rest else position <= _MAX_INDENT
    return indent if at_line_start else None


def _fence(text: str, opening: re.Match[str], code_end: int, end: int, *, closed: bool) -> Fence:
    start = opening.start() - (_indent(text, opening.start()) or 0)
    return Fence(start, opening["rest"].strip(" \t"), (opening.end(), code_end), end, closed)


def _code_spans(text: str, fences: list[Span]) -> Iterator[Span]:
    """The code spans outside fences: two equally long runs of backticks in one paragraph, the first unescaped."""
    if "`" not in text:
        return
    borders = sorted([*fences, *((gap.start(), gap.end()) for gap in _BLANK_LINE.finditer(text))])
    position = 0
    for start, end in [*borders, (len(text), len(text))]:
        if start > position:
            yield from _paragraph_spans(text, position, start)
        position = max(position, end)


def _paragraph_spans(text: str, start: int, end: int) -> Iterator[Span]:
    runs = [run.span() for run in _RUN.finditer(text, start, end)]
    closers: dict[int, list[int]] = {}
    for index in range(len(runs) - 1, -1, -1):
        closers.setdefault(runs[index][1] - runs[index][0], []).append(index)
    index = 0
    while index < len(runs):
        opening, after = runs[index]
        opening += _escaped(text, start, opening)
        candidates = closers.get(after - opening, [])
        while candidates and candidates[-1] <= index:
            candidates.pop()
        if candidates:
            index = candidates[-1]
            yield opening, runs[index][1]
        index += 1


def _escaped(text: str, start: int, position: int) -> bool:
    """Whether a backslash takes the backtick at ``position`` out of its run."""
    before = position
    while before > start and text[before - 1] == "\\":
        before -= 1
    return (position - before) % 2 == 1
