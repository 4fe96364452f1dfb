"""Judges one response as far as exact rules reach, in the service's own process, in linear time.

What is left is a list of comparisons that need a parser, for a worker.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from guerdon.services.contract import Item, Verdict, split_completion
from guerdon.services.math import verdicts
from guerdon.services.math.brackets import max_depth
from guerdon.services.math.compare import Decision, compare_several
from guerdon.services.math.extract import Extraction, NoAnswer, extract
from guerdon.services.math.gold import Gold, read_gold
from guerdon.services.math.guard import CostLimits, too_costly
from guerdon.services.math.normalize import normalize, squeeze
from guerdon.services.math.numerals import plain_number
from guerdon.services.math.settings import MathParams, MathSettings
from guerdon.services.math.shapes import Collection, understand

_MAX_TYPED_CHARS = 4000
_MAX_TYPED_DEPTH = 60
"""Longest and deepest answer whose kind is looked at; beyond it can only be a number or identical."""

Parts = tuple[str, ...]


class Open(msgspec.Struct, frozen=True, kw_only=True):
    """A response that exact rules could not judge."""

    extraction: Extraction
    """Its answer."""
    gold: str
    """The ground truth as a person reads it."""
    pairs: tuple[tuple[Parts, Parts], ...]
    """Alternatives to compare, ground truth first; one equal pair suffices. The same pairs, the same verdict."""
    invalid: Verdict | None = None
    """The verdict if no pair is equal, where part of the ground truth is unusable."""
    ambiguous: bool = False
    """Whether several answers were offered, so that only a ground truth of several parts can be met."""


def judge(item: Item, settings: MathSettings, limits: CostLimits) -> Verdict | Open:
    """Judge an item, or say what a worker must compare."""
    golds = _golds(item, limits)
    if isinstance(golds, Verdict):
        return golds
    if len(item.completion) > settings.max_completion_chars:
        return verdicts.completion_too_long(len(item.completion), settings.max_completion_chars)
    params = MathParams.model_validate(item.params)
    found = extract(
        split_completion(item.completion, finish_reason=item.finish_reason),
        prompt=item.prompt,
        require_box=params.require_box,
        last_number=params.last_number,
    )
    if isinstance(found, NoAnswer):
        return verdicts.no_answer(found.why)
    return _judge_answer(found, golds, limits)


def _golds(item: Item, limits: CostLimits) -> list[Gold] | Verdict:
    truth = item.ground_truth
    if truth is None:
        return verdicts.no_ground_truth()
    if truth.form not in ("text", "any_of", "all_of"):
        return verdicts.not_a_math_truth(truth.form)
    read = [read_gold(text, limits) for text in truth.texts]
    if truth.form == "all_of" and len(read) > 1 and all(gold.parts for gold in read):
        whole = Gold(
            parts=tuple(part for gold in read for part in gold.parts),
            shown=", ".join(gold.shown for gold in read),
            cost=next((gold.cost for gold in read if gold.cost), ""),
        )
        read = [whole]
    if not all(gold.parts for gold in read):
        return verdicts.empty_ground_truth()
    return read


def _judge_answer(found: Extraction, golds: Sequence[Gold], limits: CostLimits) -> Verdict | Open:
    shown = " or ".join(gold.shown for gold in golds[:3])
    readings = _readings(found, golds)
    if not readings:
        return verdicts.no_answer("what stands in the place of the answer is empty")
    pairs: list[tuple[Parts, Parts]] = []
    rule = ""
    for gold in golds:
        for reading in readings:
            decision = _decide(gold.parts, reading)
            if decision is None:
                pairs.append((gold.parts, reading))
            elif decision.equal:
                return verdicts.equal(found, shown, decision.rule, gold.parts, reading)
            rule = rule or (decision.rule if decision is not None else "")
    ambiguous = len(readings[0]) > 1
    if not pairs:
        return verdicts.not_equal(found, shown, rule, golds[0].parts, readings[0], ambiguous=ambiguous)
    return _guarded(found, golds, readings, pairs, shown, limits, ambiguous=ambiguous)


def _decide(gold: Parts, reading: Parts) -> Decision | None:
    if _is_typed(gold, reading):
        return compare_several(gold, reading)
    literal = _literally(gold, reading)
    return literal if literal.equal or literal.rule == "number" else None


def _guarded(
    found: Extraction,
    golds: Sequence[Gold],
    readings: Sequence[Parts],
    pairs: list[tuple[Parts, Parts]],
    shown: str,
    limits: CostLimits,
    *,
    ambiguous: bool,
) -> Verdict | Open:
    """Keep what is too costly from the parser."""
    costly = {gold.parts: gold.cost for gold in golds if gold.cost}
    invalid = next((verdicts.ground_truth_too_costly(cost) for cost in costly.values()), None)
    affordable = [pair for pair in pairs if pair[0] not in costly]
    if invalid is not None and not affordable:
        return invalid
    cost = next((cost for part in readings[0] if (cost := too_costly(part, limits))), "")
    if cost:
        return invalid or verdicts.too_costly(found, shown, f"the answer {cost}")
    return Open(extraction=found, gold=shown, pairs=tuple(affordable), invalid=invalid, ambiguous=ambiguous)


def _readings(found: Extraction, golds: Sequence[Gold]) -> list[Parts]:
    """The answer, and all boxes together where the ground truth has as many parts as there are boxes."""
    readings = [_distinct(found.answers)]
    if alternatives := _alternatives(readings[0]):
        readings = [_distinct(alternatives)]
    if found.all_boxes:
        boxes = _distinct(found.all_boxes)
        if len(boxes) > len(readings[0]) and any(_part_count(gold) == len(boxes) for gold in golds):
            readings.append(boxes)
    return [reading for reading in readings if reading]


def _distinct(answers: Sequence[str]) -> Parts:
    """Normalised answers without those that equal an earlier one."""
    kept: list[str] = []
    for answer in map(normalize, answers):
        if answer and not any(_equal(answer, earlier) for earlier in kept):
            kept.append(answer)
    return tuple(kept)


def _equal(one: str, other: str) -> bool:
    decision = _decide((one,), (other,))
    return decision is not None and decision.equal


def _part_count(gold: Gold) -> int:
    if len(gold.parts) > 1:
        return len(gold.parts)
    shape = understand(gold.parts[0]) if _is_typed(gold.parts) else None
    return len(shape.items) if isinstance(shape, Collection) else 1


def _alternatives(reading: Parts) -> Parts:
    """The guesses in an answer such as "7 or 9", or nothing."""
    if len(reading) != 1 or not _is_typed(reading):
        return ()
    shape = understand(reading[0])
    return shape.items if isinstance(shape, Collection) and shape.alternatives else ()


def _is_typed(*texts: Parts) -> bool:
    """Whether texts are short and flat enough to look at their kinds, which is recursive."""
    return all(
        len(part) <= _MAX_TYPED_CHARS and max_depth(part) <= _MAX_TYPED_DEPTH for parts in texts for part in parts
    )


def _literally(gold: Parts, answer: Parts) -> Decision:
    """Compare texts that are too long for anything else: plain numbers, or character by character."""
    if len(gold) == len(answer) == 1:
        one, other = plain_number(gold[0]), plain_number(answer[0])
        if one is not None and other is not None:
            return Decision(one == other, "number")
    return Decision([squeeze(part) for part in gold] == [squeeze(part) for part in answer], "identical")
