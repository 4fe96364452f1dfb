"""Equations that only name a value: ``x = 5``, ``f(x) = x^2``, ``Area = 12``, ``3 + 4 = 7``."""

from __future__ import annotations

import re

from guerdon.services.math.brackets import split_top_level

_EQUALS = re.compile(r"(?<![<>!\\:])=(?!=)|\\in(?![A-Za-z])|\\approx(?![A-Za-z])")
_NAME = re.compile(
    r"\\?[A-Za-z]+'{0,2}(?:\s*_\s*(?:\{[^{}]*\}|\w))?'{0,2}(?:\s*\^\s*(?:\{?-1\}?|\*))?(?:\s*\([A-Za-z0-9,\s]{1,12}\))?"
    r"|\|[A-Z]{1,3}\||\\(?:angle|triangle|overline|vec|widehat)\s*\{?\s*[A-Z]{1,4}\s*\}?"
    r"|\(\s*[A-Za-z](?:_\{?\w\}?)?(?:\s*,\s*[A-Za-z](?:_\{?\w\}?)?){1,5}\s*\)"
    r"|[A-Z]_\{[A-Z]+\}\s*:\s*[A-Z](?:_\{[A-Z]+\})?"
)
_PHRASE = re.compile(r"[A-Za-z]+(?: [A-Za-z]+){1,5}")
_CONDITION = re.compile(
    r"\s*(?:,|where|for|with|\()\s*(?:where|for(?: all| any)?|with)?\s*[a-z]\s*\\in\s*"
    r"(?:\\mathbb\s*\{?[ZNR]\}?|Z|N|R)\s*(?:_?\{?[+*]\}?)?\)?$"
    r"|\s*(?:,|\()\s*(?:where )?[a-z] is an(?:y)? integer\)?$"
)
_LISTED = re.compile(r"[,;]|\s(?:and|or)\s")
_VARIABLE = re.compile(r"(?<![\\A-Za-z])[A-Za-z](?![A-Za-z])")
_SIMPLE_NAME = re.compile(r"[A-Za-z](?:\s*_\s*(?:\{[^{}]*\}|\w))?")
_FUNCTION = re.compile(r"\\(?:frac|sqrt|sin|cos|tan|log|ln|pi|infty|emptyset|text)(?![A-Za-z])")


def is_name(text: str) -> bool:
    """Whether a text names something: a variable, a function, a segment, a tuple of such, or a phrase."""
    return (_NAME.fullmatch(text) is not None and _FUNCTION.match(text) is None) or _PHRASE.fullmatch(
        text
    ) is not None


def is_equation(text: str) -> bool:
    """Whether a text is one equation: an equals sign outside of all brackets, and no list of equations."""
    return "=" in text and len(split_top_level(text, _EQUALS)) > 1 and len(split_top_level(text, _LISTED)) == 1


def strip_condition(text: str) -> str:
    """Take off a closing remark on the range of a parameter, such as "where k is an integer"."""
    found = _CONDITION.search(text)
    return text[: found.start()] if found and found.start() > 0 else text


def strip_assignment(text: str) -> tuple[str, str]:
    """Split a name off the value it is given.

    Returns:
        The simple variable that is named (or empty) and the value; a true equation stays whole.
    """
    if "=" not in text and "\\in" not in text and "\\approx" not in text:
        return "", text
    sides = split_top_level(text, _EQUALS)
    if len(sides) < 2 or not all(sides) or (len(sides) > 2 and len(split_top_level(text, _LISTED)) > 1):
        return "", text
    if is_name(sides[0]):
        return (sides[0] if _SIMPLE_NAME.fullmatch(sides[0]) else ""), sides[-1]
    if len(sides) == 2 and is_name(sides[1]):
        return (sides[1] if _SIMPLE_NAME.fullmatch(sides[1]) else ""), sides[0]
    if len(sides) > 2 or not any(_VARIABLE.search(side) for side in sides):
        return "", sides[-1]
    return "", text
