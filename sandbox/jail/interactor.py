"""The tests' side of the talk with a program in another jail, imported there as ``interactor``.

The program is not trusted with any verdict: what it sends is plain data or a number, and whether two of its
objects are equal it is asked only where the tests' owner allows that.
"""

import sys
import threading
import types
from collections.abc import Iterator, Mapping
from typing import Any, Never

from guerdon.sandbox.jail import borrowed, proxies
from guerdon.sandbox.jail.frames import MAX_ANSWERED_BYTES, MAX_ASKED_BYTES, Frames
from guerdon.sandbox.jail.peer import ANSWERED, ASKED, Gone, Lied, Peer
from guerdon.sandbox.jail.values import UnplainValue
from guerdon.sandbox.jail.wanted import Wanted, tells

CONNECTION = 5
_ENDING = (StopIteration, StopAsyncIteration, GeneratorExit)
"""What would quietly end a loop of the tests, were it raised by a call."""
_MUCH_ANSWERED_BYTES = MAX_ASKED_BYTES >> 4
"""From here on, what the tests cannot hand over for its size is that large because of the program's answers."""
_RAISED = "_raised_by_program_"
_BUILTINS = frozenset(vars(__import__("builtins")))


class ProgramEnded(Gone):
    """The program has ended."""


class ProgramLied(Lied):
    """The program's answer is none."""


class SelfJudged(BaseException):
    """An object of the program would have to say whether it is right."""


