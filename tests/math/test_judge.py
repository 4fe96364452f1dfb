"""Verdicts on the ground truth's forms, on ambiguity, on invalid data, and on anything at all."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guerdon.services.contract import GroundTruth, Item, Status, Verdict
from guerdon.services.math.guard import CostLimits
from guerdon.services.math.judge import Open, judge
from guerdon.services.math.settings import MathSettings
from guerdon.services.math.verdicts import shown

FAR = " and that is shown by a calculation which takes so many words that it is far from the next box. " * 2


@pytest.mark.parametrize(
    ("completion", "truth", "score", "reason"),
    [
        ("\\boxed{0.75}", ["1.5", "\\frac34"], 1.0, "equal"),
        ("\\boxed{\\sqrt{8}}", ["1.5", "2\\sqrt2"], 1.0, "equal"),
        ("\\boxed{2}", ["1.5", "\\frac34"], 0.0, "not_equal"),
        ("\\boxed{2, -2}", {"all_of": ["2", "-2"]}, 1.0, "equal"),
        ("\\boxed{\\sqrt{4}, -2}", {"all_of": ["2", "-2"]}, 1.0, "equal"),
        ("\\boxed{2}", {"all_of": ["2", "-2"]}, 0.0, "not_equal"),
        ("\\boxed{2, -2, 3}", {"all_of": ["2", "-2"]}, 0.0, "not_equal"),
        ("\\boxed{2}", {"all_of": ["2"]}, 1.0, "equal"),
        ("\\boxed{1} \\boxed{2}", "1, 2", 1.0, "equal"),
        ("\\boxed{1} \\boxed{2}", "2", 0.0, "ambiguous"),
        ("\\boxed{11+x} or \\boxed{x+11}", "x+11", 1.0, "equal"),
        ("\\boxed{x^2} or \\boxed{x^3}", "x^2", 0.0, "ambiguous"),
        (f"(a) \\boxed{{3}}{FAR}(b) \\boxed{{5}}", "3, 5", 1.0, "equal"),
        (f"(a) \\boxed{{3}}{FAR}(b) \\boxed{{5}}", "5", 1.0, "equal"),
        (f"(a) \\boxed{{3}}{FAR}(b) \\boxed{{5}}", "3", 0.0, "not_equal"),
        ("\\boxed{7 \\text{ or } 9}", "9", 0.0, "ambiguous"),
        ("\\boxed{7 \\text{ or } 9}", "7, 9", 1.0, "equal"),
        ("A or B or C", "A", 0.0, "ambiguous"),
        ("\\boxed{\\frac{}{}+}", "\\sqrt2", 0.0, "unparsable"),
        ("\\boxed{}", "42", 0.0, "no_answer"),
        ("\\boxed{9^{9^{9^9}}}", "42", 0.0, "too_costly"),
        ("\\boxed{9^{9^{9^9}}}", "9^{9^{9^9}}", 1.0, "equal"),
        ("\\boxed{" + "(" * 2000 + "42" + ")" * 2000 + "}", "42", 1.0, "equal"),
        ("\\boxed{" + "1+" * 50_000 + "1}", "42", 0.0, "too_costly"),
        ("\\boxed{" + "9" * 100_000 + "}", "42", 0.0, "not_equal"),
        ("\\boxed{" + "9" * 100_000 + "}", "9" * 100_000 + ".0", 1.0, "equal"),
        ("word " * 200_000 + "\\boxed{42}", "42", 1.0, "equal"),
        ("\x00\\boxed{4\x002}\x00", "42", 1.0, "equal"),
    ],
    ids=lambda value: str(value)[:24],
)
def test_completion_is_judged(judged, completion, truth, score, reason):
    """Forms of ground truth, several answers, costly and hostile text: each has its score and reason."""
    verdict = judged(completion, truth)
    assert (verdict.status, verdict.score, verdict.reason) == (Status.OK, score, reason)


@pytest.mark.parametrize(
    ("truth", "status", "reason"),
    [
        (None, Status.INVALID, "no_ground_truth"),
        (" $ $ ", Status.INVALID, "bad_ground_truth"),
        (["42", ""], Status.INVALID, "bad_ground_truth"),
        ("\\frac{}{}+", Status.INVALID, "bad_ground_truth"),
        ("9^{9^{9^9}}", Status.INVALID, "ground_truth_too_costly"),
        (["9^{9^{9^9}}", "\\sqrt{2}"], Status.INVALID, "ground_truth_too_costly"),
        ({"kind": "stdio", "cases": []}, Status.NOT_APPLICABLE, "not_math"),
        ({"value": 42}, Status.NOT_APPLICABLE, "not_math"),
    ],
    ids=str,
)
def test_unusable_ground_truth_is_never_charged_to_the_response(judged, truth, status, reason):
    """The caller's fault has no score."""
    verdict = judged("\\boxed{41}", truth)
    assert (verdict.status, verdict.score, verdict.reason) == (status, None, reason)


