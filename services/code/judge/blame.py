"""Whose fault it is that a checker gives no answer for an output: the output's, or the checker's own."""

from __future__ import annotations

from collections.abc import Iterable

EXAMPLES = ("0\n", "", "1 2\n", "YES\n", "1 2 3\n", "3\n1 2 3\n", "[]\n", "1\n" * 100)
"""Outputs of many forms. A checker that works can say something of one of them, if only no."""
_OF_READING = frozenset(
    {"ValueError", "JSONDecodeError", "IndexError", "StopIteration", "EOFError", "AssertionError"}
)
"""What Python raises where a text is not what was expected."""
_OF_CONTENT = frozenset({"KeyError", "ZeroDivisionError", "OverflowError", "RecursionError", "SyntaxError"})
"""What it raises where a text can be read and still is none that was expected."""


def is_of_output(failure: str, others: Iterable[str]) -> bool:
    """Whether a checker failed because it could not read an output.

    Names that are not there and types that do not go together are the checker's own mistakes, and so is whatever
    it says of every output in the same words. Where an output can be read, but lacks something, the expected one
    must have been none that can be read.

    Args:
        failure: its last word on the output, as ``ValueError: not enough values to unpack (expected 2, got 1)``.
        others: its last words on other outputs, the expected one first, on all of which it failed as well.
    """
    words = list(others)
    if _kind(failure) in _OF_READING:
        return any(other != failure for other in words)
    unread = _kind(words[0]) in _OF_READING | _OF_CONTENT if words else False
    return _kind(failure) in _OF_CONTENT and unread and words[0] != failure


def _kind(failure: str) -> str:
    return failure.partition(":")[0].rpartition(".")[2].strip()
