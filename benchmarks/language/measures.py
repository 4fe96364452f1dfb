"""Makes the figures of the card from scores and clocks."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from statistics import fmean
from typing import NamedTuple

from corpora import PASSES, Text
from judging import Judged

CONSISTENT = 0.75
"""Score from which thoughts count as consistent."""
_ROUNDING = 1e-9


Pairs = Sequence[tuple[Text, float]]
"""Texts with their scores."""


class Column(NamedTuple):
    """A figure of the card."""

    key: str
    """In the JSON."""
    title: str
    """Over the column."""
    of: Callable[[Text], bool]
    """The texts it is made from."""
    figure: Callable[[Pairs], float]
    """What it is; a share in [0, 1] unless it is an error."""
    is_error: bool = False
    """Whether it is an error, of which less is better."""


def in_interval(pairs: Pairs) -> float:
    """Share of scores inside their interval."""
    return fmean(text.low - _ROUNDING <= score <= text.high + _ROUNDING for text, score in pairs)


def label_right(pairs: Pairs) -> float:
    """Share of scores on the right side of 0.75."""
    return fmean((score >= CONSISTENT) == (text.low >= CONSISTENT) for text, score in pairs)


def mean_error(pairs: Pairs) -> float:
    """Mean absolute difference from the true share."""
    return fmean(_errors(pairs))


def worst_error(pairs: Pairs) -> float:
    """95th percentile of the absolute difference from the true share."""
    errors = sorted(_errors(pairs))
    return errors[math.ceil(0.95 * len(errors)) - 1]


def _errors(pairs: Pairs) -> Iterable[float]:
    return (abs(score - text.low) for text, score in pairs)


def _from(corpus: str) -> Callable[[Text], bool]:
    return lambda text: text.corpus == corpus


def _held_out(text: Text) -> bool:
    return text.held_out


def _switched(text: Text) -> bool:
    return text.category == "code-switching" and text.low < CONSISTENT


COLUMNS = (
    Column("cases_in_interval", "cases in interval", _from("cases"), in_interval),
    Column("held_out_in_interval", "held-out cases in interval", _held_out, in_interval),
    Column("cases_label", "cases, label", _from("cases"), label_right),
    Column("held_out_label", "held-out cases, label", _held_out, label_right),
    Column("switching_caught", "code-switching caught", _switched, label_right),
    Column("mgsm_mae", "MGSM mix, MAE", _from("mgsm"), mean_error, is_error=True),
    Column("mgsm_p95", "MGSM mix, p95", _from("mgsm"), worst_error, is_error=True),
    Column("math500_pass", f"MATH-500 ≥ {PASSES}", _from("math500"), in_interval),
    Column("gsm8k_pass", f"GSM8K ≥ {PASSES}", _from("gsm8k"), in_interval),
    Column("humaneval_pass", f"HumanEval ≥ {PASSES}", _from("humaneval"), in_interval),
)


def figures(judged: Judged, texts: Sequence[Text]) -> dict[str, float | None]:
    """All figures of one way; None where there are no texts for one."""
    found: dict[str, float | None] = {}
    for column in COLUMNS:
        pairs = [pair for pair in zip(texts, judged.scores, strict=True) if column.of(pair[0])]
        found[column.key] = column.figure(pairs) if pairs else None
    characters = sum(len(text.thoughts) for text in texts) / 1e6
    found["texts_per_s"] = len(texts) / sum(judged.cpu_s)
    found["mchar_per_s"] = characters / sum(judged.cpu_s)
    found["mchar_per_s_again"] = characters / sum(judged.again_cpu_s)
    return found


def rates(judged: Judged, texts: Sequence[Text]) -> dict[str, float]:
    """Texts of each corpus per second of CPU time, at first sight."""
    used: Counter[str] = Counter()
    for text, cpu_s in zip(texts, judged.cpu_s, strict=True):
        used[text.corpus] += cpu_s  # type: ignore[assignment]
    return {corpus: count / used[corpus] for corpus, count in Counter(text.corpus for text in texts).items()}


def by_category(judged: Judged, texts: Sequence[Text]) -> dict[str, float]:
    """Share of the labelled cases of each category inside their interval."""
    groups: dict[str, list[tuple[Text, float]]] = {}
    for text, score in zip(texts, judged.scores, strict=True):
        if text.category:
            groups.setdefault(text.category, []).append((text, score))
    return {category: in_interval(pairs) for category, pairs in sorted(groups.items())}
