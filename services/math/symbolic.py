"""Equality of two expressions, by numbers where numbers can tell and by math-verify where they cannot.

Runs in a worker only: it evaluates, simplifies and solves, at any cost, and sets itself no time limit. Text is
read by latex2sympy2_extended's grammar and by nothing else: no ``eval``, no ``sympify``, no ``parse_expr``.

math-verify's numeric comparison has an absolute tolerance, under which all tiny numbers are equal; so constants
are compared here with a relative one, and expressions in variables at several points before it is asked.
"""

from __future__ import annotations

import re
from functools import lru_cache

import sympy
from latex2sympy2_extended.latex2sympy2 import ConversionConfig, latex2sympy
from math_verify import verify
from sympy.core.function import AppliedUndef

_DIGITS = 40
_AGREEMENT = sympy.Rational(1, 10**25)
_COMPLEX = re.compile(r"(?<![A-Za-z\\])i(?![A-Za-z])|\\mathbb\{C\}|\\imath")
_CONFIG = ConversionConfig(lowercase_symbols=False)
_POINTS = 5
_REAL_POINTS = tuple(
    sympy.Rational(*pair)
    for pair in ((7, 5), (3, 7), (19, 8), (5, 3), (23, 17), (2, 9), (31, 12), (13, 11), (8, 13), (29, 6), (17, 10))
)
_INTEGER_POINTS = tuple(map(sympy.Integer, (3, 2, 5, 4, 7, 6, 8)))
_INTEGERS = frozenset("nmk")
"""Variables that stand for integers by custom."""
_NOT_ANALYTIC = (
    sympy.Abs,
    sympy.floor,
    sympy.ceiling,
    sympy.Piecewise,
    sympy.Mod,
    sympy.sign,
    sympy.Max,
    sympy.Min,
)
_CACHED = 512


class UnparsableError(Exception):
    """An expression that the grammar does not read."""


def is_complex(*latex: str) -> bool:
    """Whether an imaginary unit or the complex numbers occur; both sides are then read as complex."""
    return any(_COMPLEX.search(text) for text in latex)


@lru_cache(maxsize=_CACHED)
def parse(latex: str, *, complex_numbers: bool) -> sympy.Basic:
    """Read LaTeX, evaluating as little as possible; a group of responses shares its ground truth in the cache.

    Raises:
        UnparsableError: the grammar does not read it.
    """
    try:
        parsed = latex2sympy(
            latex,
            is_real=None if complex_numbers else True,
            convert_degrees=False,
            normalization_config=None,
            conversion_config=_CONFIG,
        )
    except MemoryError:
        raise
    except Exception as error:
        raise UnparsableError(type(error).__name__) from error
    if not isinstance(parsed, sympy.Basic | sympy.MatrixBase):
        raise UnparsableError(f"read as {type(parsed).__name__}")
    return parsed.subs(sympy.Symbol("i"), sympy.I) if complex_numbers else parsed


def same(gold: sympy.Basic, answer: sympy.Basic) -> tuple[bool, str]:
    """Whether two parsed expressions are equal, and the rule that decides."""
    if isinstance(gold, sympy.Expr) and isinstance(answer, sympy.Expr):
        symbols = sorted(gold.free_symbols | answer.free_symbols, key=str)
        if not symbols and (equal := _same_numbers(gold, answer)) is not None:
            return equal, "numeric"
        if symbols and not gold.has(AppliedUndef) and not answer.has(AppliedUndef):
            return _same_functions(gold, answer, symbols)
    elif isinstance(gold, sympy.Expr) != isinstance(answer, sympy.Expr) and _relation_against_value(gold, answer):
        return False, "kind"
    elif isinstance(gold, sympy.Eq) and isinstance(answer, sympy.Eq):
        if _proportional(gold.lhs - gold.rhs, answer.lhs - answer.rhs):
            return True, "numeric_probe"
        return _verified(gold, answer), "math_verify"
    either_way = _verified(gold, answer) or _verified(answer, gold)
    return either_way or _same_solutions(gold, answer), "math_verify"


def _verified(gold: sympy.Basic, answer: sympy.Basic) -> bool:
    """Ask math-verify, which takes the ground truth first and is not symmetric."""
    return bool(verify(gold, answer, strict=True, allow_set_relation_comp=True, timeout_seconds=None))


