"""Judges one sentence: how much of it is in the target, and where it is not.

A sentence in a script of the target alone is judged by its words as strings, which settles nearly all; only one
that is mixed is taken apart with the place of every word.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from guerdon.services.language.aliens import judge_alien_sentence
from guerdon.services.language.detector import Detector, chance_of
from guerdon.services.language.dissection import HAN, OF_ONE_LANGUAGE, Dissector
from guerdon.services.language.guards import count_words, is_filler
from guerdon.services.language.han import is_chinese, is_japanese
from guerdon.services.language.kinship import are_kin
from guerdon.services.language.lexicon import CORE, LISTED
from guerdon.services.language.readings import Foreign, Reading, vocabulary
from guerdon.services.language.scripts import (
    CHARACTERS_PER_WORD,
    LONG_WORD,
    QUOTES,
    alien_letters,
    native_words,
    script_of,
    words_in,
)
from guerdon.services.language.targets import Target
from guerdon.services.language.tokens import Word, words_of
from guerdon.services.language.votes import NEUTRAL, UNDECIDED, Tell, language_of, languages_of
from guerdon.services.language.voting import FOREIGN, NATIVE, ODD, QuickVotes, Votes, is_plain

_REST_ALONE, _REST = 0.2, 0.3
_LINE = 6
_BLOCK_FILLER, _BLOCK_NEW = 0.7, 0.85


class Judge:
    """Judges sentences for one target.

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
        self._dissector = Dissector(target, detector, votes, tell)
        self._core = CORE.get(target.code, frozenset())
        self._aliens = alien_letters(target.scripts)
        self._script = target.scripts[0]
        self._words = native_words(self._script)
        self._has_one_script = len(target.scripts) == 1
        self._has_blocks = (
            self._has_one_script
            and self._script not in CHARACTERS_PER_WORD
            and not target.accepted.isdisjoint(LISTED)
        )

    def judge(self, text: str, start: int, end: int) -> Reading:
        """Judge the sentence that stands in a text from ``start`` to ``end``."""
        alien = self._aliens.search(text, start, end)
        if alien is not None:
            reading = judge_alien_sentence(text, start, end, script_of(alien[0]), self.votes.namer)
            if reading is not None:
                return reading
        elif QUOTES.search(text, start, end) is None:
            if self._has_one_script:
                return self._judge_native(text, start, end)
            if self.target.code == "ja" and is_japanese(text[start:end]):
                return self._judge_japanese(text, start, end)
        words, skipped = words_of(text, start, end)
        return self._dissector.reading(self._dissector.pieces(words), skipped)

    def judge_block(self, text: str, start: int, end: int) -> Reading | None:
        """Judge sentences at once where all are plainly in the target; None where each is to be looked at."""
        if not self._has_blocks or not self._is_native(text, start, end):
            return None
        found = self._words.findall(text, start, end)
        words = list(filter(None, found))
        lows = _lowered(words)
        if not words or not is_plain(list(map(self.votes.__getitem__, lows))):
            return None
        if count_words(lows) < _BLOCK_NEW or is_filler(lows, self._core, _BLOCK_FILLER):
            return None
        return None if max(map(len, words)) >= LONG_WORD else self._native_reading(lows, len(found) - len(words))

    def _judge_native(self, text: str, start: int, end: int) -> Reading:
        """Judge a sentence that is all in the target's script and quotes nothing."""
        found = self._words.findall(text, start, end)
        words = list(filter(None, found))
        skipped = len(found) - len(words)
        if not words:
            return Reading(neutral=skipped)
        if self._script in CHARACTERS_PER_WORD:
            return self._judge_unspaced(words, skipped, text, start, end)
        lows = _lowered(words)
        language: str | Sequence[str] = self.target.code
        if self._script not in OF_ONE_LANGUAGE:
            language = self._tell(words, self.votes, lows)
        if not isinstance(language, str) or language == UNDECIDED or max(map(len, words)) >= LONG_WORD:
            return self._dissector.reading(
                self._dissector.native(self._placed(text, start, end), language), skipped
            )
        if language in self.target.accepted:
            return self._native_reading(lows, skipped)
        variables = self._variables(lows)
        units, neutral = float(len(words) - variables), float(skipped + variables)
        if language == NEUTRAL:
            return Reading(neutral=units + neutral)
        first, last = text.index(words[0], start), text.rindex(words[-1], start, end) + len(words[-1])
        return Reading(neutral=neutral, foreign=(Foreign(first, last, language, units),))

    def _is_native(self, text: str, start: int, end: int) -> bool:
        """Whether all letters are of the target's script, and nothing is quoted."""
        return self._aliens.search(text, start, end) is None and QUOTES.search(text, start, end) is None

    def _variables(self, lows: Sequence[str]) -> int:
        letters = [low for low in lows if len(low) == 1]
        return sum([self.votes[letter] not in NATIVE for letter in letters])

    def _native_reading(self, lows: Sequence[str], skipped: int) -> Reading:
        """A reading of words that are all the target's."""
        variables = self._variables(lows)
        return Reading(float(len(lows) - variables), lows, is_filler(lows, self._core), float(skipped + variables))

    def _placed(self, text: str, start: int, end: int) -> list[Word]:
        """The words of a sentence that is all in the target's script, with their places."""
        return [
            Word(self._script, match[1], *match.span(), 0, 0)
            for match in self._words.finditer(text, start, end)
            if match[1]
        ]

    def _judge_unspaced(self, words: list[str], skipped: int, text: str, start: int, end: int) -> Reading:
        script = self._script
        if script in HAN and not is_chinese(words):
            return self._dissector.reading(self._dissector.pieces(words_of(text, start, end)[0]), skipped)
        tokens = [token for word in words for token in vocabulary(script, word)]
        return Reading(sum(words_in(script, word) for word in words), tokens, neutral=skipped)

    def _judge_japanese(self, text: str, start: int, end: int) -> Reading:
        """A sentence that is Japanese for sure."""
        runs = {script: native_words(script).findall(text, start, end) for script in sorted(HAN)}
        texts = {script: "".join(found) for script, found in runs.items()}
        skipped = min(sum(not run for run in found) for found in runs.values())
        units = sum(words_in(script, run) for script, run in texts.items())
        return Reading(units, "".join(texts.values()), neutral=float(skipped))

    def settle(self, rest: Sequence[Word], language: str) -> Reading:
        """A reading of words whose language was found later."""
        return self._dissector.reading(self._dissector.native(rest, language), 0)

    def language_of_rest(self, words: Sequence[Word], *, alone: bool) -> str:
        """The language of words that their sentences left open, judged together; neutral where they tell nothing.

        Args:
            words: the words of all such sentences.
            alone: whether no other sentence told anything, so that this is all the evidence there is.
        """
        labels = self.detector.labels(" ".join(word.text.lower() for word in words))
        if chance_of(labels, self.target.accepted) >= (_REST_ALONE if alone else _REST):
            return self.target.code
        small = sum(not word.text[0].isupper() for word in words)
        if alone and labels and len(words) < _LINE and are_kin(self.target.code, labels[0][0]):
            cast = {self.votes[word.text.lower()] for word in words}
            if cast.isdisjoint((FOREIGN, ODD)) and not cast.isdisjoint(NATIVE):
                # The detector alone does not tell kindred languages apart in so few words.
                return self.target.code
        if alone:
            sure = labels and labels[0][1] >= 0.5 and small > 1
        else:
            sure = labels and labels[0][1] >= 0.7 and small > 3 and not are_kin(self.target.code, labels[0][0])
        return labels[0][0] if sure else NEUTRAL


def _lowered(words: Sequence[str]) -> list[str]:
    """Words in lower case with straight apostrophes."""
    return " ".join(words).lower().replace("’", "'").split(" ")


@lru_cache(maxsize=64)
def judge_for(target: Target, detector: Detector, *, as_wholes: bool) -> Judge:
    """The judge of a target, by words or by sentences as wholes; what it learned of words is kept."""
    if as_wholes:
        return Judge(target, detector, QuickVotes(target, detector), language_of)
    return Judge(target, detector, Votes(target, detector), languages_of)
