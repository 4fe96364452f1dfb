"""Objects that two jails know of each other: what leaves one as a number comes back to it as itself."""

import weakref
from typing import Any

from guerdon.sandbox.jail import familiar, proxies

_EQUALITY = "__eq__"
_SPECIAL = frozenset(proxies.FORWARDED)


class _Kind:
    """A class that is sent because an object of it is.

    Args:
        kind: the class.
        whole: whether the other side needs it with all it can do, though it has one of that name: for ``map``.
    """

    __slots__ = ("kind", "whole")

    def __init__(self, kind: type, *, whole: bool = False) -> None:
        self.kind = kind
        self.whole = whole


class Exchange:
    """The objects of this side that the other one has numbers of, and the stand-ins here for the other's.

    Args:
        asks: for the stand-ins.
        functions_travel: whether built-in functions are sent by name (else they are taken by name).
    """

    def __init__(self, asks: proxies.Asks, *, functions_travel: bool) -> None:
        self._asks = asks
        self._functions_travel = functions_travel
        self._next = 1
        self._lent: dict[int, object] = {}
        self._numbers: dict[int, int] = {}
        self._classes: dict[int, type] = {}
        self._kinds: dict[int, Any] = {}
        self._live: weakref.WeakValueDictionary[int, Any] = weakref.WeakValueDictionary()
        self._pending: dict[int, None] = {}
        self._mere_kinds: set[int] = set()

    def let_go(self, number: int) -> None:
        """Tell the other side with the next question that nobody here holds an object of its."""
        self._pending[number] = None

    def _released(self) -> "list[int]":
        if not self._pending:
            return []
        released = [number for number in list(self._pending) if number not in self._live]
        self._pending.clear()
        for number in released:
            self._kinds.pop(number, None)
        return released

    def is_mere_kind(self, value: object) -> bool:
        """Whether the other side knows a class here only by its objects."""
        return self._numbers.get(id(value)) in self._mere_kinds

    def _take_back(self, number: int) -> None:
        if number in self._lent:
            self._mere_kinds.discard(number)
            self._numbers.pop(id(self._lent.pop(number)), None)

    def _stand_in(self, value: Any) -> object:
        mere, whole = type(value) is _Kind, False
        if mere:
            value, whole = value.kind, value.whole
        number = proxies.number_of(value)
        if number is not None and proxies.asks_of(value) is self._asks:
            return "y", number
        known = self._numbers.get(id(value))
        if known is not None:
            if not mere:
                self._mere_kinds.discard(known)
            return "h", known
        by_value = None if whole else familiar.split(value, functions=self._functions_travel)
        if by_value is not None:
            return by_value
        number = self._lend(value)
        if isinstance(value, type):
            if mere:
                self._mere_kinds.add(number)
            return "k", number, self._facts(value)
        kind = _Kind(type(value))
        if isinstance(value, BaseException):
            return "x", number, kind, value.args if type(value.args) is tuple else (), _said(value)
        for base in proxies.BACKED:
            if isinstance(value, base):
                return "s", number, kind, _plain(base, value)
        return "o", number, _Kind(type(value), whole=True)

    def _lend(self, value: object) -> int:
        number = self._next
        self._next += 1
        self._lent[number] = value
        self._numbers[id(value)] = number
        return number

    def _facts(self, kind: type) -> "tuple[object, ...]":
        """Return what the other side has to know of a class."""
        names: set[str] = set()
        for base in type.mro(kind)[:-1] if kind is not type else ():
            names.update(name for name, value in vars(base).items() if name in _SPECIAL and value is not None)
        own_equality = getattr(kind, _EQUALITY) is not object.__eq__
        bases = tuple(_Kind(base) for base in kind.__bases__ if base is not object)
        texts = (str(kind.__name__), str(kind.__qualname__), str(kind.__module__))
        return *texts, bases, tuple(sorted(names)), own_equality

    def _resolve(self, described: Any) -> object:
        letter = described[0]
        if letter == "y":
            return self._lent[described[1]]
        if letter == "h":
            return self._held(described[1])
        if letter == "g":
            return familiar.named(described[1], described[2], functions=not self._functions_travel)
        if letter == "v":
            return familiar.join(described[1], described[2])
        number = described[1]
        if type(number) is not int or number in self._classes or number in self._kinds:
            raise ValueError("a number came twice")
        if letter == "k":
            made = self._classes[number] = proxies.new_class(self._asks, number, described[2])
            return made
        if letter not in ("o", "s", "x") or not isinstance(described[2], type):
            raise ValueError("an object of no kind")
        self._kinds[number] = described
        return self._held(number)

    def _held(self, number: int) -> object:
        if number in self._classes:
            return self._classes[number]
        found = self._live.get(number)
        if found is not None:
            return found
        self._pending.pop(number, None)
        described = self._kinds[number]
        kind: type = described[2]
        if described[0] == "x":
            made: Any = self.error_of(kind, number, described[3], described[4])
        elif type(kind) is not proxies.RemoteType:
            raise TypeError("an object of a class that is not the other side's")
        elif described[0] == "s":
            made = proxies.new_object(kind, number, described[3], backed=True)
        else:
            made = proxies.new_object(kind, number)
        try:
            self._live[number] = made
        except TypeError:
            # Tuples and the like take no weak references; they are made anew, and equal by what they hold.
            return made
        return made

    def error_of(self, kind: type, number: int, args: object, said: object) -> BaseException:
        """Return the exception here of one there."""
        return proxies.new_error(kind, number, args, said)


def _said(error: BaseException) -> str:
    try:
        return str(error)[:10_000]
    except Exception as failure:  # noqa: BLE001 - an exception that cannot be shown is one all the same
        return f"<{type(failure).__name__} while the exception was shown>"


def _plain(base: Any, value: Any) -> object:
    if base is str:
        return "".join(value)
    if base in (int, float, complex):
        return base.__add__(value, base())
    return base(value)
