"""Plain numbers are read exactly, in all their notations."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guerdon.services.math.numerals import Huge, plain_number, read_number

NUMBERS = [
    ("42", "42"),
    ("-10/9", "-10/9"),
    ("- 5", "-5"),
    ("+5", "5"),
    (".5", "1/2"),
    ("5.0", "5"),
    ("(7)", "7"),
    ("1,234.5", "2469/2"),
    ("1,234,567", "1234567"),
    ("1,00,000", "100000"),
    ("1 234 567", "1234567"),
    ("1'000", "1000"),
    ("1.234.567,8", "6172839/5"),
    ("1.234,5", "2469/2"),
    ("1,22", "61/50"),
    ("0,125", "1/8"),
    ("3 1/2", "7/2"),
    ("3 and 1/2", "7/2"),
    ("3\\frac{1}{2}", "7/2"),
    ("-3 \\frac{1}{2}", "-7/2"),
    ("\\frac{-10}{9}", "-10/9"),
    ("\\frac{10}{-9}", "-10/9"),
    ("\\frac{0.5}{2}", "1/4"),
    ("1.2e5", "120000"),
    ("1e-5", "1/100000"),
    ("3 \\times 10^{8}", "300000000"),
    ("3\\cdot10^2", "300"),
    ("10^{-3}", "1/1000"),
    ("0.\\overline{3}", "1/3"),
    ("0.1\\overline{6}", "1/6"),
    ("0.(3)", "1/3"),
    ("0.\\dot{3}", "1/3"),
    ("0.333...", "1/3"),
    ("0.1666...", "1/6"),
    ("0.142857142857...", "1/7"),
    ("two", "2"),
    ("twenty-five", "25"),
]


@pytest.mark.parametrize(("text", "value"), NUMBERS)
def test_number_is_read_exactly(text, value):
    """Every notation gives the rational number it means."""
    assert plain_number(text) == Fraction(value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "5x",
        "5!",
        "2^{10}",
        "1,2,3",
        "1/0",
        "1/2/3",
        "\\frac{1}{0}",
        "12 and 13",
        "0.12...",
        "twelve-two",
        "(1,2)",
        "--5",
    ],
)
def test_what_is_no_plain_number_is_none(text):
    """Expressions, lists and impossible fractions are not taken for numbers."""
    assert plain_number(text) is None


def test_number_at_the_beginning_is_read_with_its_end():
    """The offset tells where the number ends."""
    assert read_number("12.5 cm") == (Fraction(25, 2), 4)


@pytest.mark.parametrize("zeros", ["", ".0", ".000"])
def test_huge_numbers_stay_decimals(zeros):
    """A hundred thousand digits are compared as digits, trailing zeros aside."""
    digits = "9" * 100_000
    assert plain_number(digits + zeros) == Huge(negative=False, digits=digits, exponent=0)
    assert plain_number("-" + digits) != plain_number(digits)


def test_huge_exponents_are_never_computed():
    """Powers of ten beyond reach stay exponents, or are no plain numbers at all."""
    assert plain_number("1e999999999") == Huge(negative=False, digits="1", exponent=999_999_999)
    assert plain_number("10e999999998") == plain_number("1e999999999")
    assert plain_number("1e" + "9" * 50) is None


@pytest.mark.parametrize("text", ["9", "9,", "9 ", "1,234", "1/", "12.", "0.3", ",000", " 234", "\\frac{1"])
def test_long_repetitions_are_read(text):
    """A hundred thousand characters of digits and separators come out."""
    plain_number("1" + text * (100_000 // len(text)))


@given(st.fractions())
def test_rendered_fractions_are_read_back(value):
    """Any fraction reads back from LaTeX and from a slash."""
    assert plain_number(f"\\frac{{{value.numerator}}}{{{value.denominator}}}") == value
    assert plain_number(f"{value.numerator}/{value.denominator}") == value


@given(st.integers(min_value=-(10**30), max_value=10**30))
def test_thousands_separators_change_nothing(value):
    """Commas and blanks between thousands are layout."""
    assert plain_number(f"{value:,}") == value
    assert plain_number(f"{value:,}".replace(",", " ")) == value


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**9), max_value=10**9))
def test_decimals_are_exact(value):
    """No decimal loses a digit, written plainly or in scientific notation."""
    assert plain_number(f"{value:f}") == Fraction(value)
    assert plain_number(f"{value:e}".replace("e+", "e")) == Fraction(value)
