"""What a program may do with objects of the tests that were handed to it: use them, not look behind them."""

import functools
import sys
import types
from typing import Any

from guerdon.sandbox.jail import libraries

_CLOSED = (
    *(types.ModuleType, types.FunctionType, types.BuiltinFunctionType, types.FrameType, types.TracebackType),
    *(types.CodeType, types.GeneratorType, types.CoroutineType, types.AsyncGeneratorType, types.CellType, type),
    *(functools.partial, functools.partialmethod, property),
)
"""Objects of which only the special methods may be used: from their attributes a way leads to everything."""
_SPECIAL_NAMES = (
    "__len__ __getitem__ __setitem__ __delitem__ __contains__ __iter__ __next__ __reversed__ __bool__ __enter__"
    " __exit__ __int__ __float__ __index__ __eq__ __ne__ __lt__ __le__ __gt__ __ge__ __hash__ __str__ __repr__"
    " __format__ __neg__ __pos__ __abs__ __invert__ __add__ __sub__ __mul__ __matmul__ __truediv__ __floordiv__"
    " __mod__ __divmod__ __pow__ __lshift__ __rshift__ __and__ __xor__ __or__ __radd__ __rsub__ __rmul__"
    " __rmatmul__ __rtruediv__ __rfloordiv__ __rmod__ __rdivmod__ __rpow__ __rlshift__ __rrshift__ __rand__"
    " __rxor__ __ror__ __iadd__ __isub__ __imul__ __iand__ __ior__ __ixor__"
)
_SPECIAL = frozenset(_SPECIAL_NAMES.split())
_NO_BINARY = (
    "__len__",
    "__getitem__",
    "__setitem__",
    "__delitem__",
    "__contains__",
    "__enter__",
    "__exit__",
    "__format__",
)
_BINARY = _SPECIAL.difference(_NO_BINARY)
_MOCK_MODULE = "unittest.mock"
_RUNNERS = frozenset(("_pytest", "pytest", "pluggy", "unittest", "guerdon", "importlib", "_frozen_importlib"))
"""Packages whose objects run the tests, or lead to what does."""


def act(op: str, target: Any, rest: "tuple[Any, ...]") -> object:
    """Do one thing with an object of the tests.

    Raises:
        AttributeError, TypeError: the program may not do that.
    """
    if op in ("call", "op", "item") and not libraries.takes(op, target, rest):
        return NotImplemented if op == "op" and rest[0] in _BINARY else _refuse(target)
    if op == "call":
        return target(*rest[0], **rest[1])
    if op == "get":
        _check_name(target, rest[0])
        return getattr(target, rest[0])
    if op == "set":
        _check_change(target, rest[0])
        setattr(target, rest[0], rest[1])
        return None
    if op == "item":
        return target[rest[0]]
    if op == "next":
        return next(target)
    if op == "hash":
        return hash(target)
    if op == "op" and rest[0] in _SPECIAL:
        if rest[0] == "__iter__":
            return iter(target)
        return getattr(type(target), rest[0])(target, *rest[1:])
    if op == "dir":
        return []
    raise TypeError(f"a program cannot do {op!r} with an object of the tests")


def _check_name(target: object, name: object) -> None:
    behind = isinstance(target, AttributeError) and name == "obj"
    if type(name) is not str or name[:1] == "_" or isinstance(target, _CLOSED) or behind or _runs_tests(target):
        raise AttributeError(f"{type(target).__name__!r} object has no attribute {name!r} for the program")
    if _is_mock(target) and name in _mock_names():
        raise AttributeError(f"{name!r} of a mock is the tests' own")
    if not libraries.shows(target, name):
        raise AttributeError(f"{type(target).__name__!r} object has no attribute {name!r} for the program")


def _refuse(target: object) -> object:
    raise TypeError(f"a program hands plain numbers and what it was given to {type(target).__name__!r} objects")


def _check_change(target: object, name: object) -> None:
    _check_name(target, name)
    if libraries.home(target) or _is_mock(target) or callable(getattr(type(target), str(name), None)):
        raise AttributeError(f"attribute {name!r} is the tests' own")


def is_of_tests(kind: type) -> bool:
    """Whether a class was written by the tests' author: no class of a library, which may open files."""
    package = _package(kind)
    return package not in _RUNNERS and package not in sys.stdlib_module_names and not libraries.home(kind)


def _runs_tests(target: object) -> bool:
    return not _is_mock(target) and any(_package(kind) in _RUNNERS for kind in type(target).__mro__)


def _package(kind: type) -> str:
    return str(kind.__module__).partition(".")[0]


def _is_mock(target: object) -> bool:
    return any(kind.__module__ == _MOCK_MODULE for kind in type(target).__mro__)


def _mock_names() -> "frozenset[str]":
    from unittest.mock import Mock

    return frozenset(name for name in dir(Mock()) if name[:1] != "_")
