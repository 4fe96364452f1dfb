"""Matching of brackets and splitting between them, in one pass over the text."""

from __future__ import annotations

import re
from collections.abc import Iterator

_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|[()\[\]{}]", re.DOTALL)
_OPENING = {"(": ")", "[": "]", "{": "}", r"\{": r"\}", r"\langle": r"\rangle", r"\begin": r"\end"}
_CLOSING = frozenset(_OPENING.values())
_ROUND_OR_SQUARE = frozenset({")", "]"})


def depth_changes(text: str) -> Iterator[tuple[int, int, str, int]]:
    """Every bracket as ``(start, end, token, depth)``, the depth being that inside of an opening bracket.

    A square bracket may close a round one and the other way round, as half-open intervals are written; other
    closing brackets without a partner are passed over.
    """
    awaited: list[str] = []
    for found in _TOKEN.finditer(text):
        token = found[0]
        if token in _OPENING:
            awaited.append(_OPENING[token])
            yield found.start(), found.end(), token, len(awaited)
        elif token in _CLOSING and awaited and _closes(token, awaited[-1]):
            awaited.pop()
            yield found.start(), found.end(), token, len(awaited)


def max_depth(text: str) -> int:
    """Depth of the deepest bracket."""
    return max((depth for *_, depth in depth_changes(text)), default=0)


def split_top_level(text: str, separator: re.Pattern[str]) -> list[str]:
    """Split where the separator stands outside of all brackets; the parts are stripped of blanks."""
    enclosed = list(_enclosed_ranges(text))
    parts, position, index = [], 0, 0
    for found in separator.finditer(text):
        while index < len(enclosed) and enclosed[index][1] <= found.start():
            index += 1
        if index < len(enclosed) and enclosed[index][0] <= found.start():
            continue
        parts.append(text[position : found.start()].strip())
        position = found.end()
    parts.append(text[position:].strip())
    return parts


def enclosing_pair(text: str) -> tuple[str, str, str] | None:
    """Opening bracket, content and closing bracket of a text that stands in one pair as a whole, or None."""
    first: tuple[int, str] | None = None
    for start, end, token, depth in depth_changes(text):
        if first is None:
            if start != 0:
                return None
            first = (end, token)
        elif depth == 0:
            return (first[1], text[first[0] : start].strip(), token) if end == len(text) else None
    return None


def strip_redundant_pairs(text: str) -> str:
    """Remove round brackets and groups that enclose the whole text again and again: ``((42))`` is ``(42)``."""
    pairs = _pairs(text)
    start, end = 0, len(text)
    while True:
        inner = pairs.get(start)
        if inner != end - 1 or text[start] not in "({":
            return text[start:end].strip()
        next_start, next_end = start + 1, end - 1
        while next_start < next_end and text[next_start] == " ":
            next_start += 1
        while next_end > next_start and text[next_end - 1] == " ":
            next_end -= 1
        if text[start] == "(" and not (pairs.get(next_start) == next_end - 1 and text[next_start] in "({"):
            return text[start:end].strip()
        start, end = next_start, next_end


def _closes(token: str, awaited: str) -> bool:
    return token == awaited or (token in _ROUND_OR_SQUARE and awaited in _ROUND_OR_SQUARE)


def _enclosed_ranges(text: str) -> Iterator[tuple[int, int]]:
    opened, depth_before = 0, 0
    for start, end, _, depth in depth_changes(text):
        if depth_before == 0:
            opened = start
        if depth == 0:
            yield opened, end
        depth_before = depth
    if depth_before > 0:
        yield opened, len(text)


def _pairs(text: str) -> dict[int, int]:
    opened: list[int] = []
    pairs: dict[int, int] = {}
    for start, _, token, _ in depth_changes(text):
        if token in _OPENING:
            opened.append(start)
        else:
            pairs[opened.pop()] = start
    return pairs
