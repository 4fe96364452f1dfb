"""The worker's task: compares pairs of answers that need a parser.

Payload ``{"pairs": [[gold parts, answer parts], …]}``, all normalised. The pairs are alternatives (accepted
ground truths, readings of the response); the first equal one decides. Result: ``{"equal": bool, "rule": str,
"pair": int}`` and, where nothing is equal, ``"unparsable": "ground_truth" | "response" | ""``.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from guerdon.services.math.compare import Decision, compare_several
from guerdon.services.math.expressions import has_prose, prepare_pair
from guerdon.services.math.symbolic import UnparsableError, is_complex, parse, same
from guerdon.services.workers import mark_stage

GROUND_TRUTH, RESPONSE = "ground_truth", "response"
"""Stages: whose fault it is when the work in them exceeds a limit."""
_WARM_UP = (
    (r"\frac{1}{2}+\sqrt{3}", r"\frac{1+2\sqrt{3}}{2}", True),
    (r"x^{2}+2x+1", r"(x+1)^{2}", True),
    (r"(1+(2+(3+(4-x))))", r"10-x", True),
    (r"(-\infty,1)\cup(2,\infty)", r"(2,\infty)\cup(-\infty,1]", False),
    (r"2x+1>7", r"x>3", True),
    (r"e^{i\pi}", r"-2\sin\frac{\pi}{6}", True),
    (r"x^{2}+y^{2}=1", r"y^{2}=2x", False),
    (r"\log_{2}(3)", r"\ln(2)", False),
    (r"\mathbb{R}\setminus\{0\}", r"(-\infty,0)\cup(0,\infty)", True),
    (r"\sum_{k=1}^{3}k", r"\binom{4}{2}", True),
    (r"|x-1|", r"\sqrt[3]{x}\cdot a_{1}", False),
)
"""Pairs with what must come out: they fill the grammar's caches and prove that the libraries work."""


class _UnparsableSideError(Exception):
    """Which side does not parse."""

    def __init__(self, side: str) -> None:
        super().__init__(side)
        self.side = side


def make_grader() -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Load the libraries, warm the grammar's caches, and return the task.

    Raises:
        RuntimeError: the libraries do not judge known pairs as they must.
    """
    logging.getLogger("math_verify").setLevel(logging.ERROR)
    for gold, answer, equal in _WARM_UP:
        result = grade({"pairs": [[[gold], [answer]]]})
        if result["equal"] is not equal or result["unparsable"]:
            raise RuntimeError(f"comparing {gold} with {answer} must give equal={equal}, but gives {result}")
    return grade


def grade(payload: dict[str, Any]) -> dict[str, Any]:
    """Compare the pairs until one is equal."""
    last = {"equal": False, "rule": "", "pair": 0, "unparsable": ""}
    for index, (gold, answer) in enumerate(payload["pairs"]):
        try:
            decision = compare_several(gold, answer, _leaf)
        except _UnparsableSideError as unparsable:
            last = _worse(last, {"equal": False, "rule": "parser", "pair": index, "unparsable": unparsable.side})
            continue
        assert decision is not None, "a comparison with a leaf always decides"  # noqa: S101
        result = {"equal": decision.equal, "rule": decision.rule, "pair": index, "unparsable": ""}
        if decision.equal:
            return result
        last = _worse(last, result)
    return last


def _worse(before: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    """Of two failed comparisons the one to report: a ground truth nobody can read, before all others."""
    if before["unparsable"] == GROUND_TRUTH or (before["rule"] and now["unparsable"] != GROUND_TRUTH):
        return before
    return now


def _leaf(gold: str, answer: str) -> Decision:
    if has_prose(gold) or has_prose(answer):
        return Decision(False, "words")
    prepared = prepare_pair(gold, answer)
    if prepared is None:
        return Decision(False, "unit")
    complex_numbers = is_complex(*prepared)
    parsed = []
    for side, latex in zip((GROUND_TRUTH, RESPONSE), prepared, strict=True):
        mark_stage(side)
        try:
            parsed.append(parse(latex, complex_numbers=complex_numbers))
        except UnparsableError as error:
            raise _UnparsableSideError(side) from error
    return Decision(*same(*parsed))
