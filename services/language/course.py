"""The course of languages through a mixed sentence: the most probable one, by Viterbi.

Each language is a state. A word costs what speaks against its being of that language, in nats; a change of
language costs too, so that one odd word is not taken for a switch and a few are (Viterbi 1967; Lui, Lau and
Baldwin 2014, "Automatic detection and language identification of multilingual documents", for the same idea on
documents).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from guerdon.services.language.detector import Detector, Labels, chance_of
from guerdon.services.language.kinship import are_kin
from guerdon.services.language.lexicon import COMMON, LISTED, RICH
from guerdon.services.language.targets import Target
from guerdon.services.language.terms import ALONE
from guerdon.services.language.voting import FOREIGN, OWN, SHARED

_RIVALS = 3
_SWITCH, _SWITCH_IN_A_MIX, _SWITCH_TO_KIN = 2.2, 1.0, 5.0
"""What a change of language costs, in nats; less where both languages are seen to speak, more between languages
that share much of their vocabulary."""
_LAST = 1.2
"""What it costs to end in a language that is not the likeliest of the sentence."""
_DOUBT = 0.15
"""Part of the doubt that a language is in the sentence at all, added with every word."""
_MOST_DOUBT = 4.0
_COMMON_ELSEWHERE = (3.2, 3.2, 3.2, 4.5, 5.5)
"""What it costs a word of one letter, two and so on to be common in other languages only."""
_UNLISTED = 2.0
"""The same where the language's list is short."""
_LOOKS = 2.5
"""At most what the looks of a word say."""
_FLOOR = 0.01
_NAME = 0.25
"""Weight of a word with a capital letter, which may be a name."""
_SEEN = 0.05
_CACHED_COSTS = 1 << 14


class Rivalry:
    """The target and the languages it is held against in a sentence.

    Args:
        target: the target.
        rivals: codes of the others.
        detector: knows single words.
    """

    def __init__(self, target: Target, rivals: tuple[str, ...], detector: Detector) -> None:
        self.names = (target.code, *rivals)
        self.states = (target.accepted, *(frozenset({code}) for code in rivals))
        self.costs = _Costs(self, detector)
        self.change_to_kin = any(are_kin(target.code, code) for code in rivals)

    def doubts(self, labels: Labels) -> list[float]:
        """How much speaks against each language's being in a sentence at all, in nats."""
        return [min(_MOST_DOUBT, -math.log(max(chance_of(labels, state), _FLOOR))) for state in self.states]


class _Costs(dict[str, tuple[float, ...]]):
    """What each word costs in each language; found once, emptied when full."""

    def __init__(self, rivalry: Rivalry, detector: Detector) -> None:
        super().__init__()
        self._states, self._names = rivalry.states, rivalry.names
        self._nothing = (0.0,) * len(rivalry.states)
        self._detector = detector

    def __missing__(self, word: str) -> tuple[float, ...]:
        if len(self) >= _CACHED_COSTS:
            self.clear()
        costs = self[word] = self._costs(word)
        return costs

    def _costs(self, word: str) -> tuple[float, ...]:
        if word in ALONE:
            return self._nothing
        common = COMMON.get(word)
        if common is not None and any(common & state for state in self._states):
            against = _COMMON_ELSEWHERE[min(len(word.encode()), len(_COMMON_ELSEWHERE)) - 1]
            return tuple(
                0.0 if common & state else against if name in RICH else _UNLISTED
                for state, name in zip(self._states, self._names, strict=True)
            )
        labels = self._detector.words[word]
        if not labels:
            return self._nothing
        chances = [max(chance_of(labels, state), _FLOOR) for state in self._states]
        best = max(chances)
        weight = 0.5 if len(word) < 4 or self._names[0] not in RICH else 1.0
        return tuple(weight * min(_LOOKS, math.log(best / chance)) for chance in chances)


@lru_cache(maxsize=128)
def rivalry_of(target: Target, rivals: tuple[str, ...], detector: Detector) -> Rivalry:
    """The rivalry of a target with other languages; what it learned of words is kept."""
    return Rivalry(target, rivals, detector)


def rivals_in(words: Sequence[str], cast: Sequence[int], labels: Labels, target: Target) -> tuple[str, ...]:
    """The languages that a sentence may be in besides the target, the likeliest first."""
    hits: Counter[str] = Counter()
    for word in {word for word, vote in zip(words, cast, strict=True) if vote == FOREIGN}:
        hits.update(COMMON[word])
    seen = {code: chance for code, chance in labels if code not in target.accepted and chance >= _SEEN}
    able = [code for code in {*hits, *seen} if code == "en" or hits[code] > 1 or code in seen]
    able.sort(key=lambda code: (-hits[code] - 3 * seen.get(code, 0.0), code not in LISTED, code))
    return tuple(able[:_RIVALS])


def course_of(
    words: Sequence[str], named: Sequence[bool], cast: Sequence[int], labels: Labels, rivalry: Rivalry
) -> list[str]:
    """The most probable language of each word.

    Args:
        words: the words in lower case.
        named: whether each may be a name by its capital letter.
        cast: the vote of each.
        labels: the languages of the sentence as a whole.
        rivalry: the languages that come into question.
    """
    states = range(len(rivalry.names))
    doubts = rivalry.doubts(labels)
    steady = [_DOUBT * doubt for doubt in doubts]
    change = _change(cast, rivalry)
    costs, table = doubts, rivalry.costs
    said: set[str] = set()
    back: list[list[int]] = []
    for word, name in zip(words, named, strict=True):
        weight = _NAME if name else 1.0
        if word not in COMMON:
            # An odd word that comes again is no new evidence.
            if word in said:
                weight = 0.0
            said.add(word)
        switch = min(costs)
        best = costs.index(switch)
        switch += change
        back.append([state if costs[state] <= switch else best for state in states])
        step = table[word]
        costs = [min(costs[state], switch) + weight * step[state] + steady[state] for state in states]
    likeliest = doubts.index(min(doubts))
    costs = [cost + (0.0 if state == likeliest else _LAST) for state, cost in enumerate(costs)]
    return _traced(costs.index(min(costs)), back, rivalry.names)


def _change(cast: Sequence[int], rivalry: Rivalry) -> float:
    if rivalry.change_to_kin:
        return _SWITCH_TO_KIN
    own, foreign = cast.count(OWN) + cast.count(SHARED), cast.count(FOREIGN)
    return _SWITCH_IN_A_MIX if min(own, foreign) >= max(2, 0.15 * len(cast)) else _SWITCH


def _traced(state: int, back: list[list[int]], names: tuple[str, ...]) -> list[str]:
    found = [names[state]]
    for pointers in reversed(back[1:]):
        state = pointers[state]
        found.append(names[state])
    found.reverse()
    return found