class Interactor(Peer):
    """The tests' side.

    Args:
        frames: the connection.
        allow_self_judged: whether objects of the program may say what equals them.

    Attributes:
        answered: questions that the program has answered, beyond those for its names, or that failed.
        self_judged: how often an object of the program was asked, or would have had to be, whether it equals
            another.
        ended: whether the program was found to have ended.
        lied: what was wrong with an answer.
        cannot: what the tests wanted that cannot be had from outside.
        unplain: what the program handed out where the tests expect plain data.
        wanted: which of its objects the tests want as such.
    """

    def __init__(self, frames: Frames, *, allow_self_judged: bool) -> None:
        super().__init__(frames, functions_travel=True, sends=ASKED, hears=ANSWERED)
        self.answered = 0
        self.self_judged = 0
        self.ended = False
        self.lied = ""
        self.cannot = ""
        self.unplain = ""
        self.wanted = Wanted()
        self._lengths: dict[int, int] = {}
        self._allow_self_judged = allow_self_judged
        self._lock = threading.RLock()

    def ask(self, op: str, target: object, *rest: object) -> Any:
        """Ask the program for something; raises what it raises."""
        if self.ended:
            raise ProgramEnded("the program has ended")
        if self.lied:
            raise ProgramLied(self.lied)
        if tells(op, target, rest) and not self._allow_self_judged and not self.wanted.may_tell(target, rest[0]):
            if rest[0] == "__contains__" and _has(type(target), "__iter__"):
                # Whether it is among the members is decided here, whatever class holds them.
                return rest[1] in tuple(self.iterate(target))
            self._hold_against(target)
        with self._lock:
            # Until it has succeeded: one for names counts only if it failed.
            self.answered += 1
            try:
                value = super().ask(op, target, *rest)
            except UnplainValue as error:
                if self._frames.received > _MUCH_ANSWERED_BYTES:
                    self._hold(f"the tests cannot hand on what the program has answered: {error}")
                self.cannot = self.cannot or f"the tests hand over what cannot be had in another jail: {error}"
                raise SelfJudged(self.cannot) from None
            except Gone:
                self.ended = True
                raise ProgramEnded("the program has ended") from None
            except Lied as error:
                self.lied = self.lied or str(error)
                raise ProgramLied(self.lied) from None
            self.answered -= target is None
            self.wanted.note(op, target, rest, value)
            if op == "call":
                # Whatever it has may have changed.
                self._lengths.clear()
            elif rest[:1] == ("__len__",) and type(value) is int:
                self._note_length(target, value)
            return value

    def act(self, op: str, target: Any, rest: "tuple[Any, ...]") -> object:
        """Do for the program what it may want of an object of the tests."""
        if target is None:
            return _input(op, rest)
        if op == "call" and self.is_mere_kind(target) and not borrowed.is_of_tests(target):
            raise TypeError(f"a program cannot make objects of class {target.__name__!r} of the tests")
        return borrowed.act(op, target, rest)

    def show(self, written: object) -> None:
        """Print what the program has printed, where the tests look at what is printed."""
        if type(written) is not tuple or [type(text) for text in written] != [str, str]:
            raise Lied("what the program printed is no text")
        for name, text in zip(("stdout", "stderr"), written, strict=True):
            stream = getattr(sys, name)
            if text and stream is not getattr(sys, f"__{name}__"):
                stream.write(text)

    def has_raised(self, error: BaseException) -> bool:
        """Whether it was the program that raised an exception."""
        return _RAISED in vars(error)

    def raised(self, op: str, error: object) -> BaseException:
        """Return what to raise here for what the program raised: never what ends a loop, or the tests."""
        found = super().raised(op, error)
        ending = isinstance(found, _ENDING) and not (op == "next" and isinstance(found, StopIteration))
        if ending or isinstance(found, KeyboardInterrupt) or not _is_ordinary(found):
            found = RuntimeError(f"the program raised {type(found).__name__}: {found}")
        vars(found)[_RAISED] = True
        return found

    # Equality: never decided by the program unless that is allowed.

    def compare(self, ours: object, theirs: object, *, own_equality: bool) -> "bool | None":
        """Decide whether an object of the program equals another."""
        if not own_equality:
            return None
        if self._allow_self_judged:
            self.self_judged += 1
            return super().compare(ours, theirs, own_equality=True)
        if proxies.number_of(theirs) is None:
            # What a program hands out instead of plain data is not that data, whatever it says.
            return None
        self._refuse("__eq__", ours, theirs)
        return None

    def hash(self, ours: object, *, own_hash: bool) -> int:
        """Return the hash of an object of the program."""
        if not own_hash:
            return object.__hash__(ours)
        if not self._allow_self_judged:
            self._refuse("__hash__", ours)
        self.self_judged += 1
        return super().hash(ours, own_hash=True)

    def order(self, name: str, ours: object, other: object) -> object:
        """Compare an object of the program with another."""
        if not self._allow_self_judged:
            if proxies.number_of(other) is None:
                # Handed out instead of a number, it is none.
                return NotImplemented
            self._refuse(name, ours, other)
        self.self_judged += 1
        return super().order(name, ours, other)

    def iterate(self, ours: object) -> Iterator[object]:
        """Return an iterator over an object of the program, which has as many members as it says."""
        found: Any = super().iterate(ours)
        counts = _has(type(ours), "__len__") and not self.wanted.may_tell(ours)
        return self._counted(ours, found) if counts else found

    def _counted(self, ours: object, members: Iterator[object]) -> Iterator[object]:
        count = 0
        for member in members:
            yield member
            count += 1
        self._note_length(ours, count)

    def _note_length(self, ours: object, length: int) -> None:
        """Hold it against an object that it has other members than it says."""
        number = proxies.number_of(ours)
        if number is None or self.wanted.may_tell(ours):
            return
        if self._lengths.setdefault(number, length) != length:
            self._hold_against(ours)

    def derive(self, name: str) -> None:
        """Refuse a class of the tests that is derived from one of the program."""
        self.cannot = self.cannot or f"the tests derive {name!r} from a class of the program, which cannot be had"
        raise SelfJudged(self.cannot)

    def _refuse(self, name: str, *objects: object) -> None:
        for value in objects:
            if not self.wanted.has(value):
                self._hold_against(value)
        self.self_judged += 1
        self.cannot = self.cannot or (
            f"the tests ask an object of the program for its {name}; that cannot be judged from outside; set"
            " allow_self_judged if the program may say so itself"
        )
        raise SelfJudged(self.cannot)

    def _hold_against(self, value: object) -> Never:
        self._hold(
            f"the result is {_shown(value)} where plain data is expected; where the tests do mean such objects,"
            " set allow_self_judged"
        )

    def _hold(self, what: str) -> Never:
        self.unplain = self.unplain or what
        raise SelfJudged(self.unplain)

    # The program's names.

    def names(self, wanted: "list[str] | None") -> "dict[str, Any]":
        """Return what public names of the program stand for; all of them if none are wanted by name."""
        found = self.ask("names", None, wanted)
        if type(found) is not dict or not all(type(name) is str for name in found):
            self.lied = "the program's names are none"
            raise ProgramLied(self.lied)
        for name, value in found.items() if wanted is not None else ():
            # Of all names those are noted that the tests take, one by one.
            self.wanted.name(name, value)
        return found


