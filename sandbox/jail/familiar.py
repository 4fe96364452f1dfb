"""Objects of the standard library that travel by value between a program and its tests, rebuilt from plain data.

Types are exact, and each is rebuilt by the receiver's own library, so nothing of the sender's making comes with
it. Built-in types and exceptions travel by name, functions such as ``len`` from the tests to the program alone:
what the program hands out is called there.
"""

import builtins
import sys
import types
from collections.abc import Callable
from typing import Any

_MAX_RANGE_BITS = 4_096
_ARRAY = "numpy.ndarray"
_ARRAY_TYPES = frozenset(
    ("|b1", "|i1", "|u1", "<i2", "<u2", "<i4", "<u4", "<i8", "<u8", "<f2", "<f4", "<f8", "<c8", "<c16")
)
_MAX_ARRAY_BYTES = 16 << 20


def _ordered(pairs: "list[tuple[object, object]]") -> object:
    import collections

    return collections.OrderedDict(pairs)


def _counter(pairs: "list[tuple[object, int]]") -> object:
    import collections

    return collections.Counter(dict(pairs))


def _default(pairs: "list[tuple[object, object]]") -> object:
    import collections

    return collections.defaultdict(None, pairs)


def _deque(value: "tuple[list[object], int | None]") -> object:
    import collections

    return collections.deque(value[0], value[1])


def _decimal(text: str) -> object:
    import decimal

    return decimal.Decimal(_text(text))


def _fraction(value: "tuple[int, int]") -> object:
    import fractions

    return fractions.Fraction(_integer(value[0]), _integer(value[1]))


def _moment(name: str) -> "Callable[[tuple[int, ...]], object]":
    def build(value: "tuple[int, ...]") -> object:
        import datetime as dt

        return getattr(dt, name)(*map(_integer, value))

    return build


def _zone(value: "tuple[int, int, int]") -> object:
    import datetime as dt

    return dt.timezone(dt.timedelta(*map(_integer, value)))


def _zoned(value: "tuple[Any, ...]") -> object:
    import datetime as dt

    *fields, zone = value
    return dt.datetime(*map(_integer, fields), tzinfo=None if zone is None else _zone(zone))  # type: ignore[arg-type, misc]


def _of_zone(zone: Any) -> "tuple[int, int, int]":
    offset = zone.utcoffset(None)
    return offset.days, offset.seconds, offset.microseconds


def _of_zoned(value: Any) -> "tuple[object, ...] | None":
    """Return a date and time by fields; None in a zone whose rules are not plain."""
    fields = (*value.timetuple()[:6], value.microsecond)
    if value.tzinfo is None:
        return *fields, None
    return (*fields, _of_zone(value.tzinfo)) if type(value.tzinfo).__qualname__ == "timezone" else None


def _path(text: str) -> object:
    import pathlib

    return pathlib.PurePosixPath(_text(text)) if text else pathlib.PurePosixPath()


def _of_array(value: Any) -> "tuple[object, ...] | None":
    """Return an array of numbers; None for an empty one, which Python takes for neither equal nor unequal."""
    if value.dtype.str not in _ARRAY_TYPES or not 0 < value.nbytes <= _MAX_ARRAY_BYTES:
        return None
    return value.dtype.str, value.shape, value.tobytes()


def _array(value: "tuple[str, tuple[int, ...], bytes]") -> object:
    import numpy as np

    kind, shape, data = value
    if kind not in _ARRAY_TYPES or type(data) is not bytes or not data:
        raise TypeError("no array")
    members: Any = np.frombuffer(data, "|u1") != 0 if kind == "|b1" else np.frombuffer(data, kind)
    return members.reshape(tuple(map(_integer, shape))).copy()


def _text(value: object) -> str:
    if type(value) is not str:
        raise TypeError("no text")
    return value


def _integer(value: object) -> int:
    if type(value) is not int or value.bit_length() > _MAX_RANGE_BITS:
        raise TypeError("no integer")
    return value


