"""Scores all texts in all ways, in turns, and clocks each."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from corpora import Text
from sharing import Way

from guerdon.services.language.targets import Target, target_of

_TOGETHER = 20
_WARM_UP = "We count the apples: 数一数苹果。 Мы считаем яблоки."
_Job = tuple[str, Target]
_Found = tuple[list[float], list[float]]


class Judged(NamedTuple):
    """What one way gave."""

    way: Way
    """The way."""
    scores: list[float]
    """One per text, in [0, 1]."""
    cpu_s: list[float]
    """CPU seconds of this process, all its threads, one per text."""
    again_cpu_s: list[float]
    """The same for a second time, when every word is known."""


class Unsteady(ValueError):
    """A way gives what is no share, or another one for the same text."""


def judge(ways: Sequence[Way], texts: Sequence[Text], advance: Callable[[int], None]) -> list[Judged]:
    """Score every text twice in every way; the ways take turns every 20 texts, and each is first in turn.

    Args:
        ways: what scores.
        texts: what is scored.
        advance: called with the number of texts that all ways have done.

    Raises:
        Unsteady: a way gives something else than a share, or another one the second time.
    """
    jobs = [(text.thoughts, target_of(text.target)) for text in texts]
    for target in sorted({target for _, target in jobs}):
        for way in ways:
            way.score(_WARM_UP, target)
    passes = [_pass(ways, jobs, advance) for _ in range(2)]
    found = []
    for way in ways:
        (scores, cpu_s), (again, again_cpu_s) = (each[way.name] for each in passes)
        if scores != again or not all(0 <= score <= 1 for score in scores):
            raise Unsteady(f"{way.name} gives scores outside of [0, 1], or others the second time")
        found.append(Judged(way, scores, cpu_s, again_cpu_s))
    return found


def _pass(ways: Sequence[Way], jobs: Sequence[_Job], advance: Callable[[int], None]) -> dict[str, _Found]:
    """Scores and CPU seconds by the name of the way."""
    found: dict[str, _Found] = {way.name: ([], []) for way in ways}
    for turn, start in enumerate(range(0, len(jobs), _TOGETHER)):
        part = jobs[start : start + _TOGETHER]
        first = turn % len(ways)
        for way in (*ways[first:], *ways[:first]):
            scores, cpu_s = found[way.name]
            for thoughts, target in part:
                begun = time.process_time()
                scores.append(way.score(thoughts, target))
                cpu_s.append(time.process_time() - begun)
        advance(len(part))
    return found
