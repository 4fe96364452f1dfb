"""Measures how much of a text is in a language: the share of target words (DeepSeek-R1, arXiv 2501.12948, 2.3.2).

``score = target words / (target words + foreign words)``. Code, formulas, numbers, addresses and names are
neutral.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from guerdon.services.contract.completion import Span
from guerdon.services.language.characters import undisguise
from guerdon.services.language.detector import Detector, load_detector
from guerdon.services.language.judging import Judge, judge_for
from guerdon.services.language.readings import Placed, Reading, Tally, spans_of, tally_of
from guerdon.services.language.scripts import native_letters
from guerdon.services.language.stripping import strip
from guerdon.services.language.targets import Target
from guerdon.services.language.tokens import blocks_of, sentences_of

Mode = Literal["hybrid", "fast"]

LEAST_EVIDENCE = 2.0
"""Words of any language below which a text shows none."""
_SAME_SENTENCE = 2
"""How often one sentence counts."""
_REPEATED_BELOW = 0.34
"""Share of the target words that must count; below it the thoughts are a repetition."""
_REPEATED_LEAST = 4.0
_LIST_LINES = 5
"""Different lines from which on thoughts in few words are a list (n = 1: not prime, n = 2 …), not a repetition."""
_LIST_WORDS, _LIST_LINE_WORDS = 150, 3
"""Words up to which such thoughts are a list, and words of a line up to which a longer one is."""


class Consistency(NamedTuple):
    """What a text was found to be made of; words without spaces between them are counted by characters."""

    score: float
    """Share of target words, in [0, 1]; 0.0 without evidence."""
    reason: str
    """``consistent``, ``mixed``, ``foreign``, ``wrong_script``, ``repeated``, ``no_evidence`` or
    ``no_thoughts``."""
    target_words: float = 0.0
    """Words in the target that count."""
    foreign_words: float = 0.0
    """Words in other languages."""
    neutral_words: float = 0.0
    """Names, terms, variables, numbers, and words that tell no language."""
    filler_words: float = 0.0
    """Words in the target that do not count: repetitions and padding."""
    languages: tuple[tuple[str, float], ...] = ()
    """Languages with their words, the target first, then the most frequent."""
    foreign: tuple[tuple[int, int, str], ...] = ()
    """Where the foreign words stand, half-open, and their language (``und`` where it is unknown), in order."""


def measure(
    text: str,
    target: Target,
    mode: Mode = "hybrid",
    *,
    parts: Sequence[Span] | None = None,
    detector: Detector | None = None,
) -> Consistency:
    """Measure a text; a pure function of linear time.

    Args:
        text: the text; any length.
        target: the language it is to be in.
        mode: ``hybrid`` looks at every word, ``fast`` at sentences as wholes.
        parts: the parts of it to measure; None for all of it.
        detector: what tells languages; None for the one of this process.

    Raises:
        ModelError: the detector cannot be loaded.
    """
    judge = judge_for(target, detector or load_detector(), as_wholes=mode == "fast")
    placed: list[Placed] = []
    copies: dict[str, int] = {}
    spans = [(0, len(text))] if parts is None else parts
    spans = [(start, end) for start, end in spans if text[start:end].strip()]
    if not spans:
        return Consistency(0.0, "no_thoughts")
    for start, end in spans:
        _read(text[start:end], start, judge, copies, placed)
    _settle(placed, judge)
    return _result(placed, tally_of(reading for reading, _, _ in placed), judge, copies)


def _read(part: str, base: int, judge: Judge, copies: dict[str, int], placed: list[Placed]) -> None:
    """Judge a part of the text, in blocks where they are plain, otherwise sentence by sentence."""
    plain = undisguise(part)
    text = strip(plain.text)
    for start, end in blocks_of(text):
        reading = judge.judge_block(text, start, end)
        if reading is not None:
            placed.append(Placed(reading, base, plain))
        else:
            placed += [
                Placed(reading, base, plain)
                for reading in _by_sentence(plain.text, text, start, end, judge, copies)
            ]


def _by_sentence(
    original: str, text: str, start: int, end: int, judge: Judge, copies: dict[str, int]
) -> Iterator[Reading]:
    known: dict[str, tuple[Reading, int]] = {}
    for first, last in sentences_of(text, start, end):
        stripped = text[first:last]
        if (before := known.get(stripped)) is not None:
            reading = before[0].moved(first - before[1])
        else:
            reading = judge.judge(text, first, last)
            known[stripped] = reading, first
        key = original[first:last].strip().casefold()
        seen = copies[key] = copies.get(key, 0) + 1
        yield reading._replace(filler=True) if seen > _SAME_SENTENCE else reading


def _settle(placed: list[Placed], judge: Judge) -> None:
    """Judge the words together that their sentences left open."""
    rest = [word for reading, _, _ in placed for word in reading.rest]
    if not rest:
        return
    decided = any(reading.units or reading.foreign for reading, _, _ in placed)
    language = judge.language_of_rest(rest, alone=not decided)
    for position, (reading, base, plain) in enumerate(placed):
        if reading.rest:
            more = judge.settle(reading.rest, language)._replace(filler=reading.filler)
            placed[position] = Placed(reading._replace(rest=()), base, plain)
            placed.append(Placed(more, base, plain))


def _result(placed: list[Placed], tally: Tally, judge: Judge, copies: Mapping[str, int]) -> Consistency:
    counted, foreign = tally.counted, float(sum(tally.foreign.values()))
    words, everything = counted + tally.filler, counted + foreign
    score = 0.0
    if words >= _REPEATED_LEAST and counted < _REPEATED_BELOW * words and not _is_list(copies, words):
        reason = "repeated"
    elif everything < LEAST_EVIDENCE:
        reason = "no_evidence"
    elif not counted:
        reason = "foreign" if _has_native_letters(placed, judge) else "wrong_script"
    else:
        score = counted / everything
        reason = "mixed" if foreign else "consistent"
    return Consistency(
        score,
        reason,
        counted,
        foreign,
        tally.neutral,
        tally.filler,
        (((judge.target.code, counted),) if counted else ()) + tuple(tally.foreign.most_common()),
        tuple(sorted(spans_of(placed))) if foreign else (),
    )


def _is_list(copies: Mapping[str, int], words: float) -> bool:
    """Whether sentences are the lines of a list; long lines of which many differ by a number alone are a pad."""
    lines = sum(copies.values())
    return _LIST_LINES <= len(copies) >= lines / 2 and words <= max(_LIST_WORDS, _LIST_LINE_WORDS * lines)


def _has_native_letters(placed: list[Placed], judge: Judge) -> bool:
    """Whether any foreign word is written in a script of the target."""
    native = native_letters(judge.target.scripts)
    return any(
        native.search(plain.text, span.start, span.end) is not None
        for reading, _, plain in placed
        for span in reading.foreign
    )
