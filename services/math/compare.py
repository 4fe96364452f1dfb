"""Decides whether two answers are equal, kind by kind, and names the rule.

Everything here is exact, symmetric and linear but for lists, which are matched item by item. Expressions are
left to a ``Leaf``: inline there is none, so that a comparison that needs a parser comes out undecided; in the
worker the leaf parses. The cheap tiers and the worker thereby walk the very same tree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from typing import NamedTuple

from guerdon.services.math.equations import is_equation, strip_assignment, strip_condition
from guerdon.services.math.normalize import squeeze
from guerdon.services.math.numerals import plain_number
from guerdon.services.math.quantities import Quantity, same_quantity
from guerdon.services.math.shapes import (
    Choice,
    Clock,
    Collection,
    Congruence,
    Expression,
    Ratio,
    Shape,
    Words,
    understand,
)


class Decision(NamedTuple):
    """Whether two answers are equal."""

    equal: bool
    rule: str
    """What decided: ``identical``, ``number``, ``percent``, ``unit``, ``base``, ``ratio``, ``clock``,
    ``congruence``, ``choice``, ``words``, ``list``, ``set``, ``bracketed``, ``union``, ``matrix``, ``kind``,
    ``variable`` or a rule of the leaf."""


Leaf = Callable[[str, str], Decision]
"""Compares two expressions, the ground truth first."""

_HOURS_OF_A_CLOCK_FACE, _HALF_DAY = 12, 720
_MAX_MATCHED_ITEMS = 24
"""Longest list matched item by item; above it the order must be the same."""


def compare(gold: str, answer: str, leaf: Leaf | None = None) -> Decision | None:
    """Compare two normalised answers.

    Args:
        gold: the ground truth.
        answer: the answer.
        leaf: compares expressions; None leaves them open.

    Returns:
        The decision, or None where only a leaf could decide.
    """
    if squeeze(gold) == squeeze(answer):
        return Decision(True, "identical")
    gold_name, gold_value = strip_assignment(strip_condition(gold))
    name, value = strip_assignment(strip_condition(answer))
    if gold_name and name and gold_name != name:
        if not _is_plain(gold_value) or not _is_plain(value):
            return _by_leaf(gold, answer, leaf)
        return Decision(False, "variable")
    if squeeze(gold_value) == squeeze(value):
        return Decision(True, "identical")
    if is_equation(gold_value) or is_equation(value):
        return (
            _by_leaf(gold, answer, leaf)
            if not _is_plain(gold_value) and not _is_plain(value)
            else Decision(False, "kind")
        )
    one, other = understand(gold_value), understand(value)
    return _compare_shapes(one, other, gold_value, value, leaf)


def compare_several(gold: Sequence[str], answer: Sequence[str], leaf: Leaf | None = None) -> Decision | None:
    """Compare answers of several parts, order free; all parts of the ground truth must be there and no others."""
    if len(gold) == len(answer) == 1:
        return compare(gold[0], answer[0], leaf)
    if len(gold) == 1:
        repeated = _all_equal([(gold[0], part) for part in answer], leaf, "list")
        if repeated is None or repeated.equal:
            return repeated
    return _same_items(_parts(gold), _parts(answer), leaf, ordered=False, rule="list")


def _parts(texts: Sequence[str]) -> tuple[str, ...]:
    if len(texts) > 1:
        return tuple(texts)
    shape = understand(strip_assignment(texts[0])[1])
    if isinstance(shape, Collection) and shape.kind != "matrix":
        return shape.items
    return _comma_parts(texts[0]) or tuple(texts)


def _compare_shapes(one: Shape, other: Shape, gold: str, answer: str, leaf: Leaf | None) -> Decision | None:
    match one, other:
        case Quantity(), Quantity():
            return _quantities(one, other, gold, answer, leaf)
        case Choice(), _:
            return _choices(one, other, gold, answer, leaf)
        case _, Choice():
            return _choices(other, one, gold, answer, leaf)
        case ((Clock() | Ratio()), _):
            return _clocks_and_ratios(one, other, gold, answer, leaf)
        case _, (Clock() | Ratio()):
            return _clocks_and_ratios(other, one, gold, answer, leaf)
        case Congruence(), Congruence():
            return Decision(one == other, "congruence")
        case Words(), Words():
            return Decision(one.key == other.key, "words")
        case Collection(), Collection():
            return _collections(one, other, gold, answer, leaf)
        case (Words(), _) | (_, Words()) | (Congruence(), _) | (_, Congruence()):
            return Decision(False, "kind")
        case Collection(), Quantity():
            return _list_or_number(one, answer, gold, leaf, swapped=False)
        case Quantity(), Collection():
            return _list_or_number(other, gold, answer, leaf, swapped=True)
    return _by_leaf(gold, answer, leaf)


def _quantities(one: Quantity, other: Quantity, gold: str, answer: str, leaf: Leaf | None) -> Decision | None:
    equal, rule = same_quantity(one, other)
    if not equal and (parts := _comma_parts(gold)) and (other_parts := _comma_parts(answer)):
        return _same_items(parts, other_parts, leaf, ordered=False, rule="list")
    return Decision(equal, rule)


def _list_or_number(
    several: Collection, number: str, text: str, leaf: Leaf | None, *, swapped: bool
) -> Decision | None:
    """A list against a number; ``1,2`` is a decimal or a list, as the other side has it."""
    parts = _comma_parts(number)
    if not parts:
        return Decision(False, "kind")
    gold, answer = (Collection("list", parts), several) if swapped else (several, Collection("list", parts))
    gold_text, answer_text = (number, text) if swapped else (text, number)
    return _collections(gold, answer, gold_text, answer_text, leaf)


def _comma_parts(text: str) -> tuple[str, ...]:
    parts = tuple(part.strip() for part in text.split(","))
    return parts if len(parts) > 1 and all(plain_number(part) is not None for part in parts) else ()


def _choices(choice: Choice, other: Shape, gold: str, answer: str, leaf: Leaf | None) -> Decision | None:
    if isinstance(other, Choice):
        if choice.letter != other.letter and not (
            choice.letter.lower() == other.letter.lower() and (choice.marked or other.marked)
        ):
            return Decision(False, "choice")
        if choice.rest and other.rest:
            return compare(choice.rest, other.rest, leaf)
        return Decision(True, "choice")
    if choice.rest:
        text = gold if understand(gold) == other else answer
        return compare(choice.rest, text, leaf) if text == answer else compare(text, choice.rest, leaf)
    if isinstance(other, Expression) and not choice.marked:
        return _by_leaf(gold, answer, leaf)
    return Decision(False, "kind")


def _clocks_and_ratios(
    one: Clock | Ratio, other: Shape, gold: str, answer: str, leaf: Leaf | None
) -> Decision | None:
    if isinstance(one, Clock) and isinstance(other, Clock):
        return Decision(_same_time(one, other), "clock")
    if isinstance(other, Clock | Ratio):
        stated = any(isinstance(side, Clock) and side.meridian for side in (one, other))
        return Decision(not stated and _proportional(one.terms, other.terms), "ratio")
    if isinstance(other, Quantity):
        whole, part = one.terms[0], one.terms[1]
        is_ratio = len(one.terms) == 2 and part != 0 and not (isinstance(one, Clock) and one.meridian)
        return Decision(
            is_ratio and any(sign in gold + answer for sign in ("/", "\\frac")) and whole / part == other.value,
            "ratio",
        )
    return _by_leaf(gold, answer, leaf) if isinstance(other, Expression) else Decision(False, "kind")


def _same_time(one: Clock, other: Clock) -> bool:
    if one.meridian and other.meridian:
        return one.minutes == other.minutes
    bare = other if one.meridian else one
    on_a_clock_face = (one.meridian or other.meridian) and 1 <= bare.terms[0] <= _HOURS_OF_A_CLOCK_FACE
    return (one.minutes - other.minutes) % (_HALF_DAY if on_a_clock_face else 2 * _HALF_DAY) == 0


def _proportional(one: tuple[Fraction, ...], other: tuple[Fraction, ...]) -> bool:
    if len(one) != len(other):
        return False
    return all(a * other[0] == b * one[0] for a, b in zip(one, other, strict=True)) and any(one) == any(other)


def _collections(one: Collection, other: Collection, gold: str, answer: str, leaf: Leaf | None) -> Decision | None:
    if one.variable and other.variable and one.variable != other.variable:
        return Decision(False, "variable")
    kinds = {one.kind, other.kind}
    if "matrix" in kinds:
        same_shape = one.kind == other.kind and one.width == other.width
        return (
            _same_items(one.items, other.items, leaf, ordered=True, rule="matrix")
            if same_shape
            else Decision(False, "kind")
        )
    if "union" in kinds:
        decision = (
            _same_items(one.items, other.items, leaf, ordered=False, rule="union") if len(kinds) == 1 else None
        )
        return decision if decision is not None and decision.equal else _by_leaf(gold, answer, leaf)
    if kinds == {"bracketed"}:
        if not _same_brackets(one, other):
            return Decision(False, "bracketed")
        return _same_items(one.items, other.items, leaf, ordered=True, rule="bracketed")
    if "bracketed" in kinds:
        bracketed, free = (one, other) if one.kind == "bracketed" else (other, one)
        is_tuple = (bracketed.opening, bracketed.closing) in (("(", ")"), ("[", "]"))
        if not is_tuple or bracketed.variable or (free.kind == "set" and bracketed.opening == "("):
            return Decision(False, "kind")
        return _same_items(one.items, other.items, leaf, ordered=free.kind == "list", rule="bracketed")
    return _same_items(one.items, other.items, leaf, ordered=False, rule="set" if "set" in kinds else "list")


def _same_brackets(one: Collection, other: Collection) -> bool:
    """Round and square brackets differ where they may be ends of an interval."""
    if len(one.items) != 2 or len(other.items) != 2:
        return True
    return (one.opening, one.closing) == (other.opening, other.closing)


def _same_items(
    gold: Sequence[str], answer: Sequence[str], leaf: Leaf | None, *, ordered: bool, rule: str
) -> Decision | None:
    """Compare items in order, or find a partner for each."""
    if not ordered:
        gold, answer = _distinct(gold), _distinct(answer)
    if len(gold) != len(answer):
        return Decision(False, rule)
    if ordered or len(gold) > _MAX_MATCHED_ITEMS:
        return _all_equal(zip(gold, answer, strict=True), leaf, rule)
    left, others = _without_equal_pairs(gold, answer)
    possible = [(item, other) for item in left for other in others if compare(item, other) is None]
    if {item for item, _ in possible} != set(left) or {other for _, other in possible} != set(others):
        return Decision(False, rule)
    if not left:
        return Decision(True, rule)
    return None if leaf is None else Decision(_all_matched(left, others, possible, leaf), rule)


def _without_equal_pairs(gold: Sequence[str], answer: Sequence[str]) -> tuple[list[str], list[str]]:
    """What is left of both lists when exact rules have paired all they can."""
    left, others = [], list(answer)
    for item in gold:
        partner = next((other for other in others if (found := compare(item, other)) and found.equal), None)
        if partner is None:
            left.append(item)
        else:
            others.remove(partner)
    return left, others


def _all_matched(left: list[str], others: list[str], possible: list[tuple[str, str]], leaf: Leaf) -> bool:
    for item in left:
        for other in others:
            if (item, other) in possible and (found := compare(item, other, leaf)) and found.equal:
                others.remove(other)
                break
        else:
            return False
    return True


def _all_equal(pairs: Iterable[tuple[str, str]], leaf: Leaf | None, rule: str) -> Decision | None:
    undecided = False
    for gold, answer in pairs:
        decision = compare(gold, answer, leaf)
        if decision is not None and not decision.equal:
            return Decision(False, rule)
        undecided = undecided or decision is None
    return None if undecided else Decision(True, rule)


def _distinct(items: Sequence[str]) -> list[str]:
    return list({squeeze(item): item for item in items}.values())


def _is_plain(text: str) -> bool:
    return isinstance(understand(text), Quantity)


def _by_leaf(gold: str, answer: str, leaf: Leaf | None) -> Decision | None:
    return None if leaf is None else leaf(gold, answer)