def _relation_against_value(gold: sympy.Basic, answer: sympy.Basic) -> bool:
    """Whether one side is an equation or inequality and the other a mere value, which never are equal."""
    relation, other = (answer, gold) if isinstance(gold, sympy.Expr) else (gold, answer)
    return isinstance(other, sympy.Expr) and not isinstance(relation, sympy.Set | sympy.Tuple | sympy.MatrixBase)


def _same_numbers(gold: sympy.Expr, answer: sympy.Expr) -> bool | None:
    one, other = _number(gold, {}), _number(answer, {})
    if one is None or other is None:
        return None
    return _agree(one, other)


def _same_functions(gold: sympy.Expr, answer: sympy.Expr, symbols: list[sympy.Symbol]) -> tuple[bool, str]:
    positive = _agreements(gold, answer, symbols, sign=1)
    if False in positive:
        return False, "numeric_probe"
    if _verified(gold, answer):
        return True, "math_verify"
    everywhere = positive + _agreements(gold, answer, symbols, sign=-1)
    analytic = not gold.has(*_NOT_ANALYTIC) and not answer.has(*_NOT_ANALYTIC)
    if analytic and len(everywhere) == 2 * _POINTS and all(everywhere):
        return True, "numeric_probe"
    return False, "math_verify"


def _proportional(gold: sympy.Expr, answer: sympy.Expr) -> bool:
    """Whether one expression is a constant multiple of the other, so that both vanish together."""
    symbols = sorted(gold.free_symbols | answer.free_symbols, key=str)
    if not symbols or any(side.has(AppliedUndef, *_NOT_ANALYTIC) for side in (gold, answer)):
        return False
    values = [pair for sign in (1, -1) for pair in _values(gold, answer, symbols, sign=sign)]
    first, *rest = values or [(sympy.S.Zero, sympy.S.Zero)]
    if len(values) < 2 * _POINTS or first[0] == 0 or first[1] == 0:
        return False
    return all(_agree(one * first[1], other * first[0]) for one, other in rest)


def _agreements(gold: sympy.Expr, answer: sympy.Expr, symbols: list[sympy.Symbol], *, sign: int) -> list[bool]:
    """Whether both agree at each of several points where both have a value."""
    return [_agree(one, other) for one, other in _values(gold, answer, symbols, sign=sign)]


def _values(
    gold: sympy.Expr, answer: sympy.Expr, symbols: list[sympy.Symbol], *, sign: int
) -> list[tuple[sympy.Expr, sympy.Expr]]:
    found = []
    for point in range(_POINTS):
        values = {symbol: sign * _point(symbol.name, 5 * place + point) for place, symbol in enumerate(symbols)}
        one, other = _number(gold, values), _number(answer, values)
        if one is not None and other is not None:
            found.append((one, other))
    return found


def _point(name: str, index: int) -> sympy.Expr:
    """A value for a variable, small so that powers stay small."""
    points = _INTEGER_POINTS if name in _INTEGERS else _REAL_POINTS
    return points[index % len(points)]


def _number(expression: sympy.Expr, values: dict[sympy.Symbol, sympy.Expr]) -> sympy.Expr | None:
    """The value as real and imaginary part to 40 digits, or None where there is none or it cancels to nothing."""
    try:
        value = expression.xreplace(values).doit().evalf(_DIGITS, maxn=400)
    except (ArithmeticError, ValueError, TypeError, AttributeError, NotImplementedError):
        return None
    real, imaginary = value.as_real_imag()
    if not all(isinstance(part, sympy.Float | sympy.Rational) and part.is_finite for part in (real, imaginary)):
        return None
    if any(isinstance(part, sympy.Float) and part._prec <= 1 for part in (real, imaginary)):  # noqa: SLF001
        return None
    return value


def _agree(one: sympy.Expr, other: sympy.Expr) -> bool:
    scale = max(abs(one), abs(other))
    return bool(abs(one - other) <= scale * _AGREEMENT)


def _same_solutions(gold: sympy.Basic, answer: sympy.Basic) -> bool:
    """Whether two inequalities in the same one variable have the same solutions."""
    if not all(isinstance(side, sympy.core.relational.Relational) for side in (gold, answer)):
        return False
    if isinstance(gold, sympy.Eq) or isinstance(answer, sympy.Eq):
        return False
    if len(gold.free_symbols) != 1 or gold.free_symbols != answer.free_symbols:
        return False
    try:
        return bool(gold.as_set() == answer.as_set())
    except (NotImplementedError, ValueError, TypeError):
        return False
