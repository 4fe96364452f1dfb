"""Stand-ins for objects that live in the other jail: each class there has a class here, each object an instance.

A class here has exactly those special methods that the class there has, so that what can be called, counted or
gone through is known without asking.
"""

from collections.abc import Callable, Generator
from typing import Any, Protocol

ITEMS = "__len__ __getitem__ __setitem__ __delitem__ __contains__ __iter__ __next__ __reversed__ __length_hint__"
NUMBERS = "add sub mul matmul truediv floordiv mod divmod pow lshift rshift and xor or"
ORDER = ("__lt__", "__le__", "__gt__", "__ge__")
FORWARDED = (
    *ITEMS.split(),
    *("__call__", "__bool__", "__enter__", "__exit__", "__missing__", "__format__", "__fspath__"),
    *("__aenter__", "__aexit__", "__aiter__", "__anext__", "__await__", "__bytes__", "__sizeof__"),
    *("__int__", "__float__", "__complex__", "__index__", "__round__", "__trunc__", "__floor__", "__ceil__"),
    *("__neg__", "__pos__", "__abs__", "__invert__"),
    *(f"__{kind}{name}__" for name in NUMBERS.split() for kind in ("", "r", "i") if kind + name != "idivmod"),
    *ORDER,
)
"""Special methods that are asked of the other side."""
_KNOWN = frozenset(FORWARDED)
_READABLE = (
    "__name__ __qualname__ __doc__ __module__ __annotations__ __dict__ __members__ __defaults__ __kwdefaults__"
    " __slots__ __abstractmethods__ __wrapped__ __match_args__ __dataclass_fields__ __version__ __all__"
    " __notes__ __cause__ __context__"
)
READABLE = frozenset(_READABLE.split())
"""Attributes with such names that tests may ask a program for; Python looks for many others by itself."""
# What a class of immutable data holds is the same on both sides.
BACKED = (int, float, complex, str, bytes, tuple, frozenset)
_SLOT = "_remote_"


class Asks(Protocol):
    """Who asks the other side."""

    def ask(self, op: str, target: object, *rest: object) -> Any:
        """Ask for something to be done with an object."""

    def let_go(self, number: int) -> None:
        """Nobody here holds the object any more."""

    def compare(self, ours: object, theirs: object, *, own_equality: bool) -> "bool | None":
        """Decide whether an object of the other side equals another that is not the same."""

    def hash(self, ours: object, *, own_hash: bool) -> int:
        """Return an object's hash."""

    def order(self, name: str, ours: object, other: object) -> object:
        """Compare an object with another."""

    def iterate(self, ours: object) -> object:
        """Return an iterator over an object."""

    def derive(self, name: str) -> None:
        """Raise because a class here cannot be derived from one there."""


def _own_equality(value: object) -> bool:
    own: bool = type.__getattribute__(type(value), "_own_equality")
    return own


class RemoteType(type):
    """The class of classes of the other side."""

    _asks: Asks
    _number: int

    def __new__(cls, name: str, bases: "tuple[type, ...]", body: "dict[str, Any]") -> Any:  # noqa: ARG004
        """Refuse to derive from a class of the other side: its methods would not find what is here."""
        next(asks_of(base) for base in bases if type(base) is RemoteType).derive(name)

    def __call__(cls, *args: object, **kwargs: object) -> object:
        """Make an object there."""
        return cls._asks.ask("call", cls, args, kwargs)

    def __getattr__(cls, name: str) -> object:
        _refuse_special(name)
        return cls._asks.ask("get", cls, name)

    def __setattr__(cls, name: str, value: object) -> None:
        cls._asks.ask("set", cls, name, value)

    def __delattr__(cls, name: str) -> None:
        cls._asks.ask("del", cls, name)

    def __iter__(cls) -> Any:
        return cls._asks.ask("op", cls, "__iter__")

    def __len__(cls) -> int:
        return _length(cls._asks.ask("op", cls, "__len__"))

    def __bool__(cls) -> bool:
        return True

    def __getitem__(cls, key: object) -> object:
        return asks_of(cls).ask("item", cls, key)

    def __contains__(cls, member: object) -> bool:
        return bool(cls._asks.ask("op", cls, "__contains__", member))

    def __dir__(cls) -> list[str]:
        return list(cls._asks.ask("dir", cls))

    def __repr__(cls) -> str:
        return f"<class {cls.__module__ + '.' + cls.__qualname__!r}>"


