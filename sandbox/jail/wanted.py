"""Which objects of a program its tests want as objects: what they do with others is done where data was expected.

Tests that make objects of a class by its name, ask whether something is one, or read from them what no plain data
has, are about that class. Only the first two let its objects say something of the tests' own data: what is read
from an array, such as its ``shape``, any object can have. A name in lower case alone says nothing: it may as well
be a function's, and any program could write a class in its place so as not to be judged.

Of any other object of the program's own making nothing is taken that its author could only say knowing what the
tests expect: equality, order, hash, arithmetic with the tests' numbers, membership of the tests' data. Nor is a
difference from a number taken of what a function or method has returned, for ``circle.area()`` may be the
circle.
"""

import ast
from typing import Any

from guerdon.sandbox.jail import proxies

_PLAIN = (int, float, complex, str, bytes, bytearray, list, tuple, dict, set, frozenset, range)
_PLAIN_NAMES = frozenset(name for kind in _PLAIN for name in dir(kind))
_TELLING_NAMES = frozenset(("startswith", "endswith", "issubset", "issuperset", "isdisjoint", "equals"))
_DIFFERENCES = ("__sub__", "__rsub__")
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
        known: names that the tests may take from the program.
    """

    def __init__(self) -> None:
        self.holders = {"Solution"}
        self.kinds: set[str] = set()
        self.known: set[str] = set()
        self._held: set[type] = set()
        self._named: set[type] = set()
        self._made: set[type] = set()
        self._read: set[type] = set()
        self._returned: set[int] = set()

    def has(self, value: object) -> bool:
        """Whether the tests want such an object."""
        return type(value) in self._made or type(value) in self._read

    def may_tell(self, value: Any, name: object = "") -> bool:
        """Whether an object, or a class such as an ``Enum``, may say something of the tests' own data.

        Args:
            value: it.
            name: the special method that would say it, or an attribute.
        """
        if type(value) is proxies.RemoteType:
            return value in self._named or value in self._made
        returned = name in _DIFFERENCES and proxies.number_of(value) in self._returned
        return type(value) in self._made and not returned

    def name(self, name: object, value: Any) -> None:
        """Take note of what the tests know by a name: one that is written as a class's makes it theirs to call."""
        if type(value) is not proxies.RemoteType or type(name) is not str:
            return
        if name in self.holders:
            self._held.add(value)
        elif name in self.kinds and not issubclass(value, BaseException):
            self._made.add(value)
        elif name in self.known and name.lstrip("_")[:1].isupper():
            self._named.add(value)

    def note(self, op: str, target: Any, rest: "tuple[Any, ...]", value: Any) -> None:
        """Take note of what the tests asked for, and got."""
        theirs = type(type(value)) is proxies.RemoteType
        if op == "call" and type(target) is proxies.RemoteType:
            if target in self._held:
                # It may make objects of another class.
                self._held.add(type(value))
            elif target in self._named:
                self._made.add(target)
        elif op == "call" and theirs and (number := proxies.number_of(value)) is not None:
            self._returned.add(number)
        elif op == "get":
            self.name(rest[0], value)
            if type(target) is proxies.RemoteType:
                self._made.update({type(value)} if theirs and target in self._named else ())
            elif type(type(target)) is proxies.RemoteType:
                self._note_read(type(target), rest[0], {type(value)} if theirs else set())

    def _note_read(self, kind: type, name: object, found: "set[type]") -> None:
        if name not in _PLAIN_NAMES and kind not in self._held:
            self._read.add(kind)
        for kinds in (self._made, self._read):
            kinds.update(found if kind in kinds else ())


def kinds_in(tree: ast.AST) -> "set[str]":
    """Return the names of classes of which tests ask whether something is."""
    found: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Name(id="isinstance") | ast.Attribute(attr="assertIsInstance"), args=[_, kind, *_]
            ):
                kinds = kind.elts if isinstance(kind, ast.Tuple) else [kind]
                found.update(getattr(each, "id", "") or getattr(each, "attr", "") for each in kinds)
    return found


def known_in(tree: ast.AST) -> "set[str]":
    """Return the names that tests may take from a program: used, and not given a meaning by themselves."""
    loaded: set[str] = set()
    bound: set[str] = set()
    known: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name):
                (loaded if isinstance(node.ctx, ast.Load) else bound).add(name)
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                bound.add(name)
            case ast.Attribute(attr=name) | ast.alias(name=name) | ast.Constant(value=str(name)):
                known.add(name)
    return known | (loaded - bound)


def tells(op: str, target: object, rest: "tuple[Any, ...]") -> bool:
    """Whether an object of the program is asked to say something of the tests' own data."""
    if op not in ("get", "op") or proxies.RemoteType not in (type(target), type(type(target))):
        return False
    if op == "get":
        return rest[0] in _TELLING_NAMES
    return rest[0] in _TELLING and len(rest) > 1 and proxies.number_of(rest[1]) is None
