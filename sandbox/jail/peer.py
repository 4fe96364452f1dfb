"""One side of the talk between a program and the tests that ask it: who asks waits, and may be asked meanwhile.

Requests are ``("a", number, op, target, rest, released)``; answers are
``("r", number, value, changes, written, same)`` or ``("e", number, error, changes, written)``. ``written`` is what
was printed meanwhile, ``changes`` what a call's mutable arguments hold after it, both None for nothing; ``same``
is the position of the argument that the call returned, or -1. Plain data travels by value, everything else as a
number that the side which has the object gave it.
"""

from typing import Any

from guerdon.sandbox.jail.changes import MUTABLE, update
from guerdon.sandbox.jail.exchange import Exchange
from guerdon.sandbox.jail.frames import Frames
from guerdon.sandbox.jail.values import MAX_VALUES, decode, encode

MAX_DEPTH = 100
"""Questions that wait for each other."""
ASKED = (1 << 22, 0)
ANSWERED = (MAX_VALUES, 10)
"""Values and levels of what the tests and the program say: what is answered can be handed on in a question."""
_ENOUGH = ASKED[0]
_QUESTION, _ANSWER, _FAILURE = 6, 6, 5
"""Members of the messages."""


class Gone(BaseException):
    """The other side has ended; no ``Exception``, so that nothing between takes it for one of its own."""


class Lied(BaseException):
    """The other side has answered what no answer can be."""


class Peer(Exchange):
    """One side.

    Args:
        frames: the connection.
        functions_travel: whether built-in functions are sent by name (else they are taken by name).
        sends: values in a message from here, and levels that count as taken in it.
        hears: the same of a message from there.
    """

    def __init__(
        self, frames: Frames, *, functions_travel: bool, sends: "tuple[int, int]", hears: "tuple[int, int]"
    ) -> None:
        super().__init__(self, functions_travel=functions_travel)
        self._sends = sends
        self._hears = hears
        self._frames = frames
        self._asked = 0
        self._depth = 0

    # Asking.

    def ask(self, op: str, target: object, *rest: object) -> Any:
        """Ask for something to be done with an object of the other side; raises what that raises."""
        if self._depth >= MAX_DEPTH:
            raise RecursionError(f"more than {MAX_DEPTH} questions wait for each other")
        self._asked += 1
        number = self._asked
        self._depth += 1
        try:
            self._send(("a", number, op, target, rest, self._released()))
            while True:
                message = self._hear()
                if message[0] == "a":
                    self.answer(message)
                else:
                    break
        finally:
            self._depth -= 1
        return self._understand(message, number, op, rest)

    def _understand(self, message: "tuple[Any, ...]", number: int, op: str, rest: "tuple[object, ...]") -> object:
        if len(message) != {"r": _ANSWER, "e": _FAILURE}.get(message[0]):
            raise Lied("the program sent what is no answer")
        kind, about, value, changes, written, *same = message
        if about != number:
            raise Lied("the program answered what it was not asked")
        given: Any = rest[0] if op == "call" else rest
        if same and (type(same[0]) is not int or same[0] >= len(given)):
            raise Lied("the program sent what is no answer")
        if written is not None:
            self.show(written)
        if changes is not None:
            try:
                update(rest, changes)
            except Exception as error:
                raise Lied(f"what the program did to its arguments makes no sense: {error!r:.200}") from error
        if kind == "e":
            raise self.raised(op, value)
        return given[same[0]] if same[0] >= 0 else value

    def raised(self, op: str, error: object) -> BaseException:
        """Return what to raise here for what was raised there."""
        if not isinstance(error, BaseException):
            raise Lied("the program raised what is no exception")
        return error

    def written(self) -> object:
        """Return what was printed here since the last answer, None for nothing."""
        return None

    def show(self, written: object) -> None:
        """Print here what was printed there."""

    # Answering.

    def answer(self, message: "tuple[Any, ...]") -> None:
        """Do what the other side asks for."""
        number, op, target, rest = self._question(message)
        arguments = rest[0] if op == "call" else rest
        before = self._encoded(arguments) if any(type(value) in MUTABLE for value in arguments) else None
        self._depth += 1
        try:
            value = self.act(op, target, rest)
        except (Gone, Lied):
            raise
        except BaseException as error:  # noqa: BLE001 - whatever it raises is for who asked
            changes = self._changes(rest, arguments, before)
            self._send(("e", number, error.with_traceback(None), changes, self.written()))
            return
        finally:
            self._depth -= 1
        same = -1
        if before is not None:
            same = next(
                (at for at, given in enumerate(arguments) if given is value and type(given) in MUTABLE), -1
            )
        try:
            changes = self._changes(rest, arguments, before)
            self._send(("r", number, None if same >= 0 else value, changes, self.written(), same))
        except (ValueError, MemoryError, RecursionError) as error:
            self._send(("e", number, ValueError(f"the result cannot be handed over: {error}"), None, None))

    def _question(self, message: "tuple[Any, ...]") -> "tuple[Any, ...]":
        """Return number, op, target and rest of a question, and let go of what is released with it."""
        if len(message) != _QUESTION:
            raise Lied("the program asked what is no question")
        _, number, op, target, rest, released = message
        right = type(op) is str and type(rest) is tuple and type(released) is list
        if not right or (op == "call" and [type(part) for part in rest] != [tuple, dict]):
            raise Lied("the program asked what is no question")
        for gone in released:
            if type(gone) is int:
                self._take_back(gone)
        return number, op, target, rest

    def _changes(self, rest: object, arguments: object, before: "bytes | None") -> object:
        return rest if before is not None and self._encoded(arguments) != before else None

    def _encoded(self, value: object) -> bytes:
        # Nothing is lent by this: it is never sent.
        return encode(value, id, _ENOUGH)

    def act(self, op: str, target: Any, rest: "tuple[Any, ...]") -> object:
        """Do one thing with an object of this side."""
        raise NotImplementedError

    # Both.

    def _send(self, message: "tuple[object, ...]") -> None:
        first = self._next
        try:
            self._frames.send(encode(message, self._stand_in, *self._sends))
        except OSError as error:
            raise Gone("the other side has ended") from error
        except BaseException:
            # The other side will never hear of what was lent on the way.
            for number in range(first, self._next):
                self._take_back(number)
            raise

    def _hear(self) -> "tuple[Any, ...]":
        try:
            message = decode(self._frames.receive(), self._resolve, *self._hears)
        except EOFError as error:
            raise Gone("the other side has ended") from error
        except Exception as error:
            raise Lied(f"what the other side said makes no sense: {error!r:.200}") from error
        if type(message) is not tuple or not message or type(message[0]) is not str:
            raise Lied("what the other side said makes no sense")
        return message

    # What proxies want decided.

    def compare(self, ours: object, theirs: object, *, own_equality: bool) -> "bool | None":
        """Decide whether an object of the other side equals another; None leaves it to the other."""
        answer = self.ask("op", ours, "__eq__", theirs) if own_equality else None
        return None if answer is NotImplemented or answer is None else bool(answer)

    def hash(self, ours: object, *, own_hash: bool) -> int:
        """Return an object's hash."""
        return int(self.ask("hash", ours)) if own_hash else id(ours)

    def order(self, name: str, ours: object, other: object) -> object:
        """Compare an object with another."""
        return self.ask("op", ours, name, other)

    def iterate(self, ours: object) -> object:
        """Return an iterator over an object of the other side."""
        return self.ask("op", ours, "__iter__")

    def derive(self, name: str) -> None:
        """Refuse a class that is derived from one of the other side."""
        raise TypeError(f"{name!r} cannot be derived from a class in another jail")
