"""Makes a score out of what names the language of a text."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from words import sentences, stripped, words

from guerdon.services.language.targets import Target

Score = Callable[[str, Target], float]
"""Scores thoughts for a target, in [0, 1]."""
Detect = Callable[[str], str]
"""Names the language of a text; empty where it declines."""
_SAME = {"iw": "he", "nb": "no", "in": "id", "jw": "jv"}


class Way(NamedTuple):
    """A way to score thoughts."""

    name: str
    """For the card."""
    score: Score
    """What does it."""
    ours: bool = False
    """Whether it is Guerdon's."""


def whole(detect: Detect) -> Score:
    """1 if the text as a whole is in the target."""
    return lambda text, target: float(_code(detect(text)) in target.accepted)


def by_sentences(detect: Detect) -> Score:
    """Share of the words in sentences of the target."""

    def score(text: str, target: Target) -> float:
        return share_of(((detect(sentence), words(sentence)) for sentence in sentences(stripped(text))), target)

    return score


def share_of(found: Iterable[tuple[str, float]], target: Target) -> float:
    """Share of the target among codes of languages with their words; those without a code do not count."""
    known = [(_code(code) in target.accepted, count) for code, count in found if code]
    total = sum(count for _, count in known)
    return sum(count for accepted, count in known if accepted) / total if total else 0.0


def _code(code: str) -> str:
    code = code.partition("-")[0]
    return _SAME.get(code, code)
