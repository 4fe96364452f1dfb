"""Finds the values in a sentence: formulas, numbers with their units, and lists of them.

Works on one sentence or clause of bounded length, never on a whole completion.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from guerdon.services.math.patterns import any_of
from guerdon.services.math.units import is_unit_word

_DELIMITER = re.compile(r"\\\\|\\\$|\$\$|\$|\\[()\[\]]")
_PARTNER = {"$": "$", "$$": "$$", r"\(": r"\)", r"\[": r"\]"}
_TOKEN = re.compile(r"[^\s\u2e80-\uff0f\uff1a-\uffef]+")
_TEXT_GROUP = re.compile(r"\\(?:text|mathrm|mbox|textbf|operatorname|begin|end)\{[^{}]*\}|\\[A-Za-z]+")
_WORD = re.compile(r"[^\W\d_]{2,}")
_FUNCTION = frozenset([
    "sin", "cos", "tan", "cot", "sec", "csc", "log", "ln", "exp", "sqrt", "pi", "arcsin", "arccos",
    "arctan", "gcd", "lcm", "mod", "max", "min",
])  # fmt: skip
_OPERATOR = re.compile(r"[=+*/^<>×÷·−≤≥±√∞π½¼¾⅓⅔²³]")
_OPERATORS_ONLY = re.compile(
    r"[-=+*/^<>×÷·−≤≥±:()\[\]{}|x]+|\\(?:times|cdot|div|pm|leq?|geq?|approx|equiv|cup|cap|in)"
)
_CONNECTOR = any_of(
    r"\s*(?:[,;、，]|\\quad|\\text\{)?\s*"
    r"(?:(?:and|or|und|oder|ve|veya)(?: maybe| perhaps| possibly)?(?![A-Za-z])|[和或与및또는,;、，]+)?\s*\}?\s*"
)
_EMPHASIS = "*_`\"'“”„"
_OUTER = _EMPHASIS + ",;:.!?。，；！？"
_OPENERS, _CLOSERS = "([{", ")]}"
_MAX_UNIT_WORDS = 3
_MIN_PROSE_WORDS = 2


class Atom(NamedTuple):
    """One value: half-open range of offsets."""

    start: int
    end: int


def formulas(text: str) -> list[tuple[Atom, Atom]]:
    """Formulas between LaTeX delimiters as (with delimiters, content); text with words in it is none."""
    found: list[tuple[Atom, Atom]] = []
    opened: re.Match[str] | None = None
    for mark in _DELIMITER.finditer(text):
        if mark[0] in ("\\\\", r"\$"):
            continue
        if opened is not None and mark[0] == _PARTNER[opened[0]]:
            content = text[opened.end() : mark.start()]
            is_price = mark[0] == "$" and text[mark.end() : mark.end() + 1].isdigit()
            if content.strip() and not is_price and (mark[0] != "$" or word_count(content) < _MIN_PROSE_WORDS):
                found.append((Atom(opened.start(), mark.end()), Atom(opened.end(), mark.start())))
                opened = None
            else:
                opened = mark if mark[0] in _PARTNER else None
        elif mark[0] in _PARTNER and (opened is None or opened[0] == "$"):
            opened = mark
    return found


def value_groups(text: str) -> list[list[Atom]]:
    """Values in order, those joined by a comma or by words such as "and", "or" in one group."""
    groups: list[list[Atom]] = []
    for atom in atoms(text):
        if groups and _CONNECTOR.fullmatch(text, groups[-1][-1].end, atom.start):
            groups[-1].append(atom)
        else:
            groups.append([atom])
    return groups


def atoms(text: str) -> Iterator[Atom]:
    """Formulas, runs of mathematical tokens and numbers, each with the unit that follows it."""
    position = 0
    for outer, _ in formulas(text):
        yield from _runs(text, position, outer.start)
        yield Atom(outer.start, _with_unit(text, outer.end))
        position = outer.end
    yield from _runs(text, position, len(text))


def word_count(text: str) -> int:
    """Number of words that are neither commands, functions nor units."""
    return sum(1 for word in _WORD.findall(_TEXT_GROUP.sub(" ", text)) if not _is_known(word))


def _is_known(word: str) -> bool:
    return word.lower() in _FUNCTION or is_unit_word(word)


def _runs(text: str, start: int, end: int) -> Iterator[Atom]:
    run: list[Atom] = []
    depth = 0
    for token in _TOKEN.finditer(text, start, end):
        first, last = _trimmed(text, token.start(), token.end())
        word = text[first:last]
        if word and (_is_mathematical(word) or _OPERATORS_ONLY.fullmatch(word) or _is_variable(word)):
            run.append(Atom(first, last))
            depth += _openness(word)
            if depth > 0 or not text[last : token.end()].strip(_EMPHASIS):
                continue
        yield from _atom_of(text, run)
        run, depth = [], 0
    yield from _atom_of(text, run)


def _atom_of(text: str, run: list[Atom]) -> Iterator[Atom]:
    """The run without a variable or operator that only happens to stand beside it, such as the article "a"."""
    words = [text[token.start : token.end] for token in run]
    first, last = 0, len(run)
    while first < last and not _belongs(words[first], words[first + 1] if first + 1 < last else ""):
        first += 1
    while last > first and not _belongs(
        words[last - 1], words[last - 2] if last - 2 >= first else "", closing=True
    ):
        last -= 1
    if first == last:
        return
    start, end = run[first].start, run[last - 1].end
    while end > start and text[end - 1] in _CLOSERS and _openness(text[start:end]) < 0:
        end -= 1
    while start < end and text[start] in _OPENERS and _openness(text[start:end]) > 0:
        start += 1
    while end > start and text[end - 1] in _EMPHASIS:
        end -= 1
    yield Atom(start, _with_unit(text, end))


def _belongs(edge: str, neighbour: str, *, closing: bool = False) -> bool:
    """Whether the token at the edge of a run is part of the value."""
    if _is_mathematical(edge):
        return True
    if _is_variable(edge):
        return _OPERATORS_ONLY.fullmatch(neighbour) is not None
    return edge in (")", "]", "}", "|") if closing else edge in ("(", "[", "{", "|")


def _openness(word: str) -> int:
    return sum((sign in _OPENERS) - (sign in _CLOSERS) for sign in word)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Range without emphasis and punctuation around it; a factorial and a lone operator stay."""
    if not text[start:end].strip(_EMPHASIS):
        return start, end
    while start < end and text[start] in _EMPHASIS + ",;:":
        start += 1
    while end > start and text[end - 1] in _OUTER:
        if text[end - 1] == "!" and text[end - 2 : end - 1].isalnum():
            break
        end -= 1
    return start, end


def _is_variable(token: str) -> bool:
    return len(token) == 1 and token.isalpha()


def _is_mathematical(token: str) -> bool:
    bare = _TEXT_GROUP.sub(" ", token)
    has_digit = any(sign.isdigit() for sign in bare)
    if not (has_digit or _OPERATOR.search(bare) or "\\" in token) or _OPERATORS_ONLY.fullmatch(token):
        return False
    longest = max((len(word) for word in _WORD.findall(bare) if not _is_known(word)), default=0)
    return longest == 0 or (longest <= 3 and _OPERATOR.search(bare) is not None and has_digit)


def _with_unit(text: str, end: int) -> int:
    """End of the value with the unit words, percent or degree sign directly after it."""
    reached = end
    for count, token in enumerate(re.finditer(r"\s*([%°℃℉]|[^\s,;:!?()$\\]+)", text[end : end + 80])):
        word = token[1].rstrip(".")
        if count >= _MAX_UNIT_WORDS or token.start() + end != reached or not is_unit_word(word):
            break
        reached = end + token.start(1) + len(word)
    return reached
