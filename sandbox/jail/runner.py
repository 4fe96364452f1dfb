"""Runs tests that ask a program in another jail, and says what became of each: what all kinds of tests share."""

import ast
import builtins
import sys
import types
from typing import Any

from guerdon.sandbox.jail.interactor import Interactor, RemoteModule
from guerdon.sandbox.jail.proxies import number_of
from guerdon.sandbox.jail.wanted import kinds_in, known_in

FILE = "tests.py"
_MAX_MESSAGE = 2_000
_MAX_TESTS = 5_000
"""Tests that are told of; those that did not pass come first, so that none of them is left out for others."""
_CLASS = "Solution"
_MODULE = "solution"


class Tests:
    """Tests and what has become of them.

    Args:
        program: answers.
        options: ``source`` and ``prelude`` of the tests, ``entry_point`` of the program, ``module`` as which they
            import it.

    Attributes:
        missing: what the tests want of the program that it does not have.
    """

    def __init__(self, program: Interactor, options: "dict[str, Any]") -> None:
        self.program = program
        self.source: str = options["source"]
        self.prelude: str = options["prelude"]
        self.entry: str = options["entry_point"]
        self.modules: list[str] = [name for name in (_MODULE, options["module"]) if name]
        self.missing = ""
        self._outcomes: dict[str, tuple[str, str]] = {}

    @property
    def ran(self) -> bool:
        """Whether anything is known of any test."""
        return bool(self._outcomes)

    def report(self, state: str) -> "dict[str, object]":
        """Return what became of all."""
        program = self.program
        for name in self.modules:
            sys.modules.pop(name, None)
        return {
            "state": state,
            "tests": self._told(),
            "asked": program.answered,
            "self_judged": program.self_judged,
            "cannot": program.cannot,
            "unplain": program.unplain,
            "lied": program.lied,
            "ended": program.ended,
            "missing": self.missing,
        }

    def record(self, name: str, outcome: str, message: str = "") -> None:
        """Keep what became of a test: the first thing that went wrong with it."""
        if self._outcomes.get(name, ("passed",))[0] in ("passed", "skipped"):
            self._outcomes[name] = (outcome, message[:_MAX_MESSAGE])

    def failed(self, name: str, error: BaseException) -> None:
        """Keep what an exception says of a test."""
        self.record(name, self.kind(error), self.message(error))

    def _told(self) -> "list[tuple[str, str, str]]":
        told = [(name, *found) for name, found in self._outcomes.items()]
        if len(told) > _MAX_TESTS:
            told.sort(key=lambda test: test[1] == "passed")
        return told[:_MAX_TESTS]

    def kind(self, error: BaseException) -> str:
        """Say whose an exception is."""
        program = self.program
        known = (
            *(("unplain", program.unplain), ("cannot", program.cannot)),
            *(("lied", program.lied), ("ended", program.ended)),
        )
        for outcome, holds in known:
            if holds:
                return outcome
        if program.has_raised(error):
            return "raised"
        if isinstance(error, AssertionError):
            return "failed"
        absent = isinstance(error, NameError) or (isinstance(error, ImportError) and error.name in self.modules)
        if absent:
            self.missing = self.missing or str(error)
            return "missing"
        return "error"

    def message(self, error: BaseException) -> str:
        """Return the line of the tests that an exception came through last, and what it says."""
        said = "" if isinstance(error, AssertionError) else f"{type(error).__name__}: "
        try:
            said += str(error)
        except BaseException as failure:  # noqa: BLE001 - it may be the program's own
            said += f"<{type(failure).__name__} while it was shown>"
        return " | ".join(part for part in (self._line(error), said.strip().removesuffix(":")) if part)

    def _line(self, error: BaseException) -> str:
        number, trace = 0, error.__traceback__
        while trace is not None:
            if trace.tb_frame.f_code.co_filename == FILE:
                number = trace.tb_lineno
            trace = trace.tb_next
        lines = self.source.split("\n")
        return lines[number - 1].strip() if 0 < number <= len(lines) else ""

    def offer_modules(self) -> None:
        """Let the tests import the program."""
        made = RemoteModule(_MODULE, self.program, self.entry.partition(".")[0])
        for name in self.modules:
            parent, _, last = name.rpartition(".")
            if parent:
                package = sys.modules.setdefault(parent, types.ModuleType(parent))
                package.__path__ = []
                setattr(package, last, made)
            sys.modules[name] = made

    def offer_names(self, space: "dict[str, Any]", *codes: types.CodeType) -> Any:
        """Give the tests those of the program's names that they use, none in the place of a built-in's.

        Returns:
            The entry point, None where the program has none.
        """
        used: set[str] = set()
        for code in codes:
            _names_in(code, used)
        first = self.entry.partition(".")[0]
        wanted = [name for name in used if not hasattr(builtins, name) and name[:2] != "__" and name != first]
        if first != self.entry:
            self.program.wanted.holders.add(first)
        found = self.program.names([*wanted, *filter(None, {first, _CLASS})])
        asked = [found[name] for name in {*wanted, first} if name in found]
        if any(number_of(value) is None for value in asked) or (first in found and not callable(found[first])):
            # Data by these names, or an entry point that nobody can call, is as good as an answer.
            self.program.answered += 1
        for name in wanted:
            if name in found:
                # The library is the tests' own, whatever the program calls by its name.
                space[name] = __import__(name) if name in sys.stdlib_module_names else found[name]
        return self._entry_of(found) if self.entry else None

    def _entry_of(self, found: "dict[str, Any]") -> Any:
        first, _, method = self.entry.partition(".")
        if first in found:
            return getattr(found[first](), method) if method else found[first]
        if _CLASS in found and not method:
            return getattr(found[_CLASS](), first, None)
        return None

    def set_entry(self, space: "dict[str, Any]", entry: Any) -> None:
        """Put the entry point where the tests expect it, in the place of what the data set has there."""
        first, _, method = self.entry.partition(".")
        if entry is not None:
            space[method or first] = entry
        elif self.entry:
            space.pop(first, None)

    def compiled(self) -> "tuple[types.CodeType, types.CodeType]":
        """Compile prelude and tests, and note of which classes of the program they want objects.

        Raises:
            SyntaxError, ValueError: they do not compile.
        """
        compiled = (
            compile(self.prelude, "prelude.py", "exec", dont_inherit=True),
            compile(self.source, FILE, "exec", dont_inherit=True),
        )
        parts = ast.parse(self.prelude), ast.parse(self.source)
        tree = ast.Module(body=[*parts[0].body, *parts[1].body], type_ignores=[])
        self.program.wanted.kinds |= kinds_in(tree)
        self.program.wanted.known |= known_in(tree)
        return compiled


def _names_in(code: types.CodeType, found: "set[str]") -> None:
    found.update(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            _names_in(constant, found)