_BUILD: "dict[str, Callable[[Any], object]]" = {
    "collections.OrderedDict": _ordered,
    "collections.Counter": _counter,
    "collections.defaultdict": _default,
    "collections.deque": _deque,
    "decimal.Decimal": _decimal,
    "fractions.Fraction": _fraction,
    "datetime.datetime": _zoned,
    "datetime.timezone": _zone,
    "datetime.date": _moment("date"),
    "datetime.time": _moment("time"),
    "datetime.timedelta": _moment("timedelta"),
    "pathlib.PurePosixPath": _path,
    "builtins.bytearray": bytearray,
    "builtins.range": lambda value: range(*map(_integer, value)),
    "builtins.slice": lambda value: slice(*value),
    "builtins.ellipsis": lambda _: ...,
    "builtins.NotImplementedType": lambda _: NotImplemented,
    "numpy": lambda value: value,
    _ARRAY: _array,
}
_SPLIT: "dict[str, Callable[[Any], object]]" = {
    "collections.OrderedDict": lambda value: list(value.items()),
    "collections.Counter": lambda value: list(value.items()),
    "collections.defaultdict": lambda value: list(value.items()),
    "collections.deque": lambda value: (list(value), value.maxlen),
    "decimal.Decimal": str,
    "fractions.Fraction": lambda value: (value.numerator, value.denominator),
    "datetime.datetime": _of_zoned,
    "datetime.timezone": _of_zone,
    "datetime.date": lambda value: (value.year, value.month, value.day),
    "datetime.time": lambda value: (
        (value.hour, value.minute, value.second, value.microsecond) if value.tzinfo is None else None
    ),
    "datetime.timedelta": lambda value: (value.days, value.seconds, value.microseconds),
    "pathlib.PurePosixPath": str,
    "builtins.bytearray": bytes,
    "builtins.range": lambda value: (value.start, value.stop, value.step),
    "builtins.slice": lambda value: (value.start, value.stop, value.step),
    "builtins.ellipsis": lambda _: 0,
    "builtins.NotImplementedType": lambda _: 0,
    _ARRAY: _of_array,
}
_SCALARS = ("bool", "bool_", "int", "uint", "float", "complex", "str_", "bytes_")
_TYPES = {name: kind for name, kind in vars(builtins).items() if isinstance(kind, type)}
_FUNCTIONS = {name: found for name, found in vars(builtins).items() if type(found) is types.BuiltinFunctionType}
_MODULES = ("math", "operator", "_operator")


def split(value: Any, *, functions: bool) -> "tuple[str, str, object] | None":
    """Return plain data that stands for an object of the standard library, None if it is none of those."""
    kind: type = type(value)
    module = kind.__module__
    if isinstance(value, type):
        return ("g", "builtins", value.__name__) if _TYPES.get(value.__name__) is value else None
    if kind is types.BuiltinFunctionType:
        return _by_name(value) if functions else None
    name = f"{module}.{kind.__qualname__}"
    if name == "pathlib.PosixPath":
        name = "pathlib.PurePosixPath"
    # A program may have been given an array of the tests to change it, and may have no NumPy itself.
    if name in _SPLIT and not (functions and name == _ARRAY):
        plain = _SPLIT[name](value)
        return None if plain is None else ("v", name, plain)
    if module == "numpy" and kind.__name__.rstrip("0123456789") in _SCALARS:
        return "v", "numpy", value.item()
    return None


def _by_name(value: Any) -> "tuple[str, str, object] | None":
    name, module = value.__name__, value.__module__
    if _FUNCTIONS.get(name) is value:
        return "g", "builtins", name
    if module in _MODULES and getattr(sys.modules.get(module), name, None) is value:
        return "g", module, name
    return None


def join(name: object, plain: Any) -> object:
    """Rebuild an object that travelled by value.

    Raises:
        KeyError, TypeError, ValueError, ArithmeticError: no such object can have been sent.
    """
    return _BUILD[name](plain)  # type: ignore[index]


def named(module: object, name: object, *, functions: bool) -> object:
    """Return a built-in type, or a function where those travel, by name.

    Raises:
        KeyError: there is none.
    """
    if module == "builtins" and name in _TYPES:
        return _TYPES[str(name)]
    if not functions:
        raise KeyError(name)
    if module == "builtins":
        return _FUNCTIONS[name]  # type: ignore[index]
    if module not in _MODULES or type(name) is not str or name[:1] == "_":
        raise KeyError(name)
    found = getattr(__import__(str(module)), name, None)
    if type(found) is not types.BuiltinFunctionType:
        raise KeyError(name)
    return found
