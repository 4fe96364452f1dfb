"""The worker's task: parsing and comparing what the exact tiers leave open."""

import pytest

from guerdon.services.math import grader, symbolic
from guerdon.services.math.expressions import has_prose, prepare_pair
from guerdon.services.math.normalize import normalize

RULES = [
    ("\\sqrt{8}", "2\\sqrt{2}", True, "numeric"),
    ("1/2004!", "1/2006!", False, "numeric"),
    ("2^{-99}", "2^{-98}", False, "numeric"),
    ("\\pi", "3.14159265358979", False, "numeric"),
    ("\\frac{1}{1+i}", "\\frac{1-i}{2}", True, "numeric"),
    ("90^\\circ", "\\frac{\\pi}{2}", True, "numeric"),
    ("\\frac{1}{2}", "\\sin 30^\\circ", True, "numeric"),
    ("2\\sqrt{3}\\text{ m}", "200\\sqrt{3}\\text{ cm}", True, "numeric"),
    ("2\\sqrt{3}\\text{ m}", "2\\sqrt{3}\\text{ kg}", False, "unit"),
    ("2\\sqrt{3}\\text{ m}", "2\\sqrt{3}", True, "numeric"),
    ("$5\\sqrt{2}", "5\\sqrt{2}", True, "numeric"),
    ("C_5^2", "10", True, "numeric"),
    ("x^2+2x+1", "(x+1)^2", True, "math_verify"),
    ("x^{0.5}", "\\sqrt{x}", True, "math_verify"),
    ("2\\frac{1}{2}x", "\\frac{5}{2}x", True, "math_verify"),
    ("\\sin^2 x + \\cos^2 x", "1", True, "math_verify"),
    ("x^2+1", "x^2-1", False, "numeric_probe"),
    ("ab", "AB", False, "numeric_probe"),
    ("x", "\\sqrt{x^2}", False, "math_verify"),
    ("f(x)", "f(y)", False, "math_verify"),
    ("2x+4y-3=0", "y=-\\frac{1}{2}x+\\frac{3}{4}", True, "numeric_probe"),
    ("x=2y", "y=\\frac{x}{2}", True, "numeric_probe"),
    ("x^2+y^2=4", "x^2+y^2=2", False, "math_verify"),
    ("2x+1>7", "x>3", True, "math_verify"),
    ("\\mathbb{R}\\setminus\\{0\\}", "(-\\infty,0)\\cup(0,\\infty)", True, "math_verify"),
    ("(\\sqrt{8}, 1)", "(2\\sqrt{2}, 1)", True, "bracketed"),
    ("\\sqrt{2}, \\sqrt{3}", "\\sqrt{3}, \\sqrt{2}", True, "list"),
    ("\\frac{x}{2} \\text{ where it holds}", "\\frac{x}{3} \\text{ where it holds}", False, "words"),
]


def pair(gold, answer):
    """One pair as the verifier sends it."""
    return [[normalize(gold)], [normalize(answer)]]


@pytest.mark.parametrize(("gold", "answer", "equal", "rule"), RULES)
def test_expressions_are_compared_by_the_rule_that_can_tell(gold, answer, equal, rule):
    """Numbers decide where they can, math-verify where they cannot."""
    result = grader.grade({"pairs": [pair(gold, answer)]})
    assert (result["equal"], result["rule"], result["unparsable"]) == (equal, rule, "")


@pytest.mark.parametrize(
    ("gold", "answer", "side"),
    [("\\frac{}{}+", "\\sqrt{2}", "ground_truth"), ("\\sqrt{2}", "\\frac{}{}+", "response")],
)
def test_the_side_that_does_not_parse_is_named(gold, answer, side):
    """An unreadable ground truth is told from an unreadable response."""
    assert grader.grade({"pairs": [pair(gold, answer)]})["unparsable"] == side


def test_first_equal_pair_decides():
    """The pairs are alternatives: later ones are tried until one is equal."""
    pairs = [pair("\\frac{}{}+", "\\sqrt{8}"), pair("\\sqrt{3}", "\\sqrt{8}"), pair("2\\sqrt{2}", "\\sqrt{8}")]
    assert grader.grade({"pairs": pairs}) == {"equal": True, "rule": "numeric", "pair": 2, "unparsable": ""}


def test_unreadable_ground_truth_is_reported_before_a_difference():
    """Where nothing is equal, a ground truth nobody can read leaves the question open."""
    pairs = [pair("\\sqrt{3}", "\\sqrt{8}"), pair("\\frac{}{}+", "\\sqrt{8}"), pair("\\sqrt{5}", "\\sqrt{8}")]
    assert grader.grade({"pairs": pairs})["unparsable"] == "ground_truth"


def test_factory_proves_that_the_libraries_work(monkeypatch):
    """A worker whose libraries misjudge known pairs does not start."""
    assert grader.make_grader() is grader.grade
    symbolic.parse.cache_clear()
    monkeypatch.setattr(symbolic, "verify", lambda *_, **__: False)
    with pytest.raises(RuntimeError, match="must give equal=True"):
        grader.make_grader()


def test_parsed_ground_truths_are_kept():
    """A group of responses parses its ground truth once."""
    symbolic.parse.cache_clear()
    for number in range(3, 6):
        grader.grade({"pairs": [pair("\\sqrt{7}+1", f"\\sqrt{{{number}}}")]})
    assert symbolic.parse.cache_info().hits == 2


def test_stages_tell_whose_text_is_at_work(monkeypatch):
    """The ground truth is marked before the response."""
    stages = []
    monkeypatch.setattr(grader, "mark_stage", stages.append)
    grader.grade({"pairs": [pair("\\sqrt{7}", "\\sqrt{11}")]})
    assert stages == ["ground_truth", "response"]


@pytest.mark.parametrize(
    ("text", "prose"),
    [
        ("x + \\sin y", False),
        ("\\begin{pmatrix}1\\end{pmatrix}", False),
        ("x where positive", True),
        ("abc", False),
    ],
)
def test_prose_is_told_from_products_of_variables(text, prose):
    """Words of four letters are no product of variables; names of environments are no words."""
    assert has_prose(text) is prose


@pytest.mark.parametrize(
    ("gold", "answer", "prepared"),
    [
        ("1,000\\pi", "\\pi", ("1000\\pi", "\\pi")),
        ("0.5x", "x", ("(\\frac{1}{2})x", "x")),
        ("x^0.5", "x", ("x^{\\frac{1}{2}}", "x")),
        ("\\pi kg", "\\pi m", None),
        ("x\\%", "x", ("x\\cdot\\frac{1}{100}", "x")),
    ],
)
def test_decimals_become_exact_before_parsing(gold, answer, prepared):
    """The parser sees fractions instead of floats, and no units."""
    assert prepare_pair(normalize(gold), normalize(answer)) == prepared
