"""The cost guard: what is too costly to evaluate, before anything is evaluated."""

import pytest

from guerdon.services.math.guard import CostLimits, too_costly
from guerdon.services.math.normalize import normalize

COSTLY = [
    ("9^{9^{9^9}}", "astronomically"),
    ("10^10^8", "astronomically"),
    ("2^{1000000}", "astronomically"),
    ("x^{x^{x^{x^x}}}", "astronomically"),
    ("7^{123456789} \\bmod 1000", "astronomically"),
    ("1000000000!", "factorial"),
    ("((9!)!)!", "factorial"),
    ("9!!!", "factorial"),
    ("(10^9)!", "factorial"),
    ("\\binom{1000000000}{500000000}", "binomial"),
    ("\\binom{10^9}{5 \\cdot 10^8}", "binomial"),
    ("\\sum_{k=1}^{100000000} k", "terms"),
    ("\\prod_{k=1}^{100000000} k", "terms"),
    ("(-1)^{100000000}", "exponent"),
    ("9" * 500, "digits"),
    ("1+" * 450 + "1", "operations"),
    ("\\frac{1}{1+" * 60 + "x" + "}" * 60, "nests"),
    ("(1+" * 100 + "x" + ")" * 100, "nests"),
    ("x+1" * 1000, "characters"),
]
CHEAP = [
    "x + 1",
    "2^{1000}",
    "2^{2^{10}}",
    "1/2004!",
    "\\binom{100}{50}",
    "(2n)!",
    "2^{2n+1}",
    "x^{x}",
    "(x+1)^{100}",
    "e^{i\\pi}",
    "10^{-34}",
    "\\sum_{k=1}^{10} k",
    "\\sum_{k=0}^{\\infty} \\frac{1}{2^k}",
    "\\sqrt{2}^{100}",
    "((((1))))",
    "",
]


@pytest.mark.parametrize(("text", "why"), COSTLY, ids=lambda text: text[:20])
def test_costly_expression_is_refused_with_its_reason(text, why):
    """Towers, factorials, ranges and sizes beyond reach are named."""
    assert why in too_costly(normalize(text), CostLimits())


@pytest.mark.parametrize("text", CHEAP)
def test_ordinary_expression_passes(text):
    """What people answer is not refused."""
    assert too_costly(normalize(text), CostLimits()) == ""


def test_limits_are_those_that_are_given():
    """The limits are parameters, not constants."""
    assert too_costly("x^{100}", CostLimits(max_chars=3))
    assert too_costly("2^{100}", CostLimits(max_result_digits=10.0))


@pytest.mark.parametrize("text", ["2^", "(", "!", "\\binom", "^", "{2^{", "\\sum_{k=1}^", "2^2", "\\binom{"])
def test_broken_expressions_are_judged_too(text):
    """No text breaks the estimate."""
    assert isinstance(too_costly(text * 40, CostLimits()), str)
