"""Takes a sentence apart: the language and the worth of each of its words, and where the foreign ones stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import NamedTuple

from guerdon.services.language.aliens import judge_aliens
from guerdon.services.language.detector import Detector
from guerdon.services.language.guards import is_filler
from guerdon.services.language.han import chinese_or_japanese
from guerdon.services.language.lexicon import CORE
from guerdon.services.language.readings import Foreign, Reading, vocabulary
from guerdon.services.language.scripts import CHARACTERS_PER_WORD, LONG_WORD, words_in
from guerdon.services.language.targets import Target
from guerdon.services.language.tokens import Word
from guerdon.services.language.votes import NEUTRAL, UNDECIDED, UNKNOWN, Tell
from guerdon.services.language.voting import NATIVE, Votes

HAN = frozenset({"Hani", "Kana"})
"""The scripts that Chinese and Japanese share."""
OF_ONE_LANGUAGE = frozenset(
    "Hang Thai Grek Armn Gujr Khmr Knda Laoo Mlym Mymr Orya Guru Sinh Taml Telu".split()  # noqa: SIM905
)
"""Scripts in which the detector knows one language only."""
_QUOTED_WORDS = 3
_STRAY = 0.34
_LONG_LEAST = 0.3


class Piece(NamedTuple):
    """A word and what became of it."""

    word: Word
    """The word."""
    language: str
    """Code of its language; the target's for every accepted one; empty for neutral; ``?`` for undecided."""
    units: float
    """How many words it counts as."""


class Dissector:
    """Takes sentences apart for one target.

    Args:
        target: the target.
        detector: tells languages.
        votes: what words vote for the target.
        tell: tells the languages of a sentence.
    """

    def __init__(self, target: Target, detector: Detector, votes: Votes, tell: Tell) -> None:
        self.target = target
        self.detector = detector
        self.votes = votes
        self._tell = tell
        self._core = CORE.get(target.code, frozenset())
        self._scripts = frozenset(target.scripts)

    def pieces(self, words: list[Word]) -> list[Piece]:
        """The words of a sentence with their languages; ``?`` where it alone does not tell."""
        scripts = self._scripts
        if not scripts.isdisjoint(HAN):
            # Kana tells of the Han characters beside it, in whichever of the two languages they are expected.
            scripts |= HAN
        native = [word for word in words if word.script in scripts]
        pieces = self.native(native, self._languages(native)) if native else []
        if len(native) <= (len(words) - len(native)) * _STRAY and not any(word.script in HAN for word in native):
            # A letter or a name or two in a sentence of another script are no words of the target.
            pieces = [piece._replace(language=NEUTRAL) for piece in pieces]
        if len(native) < len(words):
            aliens = [word for word in words if word.script not in scripts]
            units = sum(piece.units for piece in pieces if piece.language)
            pieces += [
                Piece(word, language, weight * words_in(word.script, word.text))
                for word, language, weight in judge_aliens(aliens, units, self.votes.namer)
            ]
            pieces.sort(key=lambda piece: piece.word.start)
        return pieces

    def native(self, words: Sequence[Word], languages: str | Sequence[str]) -> list[Piece]:
        """Words of the target's scripts with their languages and worth."""
        if isinstance(languages, str):
            languages = [languages] * len(words)
        return [
            Piece(word, self._language(word, language), words_in(word.script, word.text))
            for word, language in zip(words, languages, strict=True)
        ]

    def _language(self, word: Word, found: str) -> str:
        if len(word.text) == 1 and word.script not in HAN and self.votes[word.text.lower()] not in NATIVE:
            return NEUTRAL
        if len(word.text) >= LONG_WORD and word.script not in CHARACTERS_PER_WORD:
            # Words run together: the sentence does not tell, and they must not pass for a name.
            labels = self.detector.words[word.text.lower()]
            found = labels[0][0] if labels and labels[0][1] >= _LONG_LEAST else UNKNOWN
        return self.target.code if found in self.target.accepted else found

    def _languages(self, words: list[Word]) -> str | Sequence[str]:
        script = words[0].script
        if script in HAN:
            return chinese_or_japanese(words, japanese_expected="Kana" in self._scripts)
        if script in OF_ONE_LANGUAGE:
            return self.target.code
        quotes = Counter(word.quote for word in words)
        if len(quotes) == 1:
            return self._tell([word.text for word in words], self.votes, None)
        return self._languages_with_quotes(words, quotes)

    def _languages_with_quotes(self, words: list[Word], quotes: Counter[int]) -> Sequence[str]:
        """Quotations of some length are judged by themselves."""
        groups: dict[int, list[int]] = {}
        for position, word in enumerate(words):
            group = word.quote if quotes[word.quote] >= _QUOTED_WORDS else 0
            groups.setdefault(group, []).append(position)
        found = [NEUTRAL] * len(words)
        for positions in groups.values():
            languages = self._tell([words[position].text for position in positions], self.votes, None)
            if isinstance(languages, str):
                languages = [languages] * len(positions)
            for position, language in zip(positions, languages, strict=True):
                found[position] = language
        return found

    def reading(self, pieces: list[Piece], skipped: int) -> Reading:
        """Sum up the pieces of a sentence."""
        code = self.target.code
        own = [piece for piece in pieces if piece.language == code]
        tokens = [token for piece in own for token in vocabulary(piece.word.script, piece.word.text)]
        return Reading(
            units=sum(piece.units for piece in own),
            tokens=tokens,
            filler=is_filler(tokens, self._core),
            neutral=skipped + sum(piece.units for piece in pieces if piece.language == NEUTRAL),
            foreign=[*self._foreign(pieces)],
            rest=[piece.word for piece in pieces if piece.language == UNDECIDED],
        )

    def _foreign(self, pieces: Iterable[Piece]) -> Iterable[Foreign]:
        for language, group in groupby(pieces, key=lambda piece: piece.language):
            if language not in (self.target.code, NEUTRAL, UNDECIDED):
                run = list(group)
                units = sum(piece.units for piece in run)
                yield Foreign(run[0].word.start, run[-1].word.end, language, units)
