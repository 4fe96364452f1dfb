"""Plain quantities: a number with a percent sign, a unit, a currency, or in another base.

Two quantities are always decided, exactly. Policy: a missing unit is fine, another unit is not, a convertible
one needs the converted value; ``50%`` equals ``0.5`` and equals ``50``; a rounding is not the exact value.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import NamedTuple

from guerdon.services.math.numerals import Huge, Number, read_number
from guerdon.services.math.units import Unit, parse_unit

_PREFIX = re.compile(
    r"([-+]?)\s*(USD|US\$|EUR|GBP|CNY|RMB|INR|JPY|KRW|TRY|Rs|TL|[€£¥₹₩₺₽$%]|yüzde)\.?\s*(?=[-+\d.\\])"
)
_PERCENT = re.compile(
    r"\s*(?:%|percent(?:age)?|per cent|pct|Prozent|por ciento|pour cent|per cento|yüzde|퍼센트|프로)(?![A-Za-z])"
    r"\s*(?:points?)?"
)
_WORDS = re.compile(r"[^\d\\=+*/^<>(){}\[\]_|,;:$&!]*+")
_SHADES_MEANING = re.compile(
    r"\b(?:or|and|not|no|less|more|fewer|greater|most|least|if|when|plus|minus|times|to|than|over|under|above|below|mod|modulo"
    r"|squared|cubed|factorial|choose|percent)\b",
    re.IGNORECASE,
)
_SCALE = {
    "thousand": 10**3,
    "million": 10**6,
    "billion": 10**9,
    "trillion": 10**12,
    "万": 10**4,
    "亿": 10**8,
    "hundred": 100,
    "dozen": 12,
}
_SCALE_WORD = re.compile(r"\s*(thousand|million|billion|trillion|hundred|dozen|万|亿)(?![A-Za-z])")
_BASE_NAMES = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10}
_BASE_NAMES |= {"twelve": 12, "sixteen": 16, "binary": 2, "octal": 8, "decimal": 10, "hexadecimal": 16}
_BASED = re.compile(
    r"(-?)\(?([0-9][0-9A-Fa-f]*)\)?(?:\s*_\s*\{?\s*(\w+)\s*\}?"
    r"|\s*\(?(?:in )?(?:base|Basis)\s*-?\s*(\w+)\)?|\s+in (binary|octal|hexadecimal))"
)
_COMPOUND_JOINT = re.compile(r"\s*,?\s+and\s+|\s*,\s+|(?<=[A-Za-z])\s+(?=\d)")
_MAX_COMPOUND = 3
_MAX_BASED_DIGITS = 1000
_STEM_CHARS = 4


class Quantity(NamedTuple):
    """A number and what it counts."""

    value: Number
    """The number as written, in its own unit."""
    percent: bool = False
    """Whether a percent sign follows."""
    unit: Unit | None = None
    """A known unit, or None."""
    label: str = ""
    """Words after the number that are no known unit, such as ``apples``."""
    digits: str = ""
    """The digits as written where a base is stated, otherwise empty."""


def parse_quantity(text: str) -> Quantity | None:
    """The quantity a normalised text is as a whole, or None where it is anything else."""
    if (based := _based(text)) is not None:
        return based
    prefix = _PREFIX.match(text)
    sign, symbol = (prefix[1], prefix[2]) if prefix else ("", "")
    body = text[prefix.end() :] if prefix else text
    if body.startswith("(") and body.endswith(")") and body.count("(") == 1 and "," not in body:
        body = body[1:-1].strip()
    found = read_number(body)
    if found is None:
        return None
    if (compound := _compound(text)) is not None:
        return compound
    value, end = found
    rest = body[end:]
    if (scale := _SCALE_WORD.match(rest)) and isinstance(value, Fraction):
        value, rest = value * _SCALE[scale[1]], rest[scale.end() :]
    if sign == "-":
        value = -value if isinstance(value, Fraction) else value._replace(negative=not value.negative)
    if symbol in ("%", "yüzde"):
        return Quantity(value, percent=True) if not rest.strip() else None
    return _with_rest(value, rest, symbol)


def _with_rest(value: Number, rest: str, symbol: str) -> Quantity | None:
    if not rest.strip():
        return Quantity(value, unit=parse_unit(symbol) if symbol else None)
    if percent := _PERCENT.match(rest):
        rest = rest[percent.end() :]
        return (
            Quantity(value, percent=True) if _WORDS.fullmatch(rest) and not _SHADES_MEANING.search(rest) else None
        )
    name = rest.strip()
    unit = parse_unit(f"{symbol} {name}".strip() if symbol and name.startswith(("per", "/")) else name)
    attached = rest[0] != " " and not rest.startswith("^")
    if unit is not None and not (attached and len(name) == 1 and name.isascii()):
        return Quantity(value, unit=unit)
    if attached or not _WORDS.fullmatch(rest) or _SHADES_MEANING.search(rest) or len(name) < 2:
        return None
    return Quantity(value, unit=parse_unit(symbol) if symbol else _unit_among(name), label=name)


def _compound(text: str) -> Quantity | None:
    """A measure in several units, the largest first, such as "2 hours and 30 minutes"."""
    parts = _COMPOUND_JOINT.split(text)
    if not 2 <= len(parts) <= _MAX_COMPOUND:
        return None
    measures = [parse_quantity(part) for part in parts]
    total, before = Fraction(0), None
    for measure in measures:
        unit = measure.unit if measure is not None else None
        if measure is None or unit is None or not unit.dimension or not isinstance(measure.value, Fraction):
            return None
        if before is not None and (unit.dimension != before.dimension or unit.factor >= before.factor):
            return None
        total, before = total + measure.value * unit.factor, unit
    return None if before is None else Quantity(total / before.factor, unit=before)


def _unit_among(words: str) -> Unit | None:
    """The first known unit in a phrase such as "more minutes"; single letters are words there."""
    known = (parse_unit(word) for word in words.split() if len(word) > 1)
    return next((unit for unit in known if unit is not None and unit.dimension), None)


def _based(text: str) -> Quantity | None:
    found = _BASED.fullmatch(text)
    if found is None or len(found[2]) > _MAX_BASED_DIGITS:
        return None
    name = found[3] or found[4] or found[5]
    base = int(name) if name.isascii() and name.isdigit() and len(name) < 3 else _BASE_NAMES.get(name.lower(), 0)
    digits = found[2].upper()
    if not 2 <= base <= 36 or any(int(digit, 36) >= base for digit in digits):
        return None
    value = Fraction(int(digits, base))
    return Quantity(-value if found[1] else value, digits=found[1] + digits.lstrip("0"))


def same_quantity(one: Quantity, other: Quantity) -> tuple[bool, str]:
    """Whether two quantities are equal, and the rule that decides; symmetric."""
    if one.digits or other.digits:
        return _same_in_base(one, other), "base"
    if one.percent or other.percent:
        return _same_percent(one, other), "percent"
    if one.unit is not None and other.unit is not None:
        return _same_measure(one, other, one.unit, other.unit), "unit"
    if one.label and other.label and not _related(one.label, other.label):
        return False, "unit"
    if (one.unit is not None and other.label) or (one.label and other.unit is not None):
        known = one.unit or other.unit
        if known is not None and known.dimension:
            return False, "unit"
    return one.value == other.value, "number"


def _same_measure(one: Quantity, other: Quantity, unit: Unit, other_unit: Unit) -> bool:
    if not unit.dimension or not other_unit.dimension:
        return one.value == other.value
    if unit.dimension != other_unit.dimension:
        return False
    if isinstance(one.value, Huge) or isinstance(other.value, Huge):
        return unit == other_unit and one.value == other.value
    return one.value * unit.factor + unit.offset == other.value * other_unit.factor + other_unit.offset


def _same_percent(one: Quantity, other: Quantity) -> bool:
    if any(quantity.unit is not None and quantity.unit.dimension for quantity in (one, other)):
        return False
    if one.value == other.value:
        return True
    if one.percent and other.percent:
        return False
    share, number = (one.value, other.value) if one.percent else (other.value, one.value)
    return isinstance(share, Fraction) and share / 100 == number


def _same_in_base(one: Quantity, other: Quantity) -> bool:
    if one.value == other.value:
        return True
    if one.digits and other.digits:
        return False
    stated, bare = (one, other) if one.digits else (other, one)
    return isinstance(bare.value, Fraction) and stated.digits == str(bare.value)


def _related(label: str, other: str) -> bool:
    """Whether two phrases share a word, singular or plural alike."""
    stems = [{word.lower()[: max(_STEM_CHARS, len(word) - 2)] for word in text.split()} for text in (label, other)]
    return not stems[0].isdisjoint(stems[1])
