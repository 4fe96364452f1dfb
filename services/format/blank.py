"""What counts as nothing: text without a single character that a reader would see.

Whitespace is not enough of a test. A policy that is paid for a non-empty think block learns to fill it with
zero-width spaces, Hangul fillers or control characters just as well.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

INVISIBLE = frozenset("\u115f\u1160\u3164\uffa0\u2800\U00013441\U00013442\U0001d159")
"""Characters that Unicode files under letters and symbols but that print nothing: the Hangul fillers, the braille
pattern without dots, the blank hieroglyphs, the musical null note head."""


@lru_cache(maxsize=4096)
def is_visible(char: str) -> bool:
    """Whether a character shows something on its own: a letter, number, punctuation mark or symbol.

    Not visible are separators, controls, format characters (zero width, soft hyphen, bidi, byte order mark, tag
    characters), surrogates, code points without a common meaning, and combining marks with nothing to stand on.
    """
    category = unicodedata.category(char)
    return (category[0] in "LNPS" or category == "Mc") and char not in INVISIBLE


def is_blank(text: str) -> bool:
    """Whether a text has no visible character; linear time."""
    rest = text.strip()
    if not rest:
        return True
    # The first character decides nearly always; the set keeps a megabyte of one invisible character cheap.
    return not is_visible(rest[0]) and not any(map(is_visible, set(rest)))
