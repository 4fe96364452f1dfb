"""What single words vote for: the target, another language, or nothing."""

from __future__ import annotations

from collections.abc import Sequence

from guerdon.services.language.detector import Detector, chance_of
from guerdon.services.language.lexicon import COMMON, RICH
from guerdon.services.language.targets import Target
from guerdon.services.language.terms import ALONE

SILENT, OWN, SHARED, ODD, FOREIGN = range(5)
"""A word says nothing; is common in the target and in no other large list; in the target and elsewhere; looks
foreign; is common elsewhere only."""
NATIVE = frozenset({OWN, SHARED})
"""Votes of words that are common in the target."""

_NATIVE_ONLY = bytes.maketrans(bytes([ODD, SHARED]), bytes([SILENT, OWN]))
_OWN_ONLY = bytes.maketrans(bytes([ODD, SHARED]), bytes([SILENT, SILENT]))
_LONGEST_GAP, _LONGEST_DOUBT = bytes(6), bytes(11)
_PLAIN, _PLAIN_OWN, _PLAIN_ODD = 0.35, 0.125, 0.1

_CACHED_VOTES = 1 << 16
_OWN_CHANCE, _SURE_CHANCE = 0.25, 0.9
_SHORT = 2
_ODD_LETTERS, _ODD_CHANCE, _ODD_OWN_CHANCE = 4, 0.6, 0.02


class Votes(dict[str, int]):
    """What each word, in lower case, votes for one target; found once, emptied when full."""

    def __init__(self, target: Target, detector: Detector) -> None:
        super().__init__()
        self.target = target
        self.detector = detector
        self.namer: Detector | None = detector
        """What names the language of words in other scripts; None to go by script and common words."""
        self.sole = frozenset([word for word, codes in COMMON.items() if codes <= target.accepted])
        """Words that are common in the target and in no other language."""
        self._rich = target.code in RICH

    def __missing__(self, word: str) -> int:
        if len(self) >= _CACHED_VOTES:
            self.clear()
        vote = self[word] = self._vote(word)
        return vote

    def _vote(self, word: str) -> int:
        accepted = self.target.accepted
        common = COMMON.get(word, frozenset())
        if common & accepted:
            return OWN if (common - accepted).isdisjoint(RICH) else SHARED
        if word in ALONE:
            return SILENT
        labels = self.detector.words[word]
        own = chance_of(labels, accepted)
        if common:
            known = bool(labels) and labels[0][1] >= _SURE_CHANCE and labels[0][0] in common
            tells = len(word) > _SHORT or not word.isascii() or known
            heard = self._rich or not common.isdisjoint(RICH)
            return FOREIGN if tells and heard and own < _OWN_CHANCE else SILENT
        looks_foreign = bool(labels) and labels[0][1] >= _ODD_CHANCE and own < _ODD_OWN_CHANCE
        return ODD if looks_foreign and len(word) >= _ODD_LETTERS else SILENT


class QuickVotes(Votes):
    """Votes by the lists of common words alone, without a detector call for each new word."""

    def __init__(self, target: Target, detector: Detector) -> None:
        super().__init__(target, detector)
        self.namer = None

    def _vote(self, word: str) -> int:
        common = COMMON.get(word)
        if common is None:
            return SILENT
        accepted = self.target.accepted
        if common.isdisjoint(accepted):
            return SILENT if word in ALONE else FOREIGN
        return OWN if (common - accepted).isdisjoint(RICH) else SHARED


def is_plain(cast: Sequence[int]) -> bool:
    """Whether words are so plainly the target's, all along, that nothing else need be asked.

    Many are common in it, some in it alone, none elsewhere only, few look foreign, and nowhere is there room for a
    clause in another language.
    """
    votes, count = bytes(cast), len(cast)
    own = votes.count(OWN)
    if FOREIGN in votes or own < max(1, _PLAIN_OWN * count) or votes.count(ODD) > _PLAIN_ODD * count:
        return False
    return (
        own + votes.count(SHARED) >= max(2, _PLAIN * count)
        and _LONGEST_GAP not in votes.translate(_NATIVE_ONLY)
        and _LONGEST_DOUBT not in votes.translate(_OWN_ONLY)
    )
