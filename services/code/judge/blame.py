"""Whose fault it is that a checker gives no answer for an output: the output's, or the checker's own."""

from __future__ import annotations

from collections.abc import Iterable

EXAMPLES = ("0\n", "", "1 2\n", "YES\n", "1 2 3\n", "3\n1 2 3\n", "[]\n", "1\n" * 100)
"""Outputs of many forms. A checker that works can say something of one of them, if only no."""
_OF_READING = frozenset(
    {"ValueError", "JSONDecodeError", "IndexError", "StopIteration", "EOFError", "AssertionError"}
)
"""What Python raises where a text is not what was expected."""


def is_of_output(failure: str, others: Iterable[str]) -> bool:
    """Whether a checker failed because it could not read an output.

    Names that are not there and types that do not go together are the checker's own mistakes, and so is whatever
    it says of every output in the same words.

    Args:
        failure: its last word on the output, as ``ValueError: not enough values to unpack (expected 2, got 1)``.
        others: its last words on other outputs, on all of which it failed as well.
    """
    kind = failure.partition(":")[0].rpartition(".")[2].strip()
    return kind in _OF_READING and any(other != failure for other in others)