class Remote:
    """An object of the other side."""

    __slots__ = ("__weakref__", _SLOT)

    def __getattr__(self, name: str) -> object:
        _refuse_special(name)
        return asks_of(self).ask("get", self, name)

    def __setattr__(self, name: str, value: object) -> None:
        asks_of(self).ask("set", self, name, value)

    def __delattr__(self, name: str) -> None:
        asks_of(self).ask("del", self, name)

    def __repr__(self) -> str:
        return str(asks_of(self).ask("op", self, "__repr__"))

    def __str__(self) -> str:
        return str(asks_of(self).ask("op", self, "__str__"))

    def __dir__(self) -> list[str]:
        return list(asks_of(self).ask("dir", self))

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        equal = asks_of(self).compare(self, other, own_equality=_own_equality(self))
        return NotImplemented if equal is None else equal

    def __hash__(self) -> int:
        return asks_of(self).hash(self, own_hash=_own_equality(self))

    def __del__(self) -> None:
        number = number_of(self)
        if number is not None:
            asks_of(self).let_go(number)


class _Doc:
    """The text of a class or object, which Python else takes from the class here."""

    def __get__(self, value: object, kind: Any) -> object:
        target = kind if value is None else value
        return asks_of(target).ask("get", target, "__doc__")


def asks_of(value: object) -> Asks:
    """Return who asks for an object of the other side."""
    holder: Any = value if type(value) is RemoteType else type(value)
    asks: Asks = type.__getattribute__(holder, "_asks")
    return asks


def number_of(value: object) -> "int | None":
    """Return the number by which the other side knows its object, None if it is no such object."""
    kind = type(value)
    if kind is RemoteType:
        number: int = type.__getattribute__(value, "_number")
        return number
    if type(kind) is not RemoteType:
        return None
    try:
        found: int = object.__getattribute__(value, _SLOT)
    except AttributeError:
        return None
    return found


def new_class(asks: Asks, number: int, facts: "tuple[Any, ...]") -> type:
    """Make the class here of a class there.

    Args:
        asks: for its objects.
        number: of the class there.
        facts: its name, qualified name and module, its bases as they are here, its special methods and whether it
            says itself what equals its objects.

    Raises:
        TypeError, ValueError: no class can have such facts.
    """
    name, qualname, module, bases, special, own_equality = facts
    if not (type(name) is type(qualname) is str and isinstance(special, (tuple, list))):
        raise TypeError("no class")
    remote = [base for base in bases if type(base) is RemoteType]
    others = [base for base in bases if isinstance(base, type) and type(base) is not RemoteType]
    native = [base for base in others if base in BACKED or issubclass(base, BaseException)]
    body: dict[str, Any] = {"_asks": asks, "_own_equality": bool(own_equality), "__doc__": _Doc()}
    held = any(issubclass(base, (*BACKED, BaseException)) for base in (*remote, *native))
    if not held:
        body["__slots__"] = ()
    for method in special:
        if method in _KNOWN and not (held and any(hasattr(base, method) for base in (*remote, *native))):
            body[method] = _forward(method)
    if not held and "__getitem__" in special and "__len__" in special:
        # Python would go through it by numbers; there it is known how.
        body["__iter__"] = _iterate
    if "__await__" in special and not held:
        body |= {"send": _send, "throw": _throw, "close": _close}
    if held and any(issubclass(base, BaseException) for base in (*remote, *native)):
        body["__str__"] = _said
    if held:
        body |= {"__getattr__": Remote.__getattr__, "__repr__": _backed_repr}
    first = [] if held or any(issubclass(base, Remote) for base in remote) else [Remote]
    made = _made(name, (*remote, *native, *first), body)
    type.__setattr__(made, "__qualname__", qualname)
    type.__setattr__(made, "__module__", module if type(module) is str else "solution")
    type.__setattr__(made, "_number", number)
    return made


