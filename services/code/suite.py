"""What a program is tested with: one form for every kind of ground truth.

A suite is made from a ground truth once and shared by all completions of a prompt. It has one of three kinds of
tests: ``stdio`` cases, ``calls`` of an entry point, or a ``script`` that needs a jail of its own beside the
program's.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Literal

import msgspec

from guerdon.sandbox import Limits


class CompareMode(StrEnum):
    """How an output is held against the expected one."""

    EXACT = "exact"
    """Byte for byte, as text."""
    TRIMMED = "trimmed"
    """Line by line; white space at the end of lines, empty lines at the end and CR before LF do not count."""
    TOKENS = "tokens"
    """The same words, whatever white space is between them."""
    FLOAT = "float"
    """Tokens; two that are both numbers may differ by the tolerances."""
    UNORDERED = "unordered"
    """The same trimmed lines in any order; for calls, the members of the outermost list in any order."""
    CHECKER = "checker"
    """A program of the caller's decides, in a jail of its own."""


class Compare(msgspec.Struct, frozen=True, kw_only=True):
    """How outputs or results of one suite are compared."""

    mode: CompareMode = CompareMode.TRIMMED
    tolerance: float = 0.0
    """Relative tolerance of numbers, at least 0."""
    abs_tolerance: float = 0.0
    """Absolute tolerance of numbers, at least 0."""
    exact_integers: bool = False
    """Whether two integers have to be the same, whatever the tolerances: they are for what has a fraction."""
    checker: str = ""
    """Python source that defines ``check(input, output, expected)``, for ``checker`` alone."""


class StdioCase(msgspec.Struct, frozen=True, kw_only=True):
    """One run of the whole program."""

    stdin: bytes
    expected: str
    name: str = ""
    """The data set's name of the case, or empty."""
    weight: float = 1.0
    subtask: str = ""
    """Cases of one subtask count only if all of them pass."""


class CallCase(msgspec.Struct, frozen=True, kw_only=True):
    """One call of the entry point."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    """Plain data as :mod:`guerdon.sandbox.jail.values` has it."""
    check: Check
    """What the result has to be."""
    name: str = ""
    weight: float = 1.0
    subtask: str = ""


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """What the result of a call has to be."""

    relation: Literal["equal", "json_equal", "truthy", "falsy", "is", "near", "unordered", "not_equal"]
    """``equal``: Python's ``==`` on plain data; ``json_equal``: as JSON values, where a tuple is a list but True
    is no 1; ``is``: the very constant True, False or None; ``near``: within the tolerances; ``unordered``: the
    same members, counted."""
    expected: Any = None
    """Plain data."""
    also: tuple[Any, ...] = ()
    """Further values that do as well as ``expected``, for ``equal`` and ``json_equal`` alone."""
    wrapper: Literal["", "abs", "round"] = ""
    """Built-in applied to the result before it is compared, as the assert does."""
    wrapper_args: tuple[Any, ...] = ()
    """Further arguments of the wrapper, such as the digits of ``round``."""
    tolerance: float = 0.0
    abs_tolerance: float = 0.0
    symmetric: bool = False
    """Whether ``tolerance`` is relative to the larger of both numbers, as that of ``math.isclose``, and not to the
    expected one."""


class ScriptTests(msgspec.Struct, frozen=True, kw_only=True):
    """Test code that runs in a jail of its own and knows the program by proxies."""

    runner: Literal["script", "check", "unittest", "pytest"]
    """``script``: runs from top to bottom; ``check``: defines ``check(candidate)``, which is called with the entry
    point; ``unittest`` and ``pytest``: a file of tests."""
    source: str
    """The test code."""
    prelude: str = ""
    """Code of the data set (imports, helpers, a stub of the entry point), run before the tests in their jail."""
    module: str = ""
    """Name under which the tests import the program, or empty."""


class Suite(msgspec.Struct, frozen=True, kw_only=True):
    """All tests of one prompt. Exactly one of ``stdio``, ``calls`` and ``script`` is there."""

    kind: str
    """The ground truth's kind, as the caller wrote it: ``stdio``, ``function``, ``assert``, ``unittest``,
    ``pytest``, ``humaneval``, ``mbpp``."""
    language: str
    """Canonical name of the program's language (``python``, ``cpp`` …)."""
    digest: str
    """SHA-256 of everything that decides, in hex: equal suites have equal digests."""
    entry_point: str = ""
    """``f`` or ``Solution.f``; empty for whole programs."""
    stdio: tuple[StdioCase, ...] = ()
    calls: tuple[CallCase, ...] = ()
    script: ScriptTests | None = None
    compare: Compare = Compare()
    limits: Limits = Limits()
    prelude: str = ""
    """Source put in front of a program that defines the entry point: the imports and helpers of its prompt."""
    stub: str = ""
    """Source (the head of the entry point) that a completion without it is a continuation of."""
    files: dict[str, str] = {}
    """Further files beside the program."""
    reference: str = ""
    """A known-right program, or empty."""

    @property
    def count(self) -> int:
        """Number of cases; a script is one."""
        return len(self.stdio) or len(self.calls) or 1


class TruthError(ValueError):
    """A ground truth cannot be used; the message says what is wrong with it and where."""


class NoTests(TruthError):
    """A ground truth is plainly of another kind, such as a mathematical answer."""
