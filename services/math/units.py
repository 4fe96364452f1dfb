"""Units of measurement and money: which words they are, what they measure, how they convert.

A unit is a product of powers of base quantities and a factor; temperatures also have an offset. Factors are
exact; they stand in the table.
"""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from guerdon.services.math.unit_table import UNITS

_NEUTRAL = frozenset([
    "unit", "units", "item", "items", "piece", "pieces", "total", "each", "个", "只", "条", "本", "人", "명",
    "개", "adet", "tane", "Stück",
])  # fmt: skip
"""Words after a number that measure nothing."""
_COMPOUND = {
    "mph": "mi/h",
    "kph": "km/h",
    "kmph": "km/h",
    "kmh": "km/h",
    "fps": "ft/s",
    "mps": "m/s",
    "cc": "cm^3",
}
_POWERS = {"square": 2, "sq": 2, "cubic": 3, "cu": 3, "平方": 2, "立方": 3}
_PART = re.compile(
    r"(per\b|/|\\cdot|\*|\\times)?\s*(\^\\circ\s*[CF]?|[^\s^/*\d.()\\]+)\s*(?:\^\s*\{?\s*(-?\d)\s*\}?)?\.?\s*"
)
_FAHRENHEIT_OFFSET = Fraction(-160, 9)


class Unit(NamedTuple):
    """What a unit measures and how large it is."""

    dimension: tuple[tuple[str, int], ...]
    """Base quantities with their powers, sorted; empty for a bare count."""
    factor: Fraction
    """Size in base units."""
    offset: Fraction = Fraction(0)
    """Base-unit value of zero, for temperatures."""


def _table() -> dict[str, tuple[str, Fraction]]:
    names: dict[str, tuple[str, Fraction]] = {}
    for quantity, listed in UNITS.items():
        for entry in listed:
            factor, *words = entry.split()
            names.update(dict.fromkeys(words, (quantity, Fraction(factor))))
    return names | dict.fromkeys(_NEUTRAL, ("count", Fraction(1)))


_NAMES = _table()
_PROSE_WORDS = frozenset([
    "dozen", "million", "billion", "thousand", "hundred", "%", "percent", "percentage", "pct", "per", "square",
    "cubic", "sq", "cu", "a.m", "p.m", "am", "pm", "°", "℃", "℉", "°C", "°F",
])  # fmt: skip
_PROSE_NAMES = frozenset(name for name in _NAMES if len(name) > 1 or not name.isascii()) - {"in"} | _PROSE_WORDS


def is_unit_word(word: str) -> bool:
    """Whether a word in running text is a unit, a count word or ``percent``; single Latin letters are not."""
    return word in _PROSE_NAMES or word.lower() in _PROSE_NAMES or word in _COMPOUND


@lru_cache(maxsize=4096)
def parse_unit(text: str) -> Unit | None:
    """The unit a normalised text names, or None where it names none.

    Args:
        text: what follows a number, such as ``cm^2``, ``dollars per hour`` or ``square feet``.
    """
    text = _COMPOUND.get(text, text)
    powers: dict[str, int] = {}
    factor, offset, position, next_power = Fraction(1), Fraction(0), 0, 1
    while position < len(text):
        part = _PART.match(text, position)
        if part is None:
            return None
        position = part.end()
        sign = -1 if part[1] in ("per", "/") else 1
        if part[2].lower() in _POWERS and position < len(text):
            next_power = _POWERS[part[2].lower()] * sign
            continue
        found = _lookup(part[2])
        if found is None:
            return None
        power = int(part[3] or 1) * next_power * sign
        next_power = 1
        quantity, size = found
        offset = _FAHRENHEIT_OFFSET if (quantity, size) == ("temperature", Fraction(5, 9)) else offset
        powers[quantity] = powers.get(quantity, 0) + power
        factor *= size**power
    return _simplified(powers, factor, offset)


def _simplified(powers: dict[str, int], factor: Fraction, offset: Fraction) -> Unit:
    powers.pop("count", 0)
    if volume := powers.pop("volume", 0):
        powers["length"] = powers.get("length", 0) + 3 * volume
        factor *= Fraction(1, 1000) ** volume
    dimension = tuple(sorted((name, power) for name, power in powers.items() if power))
    return Unit(dimension, factor, offset)


def _lookup(word: str) -> tuple[str, Fraction] | None:
    word = word.replace(" ", "")
    return _NAMES.get(word) or (_NAMES.get(word.lower()) if len(word) > 1 else None)