def _made(name: str, bases: tuple[type, ...], body: dict[str, Any]) -> type:
    try:
        return type.__new__(RemoteType, name, bases, body)
    except TypeError:
        # Layouts or orders that do not go together here: the first that says what it is must do.
        held = [base for base in bases if issubclass(base, (*BACKED, BaseException))]
        return type.__new__(RemoteType, name, tuple((held or list(bases))[:1]), body)


def new_object(kind: type, number: int, plain: object = None, *, backed: bool = False) -> Any:
    """Make an object here of an object there.

    Args:
        kind: its class here.
        number: of the object there.
        plain: what it holds, where its class is one of immutable data.
        backed: whether it is.

    Raises:
        TypeError, ValueError: no object can have such facts.
    """
    made: Any
    if not backed:
        made = object.__new__(kind)
        object.__setattr__(made, _SLOT, number)
        return made
    base: Any = next((base for base in BACKED if issubclass(kind, base)), None)
    if base is None or type(plain) is not base:
        raise TypeError("it does not hold what its class says")
    new: Any = base.__new__
    made = new(kind, plain)
    made.__dict__[_SLOT] = number
    return made


def new_error(kind: Any, number: int, args: object, said: object) -> BaseException:
    """Make the exception here of an exception there.

    Raises:
        TypeError: no exception can have such facts.
    """
    if not isinstance(args, tuple) or not issubclass(kind, BaseException):
        raise TypeError("no arguments of an exception")
    # A class of the other side makes its objects there; here is one already.
    made: BaseException = type.__call__(kind, *args)
    made.args = args
    made.__dict__[_SLOT] = number
    made.__dict__["_said_"] = str(said)
    return made


# With these, an awaitable counts as a coroutine: it is run to its end there, in one step here.


def _send(self: object, value: object) -> object:
    raise StopIteration(asks_of(self).ask("await", self))


def _throw(self: object, *error: Any) -> object:
    raise error[0]


def _close(self: object) -> None:
    """Nothing has begun here that could be closed."""


def _said(self: Any) -> str:
    return str(self.__dict__.get("_said_", ""))


def _backed_repr(self: Any) -> str:
    return str(asks_of(self).ask("op", self, "__repr__")) if number_of(self) is not None else object.__repr__(self)


def _call(self: object, *args: object, **kwargs: object) -> object:
    return asks_of(self).ask("call", self, args, kwargs)


def _advance(self: object) -> object:
    return asks_of(self).ask("next", self)


def _item(self: object, key: object) -> object:
    return asks_of(self).ask("item", self, key)


def _iterate(self: object) -> object:
    return asks_of(self).iterate(self)


def _leave(self: object, kind: object, error: object, trace: object) -> object:
    return asks_of(self).ask("op", self, "__exit__", kind, error, None)


def _wait(self: object) -> Generator[None, None, Any]:
    yield from ()
    return asks_of(self).ask("await", self)


_OWN_WAYS: dict[str, Callable[..., object]] = {
    "__call__": _call,
    "__iter__": _iterate,
    "__next__": _advance,
    "__getitem__": _item,
    "__exit__": _leave,
    "__await__": _wait,
}


def _forward(name: str) -> Callable[..., object]:
    if name in _OWN_WAYS:
        return _OWN_WAYS[name]
    if name in ORDER:

        def order(self: object, other: object) -> object:
            return asks_of(self).order(name, self, other)

        return order

    def forward(self: object, *args: object) -> object:
        return asks_of(self).ask("op", self, name, *args)

    return forward


def _length(value: object) -> int:
    if type(value) is not int:
        raise TypeError("a length is an integer")
    return value


def _refuse_special(name: str) -> None:
    if name[:2] == "__" and name not in READABLE:
        raise AttributeError(name)