class RemoteModule(types.ModuleType):
    """The program as a module.

    Args:
        name: as which it is imported.
        interactor: asks the program.
        entry: name that the tests are about, or empty.
    """

    __slots__ = ("_asks", "_entry_point", "_module")

    def __init__(self, name: str, interactor: Interactor, entry: str) -> None:
        super().__init__(name)
        object.__setattr__(self, "_asks", interactor)
        object.__setattr__(self, "_entry_point", entry)
        object.__setattr__(self, "_module", interactor.ask("module", None))

    @property
    def __dict__(self) -> "dict[str, Any]":  # type: ignore[override]
        names: dict[str, Any] = self._asks.names(None)
        return names

    def __getattr__(self, name: str) -> Any:
        if name == "__all__":
            # Asked for by `from solution import *`, whose frame is the one that calls.
            taken = sys._getframe(1).f_globals  # noqa: SLF001
            return [found for found in self._asks.names(None) if offered(found, self._entry_point, taken)]
        if name[:2] == "__" and name not in proxies.READABLE:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        return self._asks.ask("get", self._module, name)

    def __setattr__(self, name: str, value: object) -> None:
        if name[:2] == "__":
            super().__setattr__(name, value)
        else:
            self._asks.ask("set", self._module, name, value)

    def __delattr__(self, name: str) -> None:
        self._asks.ask("del", self._module, name)

    def __dir__(self) -> "list[str]":
        return list(self._asks.names(None))


def offered(name: str, entry: str, taken: "Mapping[str, object]") -> bool:
    """Whether tests that import all names of a program get this one.

    In one interpreter a later import hides an earlier one. Here that would hand the program the tools it is
    judged by: a ``Counter`` or ``approx`` that the tests imported above, or a ``sorted`` that they did not have
    to. What has a meaning already therefore keeps it; only the name that the tests are about is the program's
    whatever else is called so, for a problem may ask for a ``sorted``. All others can be imported by name.

    Args:
        name: of the program's.
        entry: name that the tests are about, or empty.
        taken: names of the importing file that have a meaning.
    """
    if name == entry:
        return True
    known = name in taken or name in _BUILTINS or name in sys.stdlib_module_names
    return not known and name[:4].lower() != "test"


def connect(*, allow_self_judged: bool = False) -> Interactor:
    """Return the connection to the program."""
    frames = Frames(CONNECTION, sends=MAX_ASKED_BYTES, hears=MAX_ANSWERED_BYTES)
    return Interactor(frames, allow_self_judged=allow_self_judged)


def _has(kind: type, method: str) -> bool:
    """Whether objects of a class have a special method: the class itself has some that they have not."""
    return any(method in vars(base) for base in kind.__mro__)


def _shown(value: Any) -> str:
    if type(value) is proxies.RemoteType:
        return f"the program's own class {value.__name__!r}"
    return f"an object of the program's own class {type(value).__name__!r}"


def _input(op: str, rest: "tuple[Any, ...]") -> object:
    """Give the program a line of input, which is the tests' own: they may have put a text in its place."""
    if op == "input":
        return __import__("builtins").input(*map(str, rest[:1]))
    if op in ("read", "readline"):
        return getattr(sys.stdin, op)(*(size for size in rest[:1] if type(size) is int))
    raise TypeError(f"a program cannot ask for {op!r}")


def _is_ordinary(error: BaseException) -> bool:
    # Handed to a program by one test, it would skip another.
    skips = type(error).__module__ == "unittest.case"
    return isinstance(error, (Exception, SystemExit)) and not skips


sys.modules["interactor"] = sys.modules[__name__]
