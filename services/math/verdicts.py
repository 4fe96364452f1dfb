"""The verdicts of the math verifier, each with one sentence that shows both values."""

from __future__ import annotations

import re
from typing import Any

from guerdon.services.contract import Verdict
from guerdon.services.math.extract import Extraction

MAX_SHOWN_CHARS = 80
MAX_ANSWER_CHARS = 1000
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
_RULES = {
    "identical": "they are written alike",
    "number": "they are compared as exact numbers",
    "percent": "they are compared as percentages",
    "unit": "they are compared with their units",
    "base": "they are compared in their bases",
    "ratio": "they are compared as ratios",
    "clock": "they are compared as times of day",
    "congruence": "they are compared as residues",
    "choice": "they are compared as choices",
    "words": "they are compared as words",
    "list": "they are compared part by part, in any order",
    "set": "they are compared part by part, in any order",
    "bracketed": "they are compared part by part, in order, brackets included",
    "union": "they are compared as unions of intervals",
    "matrix": "they are compared entry by entry",
    "kind": "they are different kinds of things",
    "variable": "they name different variables",
    "numeric": "their values are compared to 40 digits",
    "numeric_probe": "their values are compared at several points",
    "math_verify": "math-verify compared them",
    "parser": "they were read by a LaTeX parser",
}


def shown(text: str, limit: int = MAX_SHOWN_CHARS) -> str:
    """A text on one line, without control characters, its middle left out where it is long."""
    if len(text) > limit:
        half = (limit - 3) // 2
        text = f"{text[:half]}...{text[-half:]}"
    return _UNPRINTABLE.sub("\ufffd", text)


def quoted(text: str) -> str:
    """A text as a sentence quotes it; backslashes stay single, as the LaTeX was written."""
    return f"'{shown(text)}'"


def equal(found: Extraction, gold: str, rule: str, gold_form: tuple[str, ...], form: tuple[str, ...]) -> Verdict:
    """The answer is right."""
    sentence = f"The answer {_quoted(found)} equals the ground truth {quoted(gold)}: {_because(rule)}."
    return _judged(1.0, "equal", sentence, found, rule, gold_form, form)


def not_equal(
    found: Extraction,
    gold: str,
    rule: str,
    gold_form: tuple[str, ...],
    form: tuple[str, ...],
    *,
    ambiguous: bool = False,
) -> Verdict:
    """The answer is wrong, or several different ones were offered."""
    if ambiguous:
        offer = f"The response offers several answers, {_quoted(found)}"
        sentence = f"{offer}, which the ground truth {quoted(gold)} is not."
        return _judged(0.0, "ambiguous", sentence, found, rule, gold_form, form)
    sentence = f"The answer {_quoted(found)} is not the ground truth {quoted(gold)}: {_because(rule)}."
    return _judged(0.0, "not_equal", sentence, found, rule, gold_form, form)


def unparsable(found: Extraction, gold: str, gold_form: tuple[str, ...], form: tuple[str, ...]) -> Verdict:
    """The answer is no mathematics that can be read."""
    sentence = f"The answer {_quoted(found)} cannot be read, so it is not the ground truth {quoted(gold)}."
    return _judged(0.0, "unparsable", sentence, found, "parser", gold_form, form)


def too_costly(found: Extraction, gold: str, why: str) -> Verdict:
    """Comparing the answer would take more than a response may spend."""
    sentence = f"The answer {_quoted(found)} was not compared with the ground truth {quoted(gold)}, because {why}."
    return _judged(0.0, "too_costly", sentence, found, "cost", (), ())


def no_answer(why: str) -> Verdict:
    """The response has no answer."""
    return Verdict.ok(0.0, "no_answer", f"There is no answer: {why}.", None, rule="extraction")


def completion_too_long(chars: int, limit: int) -> Verdict:
    """The completion is too long to be read."""
    sentence = f"The completion is {chars} characters long; more than {limit} are not read."
    return Verdict.ok(0.0, "too_costly", sentence, None, rule="cost")


def no_ground_truth() -> Verdict:
    """The item has nothing to compare with."""
    return Verdict.invalid(
        "no_ground_truth", "The item has no ground truth; give it the right answer as a string."
    )


def empty_ground_truth() -> Verdict:
    """The ground truth holds no answer."""
    return Verdict.invalid("bad_ground_truth", "The ground truth is empty, or nothing is left of it but layout.")


def unreadable_ground_truth(gold: str) -> Verdict:
    """The ground truth cannot be read as mathematics."""
    sentence = (
        f"The ground truth {quoted(gold)} cannot be read as mathematics, and the answer is not the same text."
    )
    return Verdict.invalid("bad_ground_truth", sentence)


def ground_truth_too_costly(why: str) -> Verdict:
    """The ground truth itself is too costly to evaluate."""
    return Verdict.invalid("ground_truth_too_costly", f"The ground truth is too costly to evaluate: it {why}.")


def not_a_math_truth(form: str) -> Verdict:
    """The ground truth is of another verifier."""
    sentence = f"The ground truth has the form {form!r}, which is not a mathematical answer."
    return Verdict.not_applicable("not_math", sentence)


def _judged(
    score: float,
    reason: str,
    sentence: str,
    found: Extraction,
    rule: str,
    gold_form: tuple[str, ...],
    form: tuple[str, ...],
) -> Verdict:
    details: dict[str, Any] = {
        "rule": rule,
        "extraction_rule": found.rule,
        "span": list(found.span),
        "extracted": [shown(answer, MAX_ANSWER_CHARS) for answer in found.answers],
    }
    if form:
        details["answer_form"] = shown(", ".join(form), MAX_ANSWER_CHARS)
        details["ground_truth_form"] = shown(", ".join(gold_form), MAX_ANSWER_CHARS)
    return Verdict.ok(score, reason, sentence, shown(", ".join(found.answers), MAX_ANSWER_CHARS), **details)


def _quoted(found: Extraction) -> str:
    return " and ".join(quoted(answer) for answer in found.answers[:3])


def _because(rule: str) -> str:
    return _RULES.get(rule, rule)
