"""Cuts texts into sentences and counts their words, for the rivals and for the truth alike.

Nothing of Guerdon's is used. A word is what stands between spaces and has a letter in it. A Han character or a
kana is worth 1/1.7 of a word and a Thai letter or vowel 1/4.5, which is the rule that the labelled cases were
counted by.
"""

from __future__ import annotations

import re

UNSPACED = (
    (re.compile(r"[\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"), 1 / 1.7),
    (re.compile(r"[\u0e01-\u0e3a\u0e40-\u0e4e]"), 1 / 4.5),
)
"""Characters of writing without spaces, and how many words each is worth."""
_WORD = re.compile(r"\S*[^\W\d_]\S*")
_END = re.compile(r"(?<=[.!?؟।…])\s+|(?<=[。！？])|\s*\n\s*")
_NEUTRAL = re.compile(
    r"```.*?(?:```|\Z)|`[^`\n]*`|\$\$.*?\$\$|\\\[.*?\\\]|\\\(.*?\\\)|\$[^$\n]*\$|\[asy\].*?\[/asy\]|https?://\S+",
    re.DOTALL,
)


def words(text: str) -> float:
    """How many words a text has, at least 0."""
    count = 0.0
    for characters, weight in UNSPACED:
        text, found = characters.subn(" ", text)
        count += found * weight
    return count + len(_WORD.findall(text))


def sentences(text: str) -> list[str]:
    """The sentences and lines of a text that are not blank."""
    return [sentence for sentence in _END.split(text) if sentence.strip()]


def stripped(text: str) -> str:
    """The text without code, formulas between their usual marks, and addresses."""
    return _NEUTRAL.sub(" ", text)
