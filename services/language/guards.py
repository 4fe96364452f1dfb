"""Guards against filler: words of the target count only as far as they say something new.

A policy that is paid for the share of target words can pad its thoughts with them. Limits hold it off, all on
target words alone, so that foreign words always count in full: one word makes up a fifth of them at most; and
the words count only as far as their vocabulary is that of a text (Heaps' law: a text of n words has about k n^b
different ones; Heaps 1978, "Information Retrieval", section 7.5).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

_VOCABULARY_FACTOR, _VOCABULARY_POWER = 1.2, 0.6
"""k and b: far below those of any ordinary text."""
_WORD_SHARE = 0.2
_WORD_LEAST = 3
_FILLER_LEAST, _FILLER_SHARE = 5, 0.9


def count_words(words: Iterable[str]) -> float:
    """Share of words that counts, in [0, 1]; 1.0 for ordinary text."""
    times = Counter(words)
    total = sum(times.values())
    if not total:
        return 0.0
    counted = float(total)
    many = [count for count in times.values() if count > _WORD_LEAST]
    if many:
        counted -= sum([count - _allowed(count, total) for count in many])
    carried: float = (len(times) / _VOCABULARY_FACTOR) ** (1 / _VOCABULARY_POWER)
    return min(counted, max(carried, 1.0)) / total


def _allowed(count: int, total: int) -> float:
    """How often a word that stands there ``count`` times counts."""
    return min(count, max(_WORD_LEAST, 1 + _WORD_SHARE * (total - count)))


def is_filler(words: Sequence[str], core: frozenset[str], share: float = _FILLER_SHARE) -> bool:
    """Whether words that stand side by side are articles, prepositions and pronouns and hardly anything else."""
    if len(words) < _FILLER_LEAST or not core:
        return False
    return sum(map(core.__contains__, words)) >= share * len(words)
