"""Rewrites a normalised expression for the parser: exact decimals, degrees, units taken off, notations unified."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import NamedTuple

from guerdon.services.math.numerals import plain_number
from guerdon.services.math.units import Unit, parse_unit

_UNIT_AFTER = re.compile(
    r"(?<=[\w})\]])(?:\s+|(?=\^\\circ))([A-Za-z][A-Za-z ./]*(?:\s*\^\s*\{?-?\d\}?)?|\^\\circ\s*[CF]?)$"
)
_CURRENCY_BEFORE = re.compile(r"^(-?)\s*(USD|EUR|GBP|[€£¥₹₩₺])\s*")
_ANGLE = (("angle", 1),)
_TRIGONOMETRIC = re.compile(r"\\(?:sin|cos|tan|cot|sec|csc)(?![A-Za-z])")
_DEGREES = re.compile(r"(\d+(?:\.\d+)?|(?<![A-Za-z\\])[A-Za-z]|\\frac\{\d+\}\{\d+\}|\\[a-z]+)\s*\^\\circ")
_DECIMAL = re.compile(
    r"(?<![\d.,])(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d*\.\d+|\d+\.\d*)(?:\\overline\{\d+\})?(?![\d.])"
)
_PROSE = re.compile(r"(?<![\\A-Za-z{])[A-Za-z]{4,}")
_GROUPED_NAME = re.compile(r"\\(?:begin|end|mathbb|mathcal|overline|angle|triangle)\s*\{[^{}]*\}")
_MIXED = re.compile(r"(?<![\w.^}\\])(\d{1,9})\s*\\frac\s*\{\s*(\d{1,9})\s*\}\s*\{\s*(\d{1,9})\s*\}")
_REWRITES = (
    (re.compile(r"(?<![A-Za-z\\])[C]\s*_\s*\{?(\w+)\}?\s*\^\s*\{?(\w+)\}?"), r"\\binom{\1}{\2}"),
    (re.compile(r"\\lg(?![A-Za-z])"), r"\\log_{10}"),
    (re.compile(r"\\exp\s*\(([^()]*)\)"), r"e^{\1}"),
    (re.compile(r"(?<![A-Za-z\\])([A-Za-z0-9)}])\s*\\bmod"), r"\1 \\bmod"),
    (re.compile(r"\*"), r"\\cdot "),
    (re.compile(r"%"), r"\\cdot\\frac{1}{100}"),
    (re.compile(r"\\arc(sin|cos|tan)\s*"), r"\\arc\1 "),
)


class Prepared(NamedTuple):
    """An expression ready for the parser."""

    latex: str
    unit: Unit | None
    """The known unit that was taken off its end."""


def has_prose(text: str) -> bool:
    """Whether a normalised text holds words, which a parser would take for products of variables."""
    return _PROSE.search(_GROUPED_NAME.sub(" ", text)) is not None


def prepare_pair(gold: str, answer: str) -> tuple[str, str] | None:
    """Both expressions in LaTeX and in the same unit, or None where their units measure different things."""
    one, other = _prepared(gold), _prepared(answer)
    if one.unit is not None and other.unit is not None:
        if one.unit.dimension != other.unit.dimension:
            return None
        if one.unit.factor != other.unit.factor:
            return _scaled(one.latex, one.unit.factor), _scaled(other.latex, other.unit.factor)
    elif one.unit is not None and _is_degrees(one.unit) and r"\pi" in other.latex:
        return _latex(_radians(gold)), other.latex
    elif other.unit is not None and _is_degrees(other.unit) and r"\pi" in one.latex:
        return one.latex, _latex(_radians(answer))
    return one.latex, other.latex


def _prepared(text: str) -> Prepared:
    unit: Unit | None = None
    if currency := _CURRENCY_BEFORE.match(text):
        unit, text = parse_unit(currency[2]), currency[1] + text[currency.end() :]
    if _TRIGONOMETRIC.search(text):
        text = _radians(text)
    elif (found := _UNIT_AFTER.search(text)) and (after := parse_unit(found[1])) is not None:
        unit, text = after if after.dimension else unit, text[: found.start()]
    return Prepared(_latex(text), unit)


def _is_degrees(unit: Unit) -> bool:
    return unit.dimension == _ANGLE


def _radians(text: str) -> str:
    return _DEGREES.sub(r"(\1\\cdot\\frac{\\pi}{180})", text)


def _scaled(latex: str, factor: Fraction) -> str:
    return rf"({latex})\cdot\frac{{{factor.numerator}}}{{{factor.denominator}}}"


def _latex(text: str) -> str:
    text = _MIXED.sub(_improper, _DECIMAL.sub(_exact, text))
    for pattern, spelling in _REWRITES:
        text = pattern.sub(spelling, text)
    return text.strip()


def _exact(found: re.Match[str]) -> str:
    value = plain_number(found[0])
    if not isinstance(value, Fraction):
        return found[0]
    if value.denominator == 1:
        return str(value.numerator)
    exact = rf"\frac{{{value.numerator}}}{{{value.denominator}}}"
    return f"{{{exact}}}" if found.string[: found.start()].rstrip().endswith(("^", "_")) else f"({exact})"


def _improper(found: re.Match[str]) -> str:
    whole, top, bottom = (int(group) for group in found.groups())
    return rf"\frac{{{whole * bottom + top}}}{{{bottom}}}" if 0 < top < bottom else found[0]
