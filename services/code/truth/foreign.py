"""Tells ground truths of other verifiers, such as a mathematical answer, from tests that are broken."""

from __future__ import annotations

import re

from guerdon.services.contract import GroundTruth

_CODE = re.compile(r"\bassert|^\s*(?:(?:async +)?def|class|import|from|check)\b|```", re.MULTILINE)
_QUOTES = frozenset("\"'")
_MAX_ANSWER_CHARS = 20_000


def is_foreign(truth: GroundTruth) -> bool:
    """Whether a ground truth is plainly no attempt at tests: a number, or texts without code and without JSON.

    Objects never are: one that is of no known form may be a misspelt one.
    """
    if truth.form == "value":
        return (
            _is_answer(truth.data) if isinstance(truth.data, str) else isinstance(truth.data, bool | int | float)
        )
    return truth.form != "tests" and all(map(_is_answer, truth.texts))


def _is_answer(text: str) -> bool:
    """Whether a text says something, but nothing of tests; JSON of tests has names, and so quotation marks."""
    if len(text) > _MAX_ANSWER_CHARS or not any(map(str.isalnum, text)):
        return False
    if text.lstrip()[:1] in ("{", "["):
        return _QUOTES.isdisjoint(text)
    return not _CODE.search(text)
