"""What a program may do with objects of third-party libraries that tests hand to it: calculate.

Arrays write themselves into files and show memory that nobody has written yet; algebra evaluates any text, and any
object by its text, as code. In the tests' jail either would be the program's way to what judges it.
"""

import types
from typing import Any

from guerdon.sandbox.jail import proxies

_ARRAYS = "numpy"
_TABLES = "pandas"
_LIBRARIES = frozenset((_ARRAYS, _TABLES, "scipy", "sympy", "mpmath", "dateutil", "pytz"))
_ARRAY_NAMES = (
    "T all any argmax argmin argpartition argsort astype choose clip compress conj conjugate copy cumprod cumsum"
    " diagonal dot dtype fill flat flatten imag item itemsize max mean min nbytes ndim nonzero partition prod ptp"
    " put ravel real repeat reshape round searchsorted shape size sort squeeze std strides sum swapaxes take"
    " tobytes tolist trace transpose var view"
    # Of types of data, functions, polynomials and random generators.
    " char kind name names num str accumulate at outer reduce nin nout coef coeffs deriv integ order roots"
    " choice exponential integers normal permutation permuted poisson rand randint randn random random_sample"
    " shuffle standard_normal uniform"
)
_OF_ARRAYS = frozenset(_ARRAY_NAMES.split())
_NUMBERS = (bool, int, float, complex, type(None), type(...))


def home(target: Any) -> str:
    """Return the library that an object, a class or a function is of, or empty."""
    owner = getattr(target, "__self__", None)
    if isinstance(target, (types.MethodType, types.BuiltinMethodType)) and not isinstance(owner, types.ModuleType):
        return home(owner)
    modules = [target, *type(target).__mro__, *(target.__mro__ if isinstance(target, type) else ())]
    packages = [str(getattr(each, "__module__", "")).partition(".")[0] for each in modules]
    return next((package for package in packages if package in _LIBRARIES), "")


def shows(target: object, name: str) -> bool:
    """Whether a program may have an attribute."""
    return home(target) != _ARRAYS or name in _OF_ARRAYS


def takes(op: str, target: object, rest: "tuple[Any, ...]") -> bool:
    """Whether an object may be given what a program gives it."""
    library = home(target)
    if library in ("", _ARRAYS) or (library == _TABLES and op != "call"):
        return True
    given = (*rest[0], *rest[1].values()) if op == "call" else rest[op == "op" :]
    return all(map(_is_safe, given))


def _is_safe(value: Any) -> bool:
    """Whether no library can take a value for code: numbers, and what tests have handed out themselves."""
    kind = type(value)
    if kind in (list, tuple, set, frozenset):
        return all(map(_is_safe, value))
    if kind is dict:
        return all(map(_is_safe, (*value, *value.values())))
    if kind in _NUMBERS:
        return True
    return bool(home(value)) and proxies.number_of(value) is None
