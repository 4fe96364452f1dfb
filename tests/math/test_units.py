"""Units: which words are units, what they measure and how they convert."""

from fractions import Fraction

import pytest

from guerdon.services.math.quantities import parse_quantity
from guerdon.services.math.units import is_unit_word, parse_unit


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("km", "1000 m"),
        ("square feet", "144 in^2"),
        ("mph", "22/15 ft/s"),
        ("km/h", "1000 m per hour"),
        ("cm ^2", "0.0001 square meters"),
        ("liters", "1000 cubic centimeters"),
        ("dollars per hour", "100/60 cents per minute"),
        ("years", "12 months"),
        ("公斤", "1000 克"),
    ],
)
def test_unit_is_a_multiple_of_another(one, other):
    """Names, powers and quotients combine to exact factors."""
    unit, quantity = parse_unit(one), parse_quantity(other)
    assert unit.dimension == quantity.unit.dimension
    assert unit.factor == quantity.value * quantity.unit.factor


@pytest.mark.parametrize("text", ["apples", "5", "cm(", "x", "per", "km / apples", "^2"])
def test_other_words_are_no_units(text):
    """What is not in the table is not guessed."""
    assert parse_unit(text) is None


def test_bare_counts_measure_nothing():
    """Words such as "units" or "square units" have no dimension."""
    assert parse_unit("units").dimension == ()
    assert parse_unit("square units").dimension == ()


def test_temperatures_have_an_offset():
    """The freezing point is 0 °C and 32 °F."""
    fahrenheit = parse_unit("^\\circ F")
    assert 32 * fahrenheit.factor + fahrenheit.offset == 0


@pytest.mark.parametrize(
    ("word", "known"), [("dollars", True), ("Stunden", True), ("m", False), ("in", False), ("birds", False)]
)
def test_single_letters_are_no_units_in_prose(word, known):
    """In running text only unmistakable words count."""
    assert is_unit_word(word) is known


@pytest.mark.parametrize(
    "text", ["5x", "5 x", "5m", "2\\pi", "5 or more", "5 less than x", "5!", "x", "12 and 13", "%50 x"]
)
def test_expressions_are_no_quantities(text):
    """A variable after a number is no unit, and words that change the meaning are no label."""
    assert parse_quantity(text) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2.5 million", 2_500_000),
        ("5 dozen", 60),
        ("3万", 30_000),
        ("-USD 5", -5),
        ("(101)_2", 5),
        ("11 in binary", 3),
    ],
)
def test_scales_and_bases_change_the_value(text, value):
    """Scale words multiply, a base is applied."""
    assert parse_quantity(text).value == Fraction(value)


@pytest.mark.parametrize("text", ["12_2", "1A_{10}", "7_{1}", "F_{10}", "1_{x}"])
def test_impossible_bases_are_no_quantities(text):
    """Digits must belong to their base, and a variable with an index is no number."""
    assert parse_quantity(text) is None
