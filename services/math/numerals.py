r"""Reads plain numbers exactly: integers, decimals, fractions, mixed numbers, powers of ten, repeating decimals.

Thousands may be separated by commas, blanks, apostrophes or (where a decimal comma follows, or twice) points.
A comma that separates no thousands is a decimal comma. The cost is linear in the number of digits: numbers of
more than ``MAX_EXACT_DIGITS`` stay decimal strings, so that no large integer is ever computed with.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import NamedTuple

MAX_EXACT_DIGITS = 1000
"""Longest number that becomes a fraction."""

_PLAIN = r"(?:\d++(?:[,.']\d++|[ ]\d{3}(?!\d))*+|\.\d++)"
_GROUPED = (
    re.compile(r"(?!0,)\d{1,3}(?:,\d{3})+(?P<tail>\.\d+)?"),
    re.compile(r"\d{1,2}(?:,\d{2})+,\d{3}(?P<tail>\.\d+)?"),
    re.compile(r"\d{1,3}(?: \d{3})+(?P<tail>[.,]\d+)?"),
    re.compile(r"\d{1,3}(?:'\d{3})+(?P<tail>\.\d+)?"),
    re.compile(r"\d{1,3}(?:\.\d{3}){2,}(?P<tail>,\d+)?"),
    re.compile(r"\d{1,3}(?:\.\d{3})+(?P<tail>,\d+)"),
    re.compile(r"\d*(?P<tail>[.,]\d+)?"),
)
_NUMBER = re.compile(
    rf"""(?P<sign>[-+]?)\s*+(?:
      10\s*+\^\s*+(?:\{{\s*+(?P<power_group>[-+]?\d++)\s*+\}}|(?P<power>\d++))
    | (?P<repeat_whole>\d*+)\.(?P<repeat_fixed>\d*+)
        (?:\\(?:overline|bar|dot)\s*+\{{(?P<repeat_bar>\d++)\}}|\((?P<repeat_round>\d++)\))
    | (?P<periodic>\d*+\.\d++)\.\.\.
    | (?:(?P<whole>\d++)\s*+)?\\frac\s*+
        \{{\s*+(?P<top>[-+]?\s*+{_PLAIN})\s*+\}}\s*+\{{\s*+(?P<bottom>[-+]?\s*+{_PLAIN})\s*+\}}
    | (?P<mixed_whole>\d++)(?:\ |\ and\ )(?P<mixed_top>\d++)\s*+/\s*+(?P<mixed_bottom>\d++)(?![\d/])
    | (?P<over>{_PLAIN})\s*+/\s*+(?P<under>[-+]?{_PLAIN})(?!\s*+/)
    | (?P<plain>{_PLAIN})
        (?:[eE](?P<exponent>[-+]?\d++)
        |\s*+(?:\\times|\\cdot|\*|x)\s*+10\s*+\^\s*+(?:\{{\s*+(?P<exponent_group>[-+]?\d++)\s*+\}}|(?P<exponent_bare>\d++)))?
    )""",
    re.VERBOSE,
)
_MAX_EXPONENT_DIGITS = 15
_MAX_SHORT_DIGITS = 15
_ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
)  # fmt: skip
_TENS = ("thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_WORDS = {word: number for number, word in enumerate(_ONES)} | {"hundred": 100, "thousand": 1000}
_WORDS |= {word: 10 * tens for tens, word in enumerate(_TENS, start=3)}
_WORD = re.compile(r"[A-Za-z]+(?:-[A-Za-z]+)?(?=$|[\s%])")


class Huge(NamedTuple):
    """A decimal too long to compute with; equal numbers are equal tuples."""

    negative: bool
    digits: str
    """Without zeros at either end."""
    exponent: int
    """Power of ten that the integer of the digits is multiplied by."""


Number = Fraction | Huge


def read_number(text: str) -> tuple[Number, int] | None:
    """The number a normalised text begins with, and the offset where it ends; None where it begins with none."""
    if len(text) <= _MAX_SHORT_DIGITS and text.isascii() and text.isdigit():
        return Fraction(int(text)), len(text)
    if word := _WORD.match(text):
        spelled = _number_word(word[0].lower())
        return None if spelled is None else (Fraction(spelled), word.end())
    found = _NUMBER.match(text)
    if found is None:
        return None
    value = _value(found)
    if value is None:
        return None
    return (_negated(value) if found["sign"] == "-" else value), found.end()


def plain_number(text: str) -> Number | None:
    """The number a text is as a whole, one pair of round brackets and inner blanks allowed, or None."""
    if text.startswith("(") and text.endswith(")") and "," not in text:
        text = text[1:-1].strip()
    found = read_number(text)
    return found[0] if found is not None and found[1] == len(text) else None


def _value(found: re.Match[str]) -> Number | None:
    group = found.groupdict()
    if (power := group["power_group"] or group["power"]) is not None:
        return _scaled("1", power)
    if (period := group["repeat_bar"] or group["repeat_round"]) is not None:
        return _repeating(group["repeat_whole"], group["repeat_fixed"], period)
    if group["periodic"] is not None:
        return _from_ellipsis(group["periodic"])
    if group["top"] is not None:
        return _mixed(group["whole"], _ratio(group["top"], group["bottom"]))
    if group["mixed_top"] is not None:
        return _mixed(group["mixed_whole"], _ratio(group["mixed_top"], group["mixed_bottom"]))
    if group["over"] is not None:
        return _ratio(group["over"], group["under"])
    exponent = group["exponent"] or group["exponent_group"] or group["exponent_bare"] or "0"
    return _scaled(group["plain"], exponent)


def _scaled(text: str, exponent: str) -> Number | None:
    """The decimal ``text`` times ten to the power ``exponent``."""
    grouped = next((match for pattern in _GROUPED if (match := pattern.fullmatch(text))), None)
    if grouped is None or len(exponent) > _MAX_EXPONENT_DIGITS:
        return None
    tail = grouped["tail"] or ""
    whole = re.sub(r"\D", "", text[: len(text) - len(tail)])
    digits = (whole + tail[1:]).lstrip("0")
    significant = digits.rstrip("0")
    power = int(exponent) - len(tail[1:]) + len(digits) - len(significant)
    if not significant:
        return Fraction(0)
    if len(significant) + abs(power) > MAX_EXACT_DIGITS:
        return Huge(negative=False, digits=significant, exponent=power)
    return Fraction(int(significant)) * Fraction(10) ** power


def _signed(text: str) -> Number | None:
    value = _scaled(text.lstrip("+- "), "0")
    return _negated(value) if value is not None and text.startswith("-") else value


def _ratio(top: str, bottom: str) -> Fraction | None:
    numerator, denominator = _signed(top), _signed(bottom)
    if not isinstance(numerator, Fraction) or not isinstance(denominator, Fraction) or denominator == 0:
        return None
    return numerator / denominator


def _mixed(whole: str | None, part: Fraction | None) -> Fraction | None:
    if part is None or whole is None:
        return part
    if len(whole) > MAX_EXACT_DIGITS or not 0 <= part < 1:
        return None
    return int(whole) + part


def _repeating(whole: str, fixed: str, period: str) -> Fraction | None:
    if len(whole) + len(fixed) + len(period) > MAX_EXACT_DIGITS:
        return None
    shift = 10 ** len(fixed)
    start = Fraction(int((whole + fixed) or "0"), shift)
    return start + Fraction(int(period), shift * (10 ** len(period) - 1))


def _from_ellipsis(text: str) -> Fraction | None:
    """``0.333...`` or ``0.1666...``: the shortest period that the digits show at least twice, thrice if short."""
    whole, _, digits = text.partition(".")
    if len(digits) > MAX_EXACT_DIGITS:
        return None
    for length in range(1, len(digits) // 2 + 1):
        period = digits[-length:]
        shown = 3 if length == 1 else 2
        if digits.endswith(period * shown):
            fixed = digits
            while fixed.endswith(period):
                fixed = fixed[:-length]
            return _repeating(whole, fixed, period)
    return None


def _negated(value: Number) -> Number:
    return -value if isinstance(value, Fraction) else value._replace(negative=not value.negative)


def _number_word(word: str) -> int | None:
    tens, _, ones = word.partition("-")
    if ones:
        return (
            _WORDS[tens] + _WORDS[ones] if _WORDS.get(tens, 0) in range(20, 100, 10) and ones in _WORDS else None
        )
    return _WORDS.get(word)
