"""The formulas, as pure functions of numbers."""

from __future__ import annotations

import math
from collections.abc import Hashable
from typing import NamedTuple


class Ends(NamedTuple):
    """Scores at both ends of a schedule over length."""

    short: float
    """At length 0."""
    long: float
    """At the greatest length."""


def kimi_length(length: int, shortest: int, longest: int, *, right: bool) -> float:
    """Score of one completion among those of its group, -0.5 to 0.5; 0 where all are equally long.

    Args:
        length: its length.
        shortest: the least length in the group.
        longest: the greatest.
        right: whether it is right; a wrong one never scores above 0.

    Source: Kimi k1.5 (arXiv 2501.12599), "length penalty"; open-r1's ``len_reward``.
    """
    if longest == shortest:
        return 0.0
    score = 0.5 - (length - shortest) / (longest - shortest)
    return score if right else min(0.0, score)


def cosine(length: int, max_length: int, ends: Ends) -> float:
    """Score on half a wave of the cosine from ``ends.short`` at length 0 to ``ends.long`` at ``max_length``.

    What is longer counts as ``max_length``: the wave would turn back there.

    Source: Demystifying Long Chain-of-Thought Reasoning (arXiv 2502.03373), the function CosFn.
    """
    progress = min(1.0, length / max_length)
    score = ends.long + (ends.short - ends.long) * 0.5 * (1.0 + math.cos(math.pi * progress))
    # Rounding alone could carry the score past its end, out of the range that the reward declares.
    return max(min(ends), min(max(ends), score))


def soft_overlong(length: int, max_length: int, cache: int) -> float:
    """Punishment of length, -1 to 0: none up to ``max_length - cache``, then linear, whole beyond ``max_length``.

    Source: DAPO (arXiv 2503.14476), equation 13.
    """
    return -min(1.0, max(0, length - (max_length - cache)) / cache) + 0.0


def repeated_share(units: str | tuple[Hashable, ...], ngram_size: int) -> float:
    """Share of n-grams that stood before already, 0 to below 1; 0 where there are too few units for one.

    Linear time. N-grams are told apart by hashes of 64 bits, which keeps the memory of long texts small; among a
    million of them two share one with a chance of one in 30 million, and then the share is a millionth too high.

    Source: arXiv 2502.03373, appendix C.2, as open-r1 (words) and TRL (token ids) compute it.
    """
    total = len(units) - ngram_size + 1
    if total < 1:
        return 0.0
    distinct = {hash(units[start : start + ngram_size]) for start in range(total)}
    return 1.0 - len(distinct) / total
