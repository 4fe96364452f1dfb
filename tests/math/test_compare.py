"""The exact tiers: what they decide, by which rule, and what they leave to a parser."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guerdon.services.math.compare import Decision, compare, compare_several
from guerdon.services.math.normalize import normalize

DECIDED = [
    ("42", "42", True, "identical"),
    ("x = 5", "5", True, "identical"),
    ("7 + 8 = 15", "15", True, "identical"),
    ("f(x) = x^2", "x^2", True, "identical"),
    ("|AB| = 1", "1", True, "identical"),
    ("k\\pi, k \\in \\mathbb{Z}", "k\\pi", True, "identical"),
    ("x \\in [2, 5]", "[2,5]", True, "identical"),
    ("42", "42.0", True, "number"),
    ("1/3", "0.333333", False, "number"),
    ("5 apples", "5", True, "number"),
    ("1,22", "1.22", True, "number"),
    ("1,234", "1.234", False, "number"),
    ("50%", "0.5", True, "percent"),
    ("50", "50%", True, "percent"),
    ("50%", "5", False, "percent"),
    ("1%", "1\\text{ m}", False, "percent"),
    ("12 cm", "12 m", False, "unit"),
    ("1.5 m", "150 cm", True, "unit"),
    ("5 apples", "5 oranges", False, "unit"),
    ("5 apples", "5\\text{ cm}", False, "unit"),
    ("18 eggs", "18 duck eggs", True, "number"),
    ("2 hours and 30 minutes", "150 min", True, "unit"),
    ("$2.50", "250 cents", True, "unit"),
    ("100 °C", "212 °F", True, "unit"),
    ("5 units", "5\\text{ cm}", True, "unit"),
    ("101_2", "101_3", False, "base"),
    ("101_2", "5", True, "base"),
    ("101_2", "101", True, "base"),
    ("101_{two}", "5_{10}", True, "base"),
    ("1:2:3", "2:4:6", True, "ratio"),
    ("3:4", "4:3", False, "ratio"),
    ("3 to 4", "6:8", True, "ratio"),
    ("3:4", "3/4", True, "ratio"),
    ("3:4", "0.75", False, "ratio"),
    ("3:30 a.m.", "3:30 p.m.", False, "clock"),
    ("3:30 p.m.", "15:30", True, "clock"),
    ("12:00", "1:00", False, "clock"),
    ("3 pm", "15:00", True, "clock"),
    ("3:30 pm", "5 apples", False, "ratio"),
    ("x \\equiv 2 \\pmod 5", "7 \\pmod{5}", True, "congruence"),
    ("2 \\pmod 5", "2 \\pmod 7", False, "congruence"),
    ("2 \\pmod 5", "2", False, "kind"),
    ("(A)", "a", True, "choice"),
    ("a", "A", False, "choice"),
    ("(B) 12", "B", True, "choice"),
    ("(B) 12", "(B) 13", False, "number"),
    ("12", "(B) 12", True, "identical"),
    ("B", "12", False, "kind"),
    ("option C", "(C)", True, "choice"),
    ("Tuesday", "tuesday", True, "words"),
    ("even", "odd", False, "words"),
    ("no solution", "\\emptyset", True, "words"),
    ("Tuesday", "5", False, "kind"),
    ("1, 2, 3", "3, 1, 2", True, "list"),
    ("12 and 13", "13, 12", True, "list"),
    ("x = 1 or x = 2", "2, 1", True, "list"),
    ("\\pm 1", "1, -1", True, "list"),
    ("1, 2", "1, 2, 3", False, "list"),
    ("\\{1, 2\\}", "2, 1", True, "set"),
    ("\\{2\\}", "2.0", True, "number"),
    ("\\{1, 2\\}", "(1, 2)", False, "kind"),
    ("(1, 2)", "(2, 1)", False, "bracketed"),
    ("(0, 1)", "[0, 1)", False, "bracketed"),
    ("[1, 2, 3]", "(1, 2, 3)", True, "bracketed"),
    ("(1, 2)", "1, 2", True, "bracketed"),
    ("A(1, 2)", "(1, 2.0)", True, "bracketed"),
    ("\\langle 1, 2\\rangle", "(1, 2)", True, "bracketed"),
    ("\\begin{pmatrix}1\\\\2\\end{pmatrix}", "(1, 2)", True, "bracketed"),
    ("x > 3", "(3, \\infty)", True, "bracketed"),
    ("[3, \\infty]", "x \\ge 3", True, "bracketed"),
    ("2 < x \\le 5", "(2, 5]", True, "bracketed"),
    ("5 > x > 2", "(2, 5)", True, "bracketed"),
    ("\\{x \\mid x > 3\\}", "(3, \\infty)", True, "bracketed"),
    ("x > 3", "y > 3", False, "variable"),
    ("x = 5", "y = 5", False, "variable"),
    ("x < -2 or x > 2", "(2, \\infty) \\cup (-\\infty, -2)", True, "union"),
    ("\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}", "\\begin{bmatrix}1&2\\\\3&4.0\\end{bmatrix}", True, "matrix"),
    ("\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}", "\\begin{pmatrix}1&2\\\\4&3\\end{pmatrix}", False, "matrix"),
    ("\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}", "1, 2, 3, 4", False, "kind"),
    ("\\begin{cases}x=1\\\\y=2\\end{cases}", "x=1, y=2", True, "list"),
    ("p=5,q=2;p=7,q=2", "(5,2),(7,2)", True, "list"),
    ("x^2 + y^2 = 1", "1", False, "kind"),
    ("(1, 2)", "5", False, "kind"),
]
OPEN = [
    ("x + 1", "1 + x"),
    ("\\sqrt{8}", "2\\sqrt{2}"),
    ("(\\sqrt{8}, 1)", "(2\\sqrt{2}, 1)"),
    ("5", "\\sqrt{25}"),
    ("y = 2x", "x = y/2"),
    ("x^2 + y^2 = 4", "x^2 + y^2 - 4 = 0"),
    ("(-\\infty, 0) \\cup (0, \\infty)", "\\mathbb{R} \\setminus \\{0\\}"),
    ("90^\\circ", "\\frac{\\pi}{2}"),
    ("x", "2x - x"),
]


def decide(gold, answer):
    """What the exact tiers say about two texts."""
    return compare(normalize(gold), normalize(answer))


@pytest.mark.parametrize(("gold", "answer", "equal", "rule"), DECIDED)
def test_tier_decides_by_its_rule(gold, answer, equal, rule):
    """Each pair is decided, by the rule that fits its kind."""
    assert decide(gold, answer) == Decision(equal, rule)


@pytest.mark.parametrize(("gold", "answer", "equal", "rule"), DECIDED)
def test_tiers_are_symmetric(gold, answer, equal, rule):
    """Which side is the ground truth changes nothing."""
    one, other = decide(gold, answer), decide(answer, gold)
    assert (one and one.equal) == (other and other.equal)


@pytest.mark.parametrize(("gold", "answer"), OPEN)
def test_tiers_leave_open_what_they_are_not_certain_of(gold, answer):
    """Expressions are left to the parser, also as parts of a tuple."""
    assert decide(gold, answer) is None


def test_decided_part_settles_a_list_with_an_open_one():
    """One part that differs for certain decides, whatever the others are."""
    assert decide("(\\sqrt{8}, 1)", "(2\\sqrt{2}, 2)") == Decision(False, "bracketed")


def test_leaf_is_given_the_open_parts_only():
    """Only what is left open reaches the leaf, the ground truth first."""
    seen = []

    def leaf(gold, answer):
        seen.append((gold, answer))
        return Decision(True, "leaf")

    assert compare("(\\sqrt{8}, 1, 2)", "(2\\sqrt{2}, 1.0, 2)", leaf) == Decision(True, "bracketed")
    assert seen == [("\\sqrt{8}", "2\\sqrt{2}")]


def test_several_answers_must_be_all_of_the_ground_truth():
    """Answers offered together are compared as a set; equal duplicates count once."""
    assert compare_several(("1, 2",), ("2", "1")) == Decision(True, "list")
    assert compare_several(("2",), ("1", "2")) == Decision(False, "list")
    assert compare_several(("2",), ("2", "2.0")) == Decision(True, "list")
    assert compare_several(("1", "2"), ("1, 2",)) == Decision(True, "list")
    assert compare_several(("1", "2"), ("1", "2", "3")) == Decision(False, "list")


def test_long_lists_are_compared_in_order():
    """Lists too long for matching item by item must have the same order."""
    numbers = [str(number) for number in range(200)]
    assert compare(", ".join(numbers), ",".join(numbers)) == Decision(True, "identical")
    assert compare(", ".join(numbers), ", ".join(f"{number}.0" for number in numbers)) == Decision(True, "list")


plain = st.one_of(
    st.integers(-1000, 1000).map(str),
    st.fractions(max_denominator=50).map(str),
    st.sampled_from(
        ["50%", "3:4", "x > 3", "(1, 2)", "[1, 2)", "\\{1, 2\\}", "1, 2", "A", "(b) 7", "12 cm", "even", "x^2"]
    ),
    st.text(alphabet="0123456789 .,:;/-+=<>()[]{}\\%xyABpim_^", max_size=25),
)


@given(plain)
def test_everything_equals_itself(text):
    """What is compared with itself is equal."""
    text = normalize(text)
    assert compare(text, text) == Decision(True, "identical")


@given(plain, plain)
def test_exact_tiers_are_symmetric_everywhere(one, other):
    """Swapping any two texts swaps nothing in the verdict."""
    one, other = normalize(one), normalize(other)
    first, second = compare(one, other), compare(other, one)
    assert (first and first.equal) == (second and second.equal)


@given(st.lists(st.integers(-9, 9), min_size=2, max_size=6, unique=True), st.randoms())
def test_order_matters_in_tuples_only(numbers, random):
    """A shuffled set is the same set, a shuffled tuple another tuple."""
    shuffled = list(numbers)
    random.shuffle(shuffled)
    one, other = ", ".join(map(str, numbers)), ", ".join(map(str, shuffled))
    assert compare(f"\\{{{one}\\}}", f"\\{{{other}\\}}").equal
    assert compare(f"({one})", f"({other})").equal == (numbers == shuffled)
