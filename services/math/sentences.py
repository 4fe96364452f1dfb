"""Cuts prose into sentences and drops what is not the model's own statement."""

from __future__ import annotations

import re
from typing import NamedTuple

from guerdon.services.math.patterns import any_of, words

_BOUNDARY = re.compile(r"(?:(?<=[.?])|(?<=[A-Za-z]{2}!))(?:[\"'”»)*_$]{0,4})\s+|\n+|(?<=[。！？])")
_ABBREVIATION = any_of(r"\b(?:a\.m|p\.m|e\.g|i\.e|approx|resp|vs|cf|mr|mrs|ms|dr|sq|ft|lb|oz|(?-i:[A-J]))\.$")
_END_OF_TURN = re.compile(
    r"<\|(?:im_end|im_start|endoftext|eot_id|end|end_of_text|end_of_turn)\|>|</s>|<end_of_turn>|<eos>"
)
_TO_THE_VERIFIER = any_of(
    words(
        "(?:auto-?)?graders?", "verifiers?", "evaluators?", "reward (?:model|function)",
        "scoring (?:system|script)", "(?:reference|gold(?:en)?|official) (?:answer|solution)",
        "ground truth", "answer key",
        "(?:rate|score|grade|mark) my", "full (?:marks|credit|score)",
        "(?:mark|grade|score|count|accept|treat) (?:this|it|the)(?: answer| response| solution)?(?: as)?"
        " (?:correct|right)",
    )
)  # fmt: skip


class Sentence(NamedTuple):
    """A sentence or line: half-open range of offsets, blanks at its ends excluded."""

    start: int
    end: int


def end_of_response(text: str) -> int:
    """Offset where the model's own turn ends: what follows an end-of-turn token is not its answer."""
    for token in _END_OF_TURN.finditer(text):
        if text[: token.start()].strip():
            return token.start()
    return len(text)


def sentences(text: str, start: int, end: int) -> list[Sentence]:
    """Sentences and lines between two offsets, in order, blank ones left out."""
    found: list[Sentence] = []
    position = start
    for boundary in _BOUNDARY.finditer(text, start, end):
        if "\n" not in boundary[0] and _ABBREVIATION.search(
            text, max(position, boundary.start() - 8), boundary.start()
        ):
            continue
        found.append(Sentence(position, boundary.end()))
        position = boundary.end()
    found.append(Sentence(position, end))
    return [stripped for sentence in found if (stripped := _stripped(text, sentence)).start < stripped.end]


def addresses_verifier(sentence: str) -> bool:
    """Whether a sentence speaks to whoever scores the answer; such text changes nothing."""
    return _TO_THE_VERIFIER.search(sentence) is not None


def _stripped(text: str, sentence: Sentence) -> Sentence:
    start, end = sentence
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Sentence(start, end)
