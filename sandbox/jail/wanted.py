"""Which objects of a program its tests want as objects: what they do with others is done where data was expected.

Tests that make objects of a class by its name, ask whether something is one, or read from them what no plain data
has, are about that class. A name in lower case alone says nothing: it may as well be a function's, and any program
could write a class in its place so as not to be judged. Of any other object of the program's own making nothing
is taken that its author could only say knowing what the tests expect: equality, order, hash, arithmetic with the
tests' numbers, membership of the tests' data.
"""

import ast
from typing import Any

from guerdon.sandbox.jail import proxies

_PLAIN = (int, float, complex, str, bytes, bytearray, list, tuple, dict, set, frozenset, range)
_PLAIN_NAMES = frozenset(name for kind in _PLAIN for name in dir(kind))
_TELLING_NAMES = frozenset(("startswith", "endswith", "issubset", "issuperset", "isdisjoint"))
_TELLING = frozenset(
    (
        "__contains__",
        *(f"__{kind}{name}__" for name in proxies.NUMBERS.split() for kind in ("", "r", "i")),
    )
)


class Wanted:
    """What the tests of one program want.

    Attributes:
        holders: names of classes that do no more than hold the functions the tests are about.
        kinds: names of classes of which the tests ask whether something is.
    """

    def __init__(self) -> None:
        self.holders = {"Solution"}
        self.kinds: set[str] = set()
        self._held: set[type] = set()
        self._named: set[type] = set()
        self._kinds: set[type] = set()

    def has(self, value: object) -> bool:
        """Whether the tests want such an object."""
        return type(value) in self._kinds

    def name(self, name: object, value: Any) -> None:
        """Take note of what the tests know by a name: one that is written as a class's makes it theirs to call."""
        if type(value) is not proxies.RemoteType or type(name) is not str:
            return
        if name in self.holders:
            self._held.add(value)
        elif name in self.kinds and not issubclass(value, BaseException):
            self._kinds.add(value)
        elif name.lstrip("_")[:1].isupper():
            self._named.add(value)

    def note(self, op: str, target: Any, rest: "tuple[Any, ...]", value: Any) -> None:
        """Take note of what the tests asked for, and got."""
        if op == "call" and type(target) is proxies.RemoteType:
            if target in self._held:
                # It may make objects of another class.
                self._held.add(type(value))
            elif target in self._named:
                self._kinds.add(target)
        elif op == "get":
            self.name(rest[0], value)
            kind = type(target)
            if type(kind) is not proxies.RemoteType:
                return
            if rest[0] not in _PLAIN_NAMES and kind not in self._held:
                self._kinds.add(kind)
            if kind in self._kinds and type(type(value)) is proxies.RemoteType:
                self._kinds.add(type(value))


def kinds_in(source: str) -> "set[str]":
    """Return the names of classes of which tests ask whether something is.

    Raises:
        SyntaxError, ValueError: it is no Python source.
    """
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(
                func=ast.Name(id="isinstance") | ast.Attribute(attr="assertIsInstance"), args=[_, kind, *_]
            ):
                kinds = kind.elts if isinstance(kind, ast.Tuple) else [kind]
                found.update(getattr(each, "id", "") or getattr(each, "attr", "") for each in kinds)
    return found


def tells(op: str, target: object, rest: "tuple[Any, ...]") -> bool:
    """Whether an object of the program is asked to say something of the tests' own data."""
    if op not in ("get", "op") or type(type(target)) is not proxies.RemoteType:
        return False
    if op == "get":
        return rest[0] in _TELLING_NAMES
    return rest[0] in _TELLING and len(rest) > 1 and proxies.number_of(rest[1]) is None
