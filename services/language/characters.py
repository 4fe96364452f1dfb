"""Undoes disguises of letters, and remembers where every character stood.

Invisible characters inside words, full-width, mathematical and circled letters, and accents written as characters
of their own read the same to a person and differently to a detector. They are undone before anything is measured.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

_INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff\ud800-\udfff"
)
_JOINERS = r"[\u200c\u200d](?<![\u0600-\u06ff\u0750-\u077f\u0900-\u0dff].)"
"""They are part of the spelling of Arabic and Indic scripts and stay there."""
_WIDE = (
    "\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\ufb00-\ufb06\u2100-\u214f\u24b6-\u24e9\U0001d400-\U0001d7ff"
    "\U0001f130-\U0001f149"
)
_ODD = re.compile(
    rf"(?P<gone>[{_INVISIBLE}]++|{_JOINERS})"
    rf"|(?P<wide>[{_WIDE}])"
    r"|(?P<accented>[^\W\d_][\u0300-\u036f]{1,8}+)"
)
_SUSPECT = re.compile(rf"[{_INVISIBLE}\u0300-\u036f{_WIDE}]")
_JOINED = re.compile(_JOINERS)


class Plain(NamedTuple):
    """A text without disguises."""

    text: str
    """What is left."""
    offsets: Sequence[int] | None
    """Where each character, and the end, stands in the original; None where nothing changed."""

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """The half-open range in the original that a range of the text comes from."""
        if self.offsets is None or end <= start:
            return start, end
        return self.offsets[start], self.offsets[end - 1] + 1


def undisguise(text: str) -> Plain:
    """Undo disguises; linear time."""
    if text.isascii() or (_SUSPECT.search(text) is None and _JOINED.search(text) is None):
        return Plain(text, None)
    pieces: list[str] = []
    offsets: list[int] = []
    done = 0
    for odd in _ODD.finditer(text):
        start, end = odd.span()
        plain = "" if odd.lastgroup == "gone" else unicodedata.normalize("NFKC", odd[0])
        pieces += (text[done:start], plain)
        offsets += range(done, start)
        # Every character of the plain form but the last stands for the first of the original.
        offsets += [start] * (len(plain) - 1) + [end - 1] * bool(plain)
        done = end
    pieces.append(text[done:])
    offsets += range(done, len(text) + 1)
    return Plain("".join(pieces), offsets)
