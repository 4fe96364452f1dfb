"""Answers announced by a phrase: "the answer is …", ``#### …``, "Antwort: …", "答案是…" and the like.

A *final* phrase (``####``, "final answer", a line ``A:``) settles the answer; a plain one may be corrected or
multiplied by a later one.
"""

from __future__ import annotations

import re
from collections import deque
from typing import NamedTuple

from guerdon.services.math import phrasebook as book
from guerdon.services.math.hedging import last_offer
from guerdon.services.math.sentences import Sentence, addresses_verifier, sentences
from guerdon.services.math.values import Atom, value_groups, word_count

_MAX_CLAUSE_CHARS = 2000
_MAX_ANSWER_WORDS = 12
_MAX_LABELLED_WORDS = 6
_MAX_PHRASES = 16


class Announced(NamedTuple):
    """An answer and the phrase before it: offsets into the text."""

    phrase_start: int
    answers: tuple[Atom, ...]
    """More than one where several are offered together."""


def final_answer_after(text: str, position: int) -> Announced | None:
    """The last answer that a *final* phrase announces after ``position``, or None."""
    found = _all_announced(book.FINAL, text, position)
    return found[-1] if found else None


def announced_answer(text: str, start: int) -> Announced | None:
    """The answer announced last; several where plain phrases offer different ones together.

    Args:
        text: the final part of a completion.
        start: offset to begin at.
    """
    if (final := final_answer_after(text, start)) is not None:
        return final
    found = _all_announced(book.PLAIN, text, start)
    if not found:
        return None
    spans = [(entry.phrase_start, entry.answers[-1].end) for entry in found]
    together = found[last_offer(spans, text) :]
    return Announced(together[0].phrase_start, tuple(atom for entry in together for atom in entry.answers))


def _all_announced(phrase: re.Pattern[str], text: str, start: int) -> list[Announced]:
    """The answers that the last phrases announce, in order."""
    matches = deque(phrase.finditer(text, start), maxlen=_MAX_PHRASES)
    return [announced for match in matches if (announced := _announced(text, match)) is not None]


def _announced(text: str, phrase: re.Match[str]) -> Announced | None:
    line_start = text.rfind("\n", 0, phrase.start()) + 1
    before = text[max(line_start, phrase.start() - 200) : phrase.start()]
    start, end = _clause(text, phrase.end())
    if start >= end or book.SUPPOSED.search(before) or addresses_verifier(before + text[phrase.start() : end]):
        return None
    if book.NEGATION.match(text, start, end):
        but = book.CONTRAST.search(text, start, end)
        if but is None:
            return None
        start = but.end()
    answers = _answers(text, start, end, labelled=phrase[0].rstrip(" \t\n*_`").endswith((":", "：")))
    if not answers:
        return None
    return Announced(phrase.start(), (*answers, *_second_thoughts(text, end)))


def _clause(text: str, position: int) -> tuple[int, int]:
    """The sentence after a phrase; a displayed formula may begin on the next line and span several."""
    limit = min(len(text), position + _MAX_CLAUSE_CHARS)
    while position < limit and text[position] in " \t\r\n*_`:：":
        position += 1
    for opening, closing in ((r"\[", r"\]"), ("$$", "$$"), (r"\(", r"\)")):
        if text.startswith(opening, position):
            end = text.find(closing, position + 2, limit)
            if end >= 0:
                line_end = text.find("\n", end)
                return position, min(limit, line_end if line_end >= 0 else limit)
    line_end = text.find("\n", position, limit)
    first = next(
        iter(sentences(text, position, line_end if line_end >= 0 else limit)), Sentence(position, position)
    )
    return first.start, first.end


def _answers(text: str, start: int, end: int, *, labelled: bool) -> tuple[Atom, ...]:
    """The value that begins the clause, else the last one in it, else its words."""
    if (filler := book.FILLER.match(text, start, end)) and filler.end() < end:
        start = filler.end()
    groups = value_groups(text[start:end])
    is_option = book.OPTION.match(text, start, end) is not None
    if groups and groups[0][0].start <= 2 and not is_option:
        return (Atom(start + groups[0][0].start, start + groups[0][-1].end),)
    stop = book.AFTERTHOUGHT.search(text, start, end)
    whole = _stripped(text, start, stop.start() if stop and stop.start() > start else end)
    words = word_count(text[whole.start : whole.end])
    inside = [group for group in groups if start + group[-1].end <= whole.end]
    if inside and not is_option:
        too_long = labelled and words > _MAX_LABELLED_WORDS
        return () if too_long else (Atom(start + inside[-1][0].start, start + inside[-1][-1].end),)
    return (whole,) if whole.start < whole.end and words <= _MAX_ANSWER_WORDS else ()


def _second_thoughts(text: str, end: int) -> tuple[Atom, ...]:
    """Values of a sentence right after the answer that offers another one."""
    following = next(iter(sentences(text, end, min(len(text), end + 300))), None)
    if following is None or not book.OR_ELSE.match(text, following.start, following.end):
        return ()
    groups = value_groups(text[following.start : following.end])
    return tuple(
        Atom(following.start + atom.start, following.start + atom.end) for group in groups for atom in group
    )


def _stripped(text: str, start: int, end: int) -> Atom:
    while start < end and text[start] in " \t\r\n*_`\"'“”":
        start += 1
    while end > start and text[end - 1] in " \t\r\n*_`\"'“”.,;:!?。，；！？":
        end -= 1
    return Atom(start, end)
