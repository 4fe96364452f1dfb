r"""Puts back prose that hides in what was taken for code, formulas, keys or markup.

A wrapper is easily written round any words: lines of code, ``\texttt``, tags, keys. Real ones hold few
ordinary words, so a line of which the hidden words read like a sentence gets them back.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from guerdon.services.language.lexicon import COMMON
from guerdon.services.language.terms import TERMS

_WORD = re.compile(r"[^\W\d_]{2,}+")
_NO_WORD = frozenset("\\_0123456789")
"""Signs before what is no word but a command or the rest of an identifier."""
_JOINED = re.compile(r"(?<![^\W_])[^\W\d_]++(?:_[^\W\d_]++){5,}+")
_STATEMENT = re.compile(r"[^\\$<`]*[)\]}'\";:][^\\$<`\w]*")
_SIDE_BY_SIDE = re.compile(r"[^\W\d_]{2,} [^\W\d_]{2,} [^\W\d_]{2,}")
_FLIP = ord(" ")
_OTHER = ord("?") ^ _FLIP
"""What is left of a letter that is not in Latin-1."""
_LETTERS = bytes(
    ord(chr(left ^ _FLIP).lower()) if chr(left ^ _FLIP).isalpha() or left in (_OTHER, ord("\\") ^ _FLIP) else _FLIP
    for left in range(256)
)
"""Undoes the flip, in lower case; a command keeps its backslash, what is no letter becomes a space."""
_LEAST, _LEAST_COMMON = 4, 3
"""Words that are no terms, and different common words among them, from which on hidden words are a sentence."""
_LEAST_CHARACTERS = 2 * _LEAST
_TELLING = frozenset(word for word in COMMON if len(word) > 1) - TERMS


def put_back(text: str, stripped: str) -> str:
    """The stripped text with the words of hidden sentences again; both are of one length; linear time."""
    if "_" in stripped:
        stripped = _JOINED.sub(_separated, stripped)
    if stripped == text or not _hides_words(text, stripped):
        return stripped
    pieces: list[str] = []
    done = start = 0
    for line in text.split("\n"):
        left = stripped[start : start + len(line)]
        if line != left and left.count(" ") - line.count(" ") >= _LEAST_CHARACTERS:
            words = [
                word
                for word in _WORD.finditer(line)
                if left[word.start()] == " " and line[word.start() - 1 : word.start()] not in _NO_WORD
            ]
            if len(words) >= _LEAST and _is_sentence([word[0] for word in words]) and not _computes(line):
                for word in words:
                    pieces += (stripped[done : start + word.start()], word[0])
                    done = start + word.end()
        start += len(line) + 1
    return "".join([*pieces, stripped[done:]]) if pieces else stripped


def _hides_words(text: str, stripped: str) -> bool:
    """Whether enough words for a sentence are hidden at all; fast, for the answer is nearly always no."""
    # Where a space took the place of a character, exclusive or leaves that character flipped, elsewhere zero.
    one = int.from_bytes(text.encode("latin-1", "replace"), "big")
    other = int.from_bytes(stripped.encode("latin-1", "replace"), "big")
    hidden = (one ^ other).to_bytes(len(text), "big").translate(_LETTERS).decode("latin-1")
    words = hidden.replace("\\ ", " ").split()
    if len(words) < _LEAST:
        return False
    return "??" in hidden or len(_TELLING.intersection(words)) >= _LEAST_COMMON


def _computes(line: str) -> bool:
    """Whether a line is a statement of a program that uses ordinary words as names."""
    return _STATEMENT.fullmatch(line) is not None and _SIDE_BY_SIDE.search(line) is None


def _is_sentence(words: Sequence[str]) -> bool:
    """Whether half of the words, and three different ones, are common in some language; terms do not count."""
    lows = [low for low in map(str.lower, words) if low not in TERMS]
    common = [low for low in lows if low in COMMON]
    return len(lows) >= _LEAST and len(common) * 2 >= len(lows) and len(set(common)) >= _LEAST_COMMON


def _separated(match: re.Match[str]) -> str:
    """A sentence whose words are joined as those of an identifier, without the joints."""
    return match[0].replace("_", " ") if _is_sentence(match[0].split("_")) else match[0]
