"""What was found in a sentence, and how findings add up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from guerdon.services.language.characters import Plain
from guerdon.services.language.guards import count_words
from guerdon.services.language.scripts import CHARACTERS_PER_WORD
from guerdon.services.language.tokens import Word

_SHINGLE = 4
_SINGLE = frozenset({"Hani", "Kana"})


class Foreign(NamedTuple):
    """Foreign words that stand together."""

    start: int
    """Offset of the first character."""
    end: int
    """Offset after the last character."""
    language: str
    """Code of the language, or ``und``."""
    units: float
    """How many words they count as."""


class Reading(NamedTuple):
    """What was found in a sentence; offsets refer to the part it stands in."""

    units: float = 0.0
    """Words in the target."""
    tokens: Sequence[str] = ()
    """What they add to the vocabulary."""
    filler: bool = False
    """Whether these words are padding."""
    neutral: float = 0.0
    """Words in no language."""
    foreign: Sequence[Foreign] = ()
    """Words in other languages."""
    rest: Sequence[Word] = ()
    """Words of which the sentence alone does not tell the language."""

    def moved(self, by: int) -> Reading:
        """The reading of the same sentence further on in its part."""
        if not self.foreign and not self.rest:
            return self
        return self._replace(
            foreign=[span._replace(start=span.start + by, end=span.end + by) for span in self.foreign],
            rest=[word._replace(start=word.start + by, end=word.end + by) for word in self.rest],
        )


class Placed(NamedTuple):
    """A reading and where it comes from."""

    reading: Reading
    """The reading."""
    base: int
    """Offset of its part in the text."""
    plain: Plain
    """Its part without disguises."""


class Tally(NamedTuple):
    """Words by what became of them."""

    counted: float
    """Words in the target that count."""
    filler: float
    """Words in the target that do not count."""
    neutral: float
    """Words that are in no language."""
    foreign: Counter[str]
    """Foreign words by language."""


def tally_of(readings: Iterable[Reading]) -> Tally:
    """Add up readings, and let the words of the target count as far as they say something new."""
    foreign: Counter[str] = Counter()
    tokens: list[str] = []
    target = neutral = filler = 0.0
    for reading in readings:
        neutral += reading.neutral
        if reading.filler:
            filler += reading.units
        else:
            target += reading.units
            tokens += reading.tokens
        for span in reading.foreign:
            foreign[span.language] += span.units  # type: ignore[assignment]
    counted = target * count_words(tokens)
    return Tally(counted, filler + target - counted, neutral, foreign)


def spans_of(placed: Iterable[Placed]) -> Iterator[tuple[int, int, str]]:
    """Where foreign words stand in the text, with their language."""
    for reading, base, plain in placed:
        for span in reading.foreign:
            start, end = plain.origin(span.start, span.end)
            yield base + start, base + end, span.language


def vocabulary(script: str, text: str) -> Iterable[str]:
    """What a word adds to the vocabulary: itself; of scripts without spaces, its characters or pieces of it."""
    if script in _SINGLE:
        return text
    if script in CHARACTERS_PER_WORD:
        return [text[at : at + _SHINGLE] for at in range(0, len(text), _SHINGLE)]
    return (text.lower(),)