def test_one_usable_ground_truth_of_several_is_enough_to_be_right(judged):
    """A costly alternative does not spoil an answer that equals another one."""
    assert judged("\\boxed{\\sqrt{8}}", ["9^{9^{9^9}}", "2\\sqrt{2}"]).score == 1.0


def test_completion_over_the_limit_is_not_read():
    """The longest completion that is read is a setting."""
    item = Item(id="it", reward="math", completion="x" * 11, ground_truth=GroundTruth(form="text", texts=("42",)))
    verdict = judge(item, MathSettings(max_completion_chars=10), CostLimits())
    assert (verdict.score, verdict.reason) == (0.0, "too_costly")


def test_explanations_are_one_readable_line(judged):
    """Long values are shortened and control characters replaced, in the explanation and the answer."""
    verdict = judged("\\boxed{" + "9" * 5000 + "\x07\n}", "42")
    assert len(verdict.explanation) < 400
    assert verdict.explanation.isprintable()
    assert len(verdict.answer) <= 1000


def test_long_text_is_shown_by_its_ends():
    """The middle is left out."""
    assert shown("a" * 50 + "b" * 50, 21) == "aaaaaaaaa...bbbbbbbbb"


@settings(deadline=None)
@given(st.text(), st.text(), st.text())
def test_no_text_raises(completion, truth, prompt):
    """Whatever the texts, NUL included, an item is judged or left open."""
    item = Item(
        id="it",
        reward="math",
        completion=completion,
        prompt=prompt,
        ground_truth=GroundTruth(form="text", texts=(truth,)),
    )
    assert isinstance(judge(item, MathSettings(workers=1), CostLimits()), Verdict | Open)


@settings(deadline=None)
@given(st.text(alphabet="\\boxed{}()[]$ .,;:<>/-+=^_0123456789abxyABanswerthink\n", max_size=200))
def test_no_mathematical_soup_raises(completion):
    """Neither do random strings of what the rules look for."""
    item = Item(
        id="it", reward="math", completion=completion, ground_truth=GroundTruth(form="text", texts=("x=1",))
    )
    assert isinstance(judge(item, MathSettings(workers=1), CostLimits()), Verdict | Open)


VALUES = st.one_of(
    st.integers(-(10**6), 10**6).map(str),
    st.fractions(max_denominator=99).map(lambda value: f"\\frac{{{value.numerator}}}{{{value.denominator}}}"),
    st.lists(st.integers(-99, 99), min_size=2, max_size=4, unique=True).map(
        lambda items: f"({', '.join(map(str, items))})"
    ),
    st.sampled_from(
        [
            "\\sqrt{2}",
            "x^2+1",
            "\\pi",
            "[0, 1)",
            "\\{1, 2\\}",
            "x > 3",
            "C",
            "50\\%",
            "12\\text{ cm}",
            "\\text{even}",
        ]
    ),
)
TEMPLATES = st.sampled_from(
    [
        "So it is $\\boxed{%s}$.",
        "<think>It may be 12345.</think><answer>%s</answer>",
        "The answer is $%s$.",
        "Final answer: $%s$",
        "**Answer:** $%s$",
        "所以答案是$%s$。",
        "$%s$",
    ]
)


@settings(deadline=None)
@given(VALUES, TEMPLATES)
def test_an_answer_equals_itself_in_every_form_of_response(judge_text, value, template):
    """Rendering a value into any form of response and judging it against itself pays."""
    assert judge_text(template % value, value).score == 1.0


@pytest.fixture(scope="module")
def judge_text():
    """Judge a text against a ground truth; the answer must not need a worker."""

    def verdict(completion, truth):
        item = Item(
            id="it", reward="math", completion=completion, ground_truth=GroundTruth(form="text", texts=(truth,))
        )
        return judge(item, MathSettings(workers=1), CostLimits())

    return verdict
