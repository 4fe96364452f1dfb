"""Estimates what evaluating an expression would cost, before anything is evaluated.

A policy that writes ``9^{9^{9^9}}`` must not buy seconds of CPU with it. One pass over the tokens finds too
long or too deep texts, too many operations, and powers, factorials, binomials and sums whose values or ranges
are astronomically large. What the estimate misses is stopped by the worker's CPU limit; the estimate is there
so that the known shapes cost nothing.
"""

from __future__ import annotations

import math
import re

import msgspec

from guerdon.services.math.brackets import max_depth


class CostLimits(msgspec.Struct, frozen=True):
    """The largest expression that is given to the parser."""

    max_chars: int = 1500
    """Length of the normalised text in characters."""
    max_depth: int = 40
    """Depth of nested brackets."""
    max_operations: int = 400
    """Number of operators, commands and separators."""
    max_digits: int = 400
    """Digits of one literal number."""
    max_result_digits: float = 20_000.0
    """Decimal digits of the value of one numeric power."""
    max_factorial: int = 5_000
    """Argument of a factorial, and the top of a binomial coefficient."""
    max_terms: int = 2_000
    """Terms of a sum or product with numeric bounds."""


_OPERATION = re.compile(r"\\[A-Za-z]+|\\\\|[-+*/^_!,;&=<>|]")
_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|\d+(?:\.\d+)?|[A-Za-z]|[^\s]")
_DIGITS = re.compile(r"\d+")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_BOUNDS = re.compile(
    r"\\(?:sum|prod)(?![A-Za-z])\s*_\s*\{?[^{}=]{0,20}=\s*(-?\d+)\s*\}?\s*\^\s*\{?\s*(\d+|\\infty)"
)
_UNITS = frozenset({"i"})
_CHOOSE = frozenset({r"\binom"})
_LOG10_LETTER = math.log10(12)
_INFINITE = 1e300


def too_costly(text: str, limits: CostLimits) -> str:
    """Why a normalised text is too costly to evaluate, as a clause that continues "it"; empty if it is not."""
    if len(text) > limits.max_chars:
        return f"is {len(text)} characters long, more than {limits.max_chars}"
    if (depth := max_depth(text)) > limits.max_depth:
        return f"nests brackets {depth} deep, more than {limits.max_depth}"
    if (count := sum(1 for _ in _OPERATION.finditer(text))) > limits.max_operations:
        return f"has {count} operations, more than {limits.max_operations}"
    if any(len(digits[0]) > limits.max_digits for digits in _DIGITS.finditer(text)):
        return f"has a number of more than {limits.max_digits} digits"
    return _large_range(text, limits) or _large_value(text, limits)


def _large_range(text: str, limits: CostLimits) -> str:
    for found in _BOUNDS.finditer(text):
        if found[2] != r"\infty" and int(found[2]) - int(found[1]) > limits.max_terms:
            return f"sums or multiplies more than {limits.max_terms} terms"
    return ""


def _large_value(text: str, limits: CostLimits) -> str:
    tokens = [token[0] for token in _TOKEN.finditer(text)]
    sizes = _Magnitudes(tokens, limits)
    sizes.of_group(0, len(tokens))
    return sizes.complaint


class _Magnitudes:
    """Upper estimates of the magnitude of numeric subexpressions, as powers of ten.

    A variable counts as the largest value at which the worker evaluates it.
    """

    def __init__(self, tokens: list[str], limits: CostLimits) -> None:
        self._tokens = tokens
        self._limits = limits
        self._ends = _matching(tokens)
        self.complaint = ""

    def of_group(self, start: int, end: int) -> float:
        """log10 of an upper estimate of the tokens in a range: the sum of all factors and terms in it."""
        total = 0.0
        position = start
        while position < end and not self.complaint:
            size, position = self._factor(position, end)
            total += size
        return min(total, _INFINITE)

    def _factor(self, position: int, end: int) -> tuple[float, int]:
        size, position = self._atom(position, end)
        while position < end and not self.complaint:
            if self._tokens[position] == "!":
                size, position = self._factorial(size), position + 1
            elif self._tokens[position] == "^":
                exponent, position = self._factor(position + 1, end)
                size = self._power(size, exponent)
            else:
                break
        return size, position

    def _atom(self, position: int, end: int) -> tuple[float, int]:
        if position >= end:
            return 0.0, position
        token = self._tokens[position]
        closing = self._ends.get(position)
        if closing is not None and closing < end:
            return self.of_group(position + 1, closing), closing + 1
        if token in _CHOOSE:
            top, position = self._atom(position + 1, end)
            if top > math.log10(self._limits.max_factorial):
                return self._refuse("has a binomial coefficient of very large numbers"), position
            return top, position
        if _NUMBER.fullmatch(token):
            return _log10(token), position + 1
        if token.isalpha() and token not in _UNITS:
            return _LOG10_LETTER, position + 1
        return 0.0, position + 1

    def _power(self, base: float, exponent: float) -> float:
        if base <= 0.0:
            return 0.0 if exponent < 6 else self._refuse("has a power with a very large exponent")
        digits = base * math.pow(10.0, min(exponent, 300.0))
        if digits > self._limits.max_result_digits:
            return self._refuse("has a power with an astronomically large value")
        return digits

    def _factorial(self, argument: float) -> float:
        value = math.pow(10.0, min(argument, 300.0))
        if value > self._limits.max_factorial * 1.001:
            return self._refuse("has the factorial of a very large number")
        return value * max(argument, 0.5)

    def _refuse(self, complaint: str) -> float:
        self.complaint = complaint
        return _INFINITE


def _log10(number: str) -> float:
    """Upper estimate of log10; 0 for 0 and 1, so that their powers stay small."""
    whole = number.partition(".")[0].lstrip("0")
    if len(whole) > 15:
        return float(len(whole))
    value = float(number)
    return 0.0 if value <= 1 else math.log10(value)


def _matching(tokens: list[str]) -> dict[int, int]:
    partners = {"(": ")", "{": "}", "[": "]", r"\{": r"\}"}
    opened: list[int] = []
    pairs: dict[int, int] = {}
    for index, token in enumerate(tokens):
        if token in partners:
            opened.append(index)
        elif opened and token == partners[tokens[opened[-1]]]:
            pairs[opened.pop()] = index
    return pairs
