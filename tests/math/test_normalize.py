"""One spelling for what is written in many ways."""

import pytest

from guerdon.services.math.normalize import normalize, squeeze

SPELLINGS = [
    ("$\\frac12$", "\\frac{1}{2}"),
    ("\\dfrac{9}{7}", "\\frac{9}{7}"),
    ("\\tfrac94\\pi", "\\frac{9}{4}\\pi"),
    ("\\sqrt 2+\\sqrt5", "\\sqrt{2}+\\sqrt{5}"),
    ("sqrt(x+1)", "\\sqrt{x+1}"),
    ("e^(2x)", "e^{2x}"),
    ("**73**", "73"),
    ("`x`", "x"),
    ("\\text{(C)}.", "(C)"),
    ("\\boxed{\\boxed{5}}", "5"),
    ("\\left( 3, 4 \\right)", "( 3, 4 )"),
    ("10,\\!000", "10,000"),
    ("14{,}916", "14,916"),
    ("$14 {, }916$", "14,916"),
    ("\\$18", "USD 18"),
    ("$18", "USD 18"),
    ("-$5", "-USD 5"),
    ("$\\$18$", "USD 18"),
    ("50\\%", "50%"),
    ("5\\text{ cm}^2", "5 cm ^2"),
    ("5\\mathrm{m}", "5 m"),
    ("90^{\\circ}", "90^\\circ"),
    ("x \\le 3", "x \\leq 3"),
    ("x >= 3", "x \\geq 3"),
    ("x != 3", "x \\neq 3"),
    ("= 5", "5"),
    ("\\approx 11", "11"),
    ("5.", "5"),
    ("0.333...", "0.333..."),
    ("5!", "5!"),
    ("x equals 5", "x = 5"),
    ("3**4", "3^4"),
    ("((((42))))", "(42)"),
    ("{1,2,3}", "1,2,3"),
    ("\\\\frac{1}{2}", "\\frac{1}{2}"),
    ("\\begin{pmatrix}1\\\\x\\end{pmatrix}", "\\begin{pmatrix}1\\\\x\\end{pmatrix}"),
    ("x=1 \\text{ or } x=2", "x=1 or x=2"),
    ("(1,2)or(2,1)", "(1,2) or (2,1)"),
    ("x=2\\quad y=3", "x=2, y=3"),
    ("½", "\\frac{1}{2}"),
    ("3½", "3 \\frac{1}{2}"),
    ("x²", "x^{2}"),
    ("a₁", "a_{1}"),
    ("√2", "\\sqrt{2}"),
    ("∞", "\\infty"),
    ("−5", "-5"),
    ("４２", "42"),
    ("४२", "42"),
    ("（1，2）", "(1,2)"),
    ("4\u200b2\x00", "42"),
    ("}", ""),
    ("", ""),
]


@pytest.mark.parametrize(("text", "spelling"), SPELLINGS)
def test_text_is_brought_into_one_spelling(text, spelling):
    """Layout, wrappers, delimiters and unicode forms go; the mathematics stays."""
    assert normalize(text) == spelling


@pytest.mark.parametrize("text", [spelling for _, spelling in SPELLINGS if "USD" not in spelling])
def test_normal_spelling_is_stable(text):
    """What is normal already stays as it is."""
    assert normalize(text) == text


def test_squeeze_keeps_blanks_that_separate():
    """Only blanks that separate nothing are dropped: a mixed number stays one."""
    assert squeeze("( 1 , 2 )") == "(1,2)"
    assert squeeze("3 1/2") == "3 1/2"
    assert squeeze("\\pi r") == "\\pi r"


@pytest.mark.parametrize(
    "text",
    [
        "= ",
        ". ",
        "{",
        "\\frac{",
        "\\left(",
        "^(",
        "$",
        "\\text{",
        ", ",
        "\\",
        "\\sqrt ",
        "9",
        " x",
        "\\begin{",
        "½",
    ],
)
def test_long_repetitions_are_normalised(text):
    """A hundred thousand characters of any building block come out."""
    assert isinstance(squeeze(normalize(text * (100_000 // len(text)))), str)
