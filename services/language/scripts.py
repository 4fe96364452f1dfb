"""Writing systems: cuts a text into words, a run of one script each, and says how many words a run is worth.

Scripts go by their ISO 15924 codes. Most put spaces between words; Han, kana, Thai, Lao, Khmer, Burmese and
Tibetan do not, so their characters are counted and divided by what a word takes on average
(``CHARACTERS_PER_WORD``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache

SKIP, CLAUSE, QUOTE = "skip", "clause", "quote"
"""Kinds of token that are no word: numbers and identifiers; a border inside a sentence; a quotation mark."""

CHARACTERS_PER_WORD: Mapping[str, float] = {
    "Hani": 1.7,
    "Kana": 1.7,
    "Thai": 4.6,
    "Laoo": 4.6,
    "Khmr": 5.0,
    "Mymr": 5.0,
    "Tibt": 4.0,
}
"""Characters that make a word where nothing separates words: Han and kana as in the design of the reward, Thai so
that a problem of MGSM has about as many words as in languages with spaces."""

_LATIN = "A-Za-zªºÀ-ÖØ-öø-ʯḀ-ỿⱠ-ⱿꜢ-ꞿ"
_APOSTROPHE = "'’ʼ‘"
_CYRILLIC = "Ѐ-ҁҊ-ԯᲀ-ᲈ\ua640-\ua69f"
_ARABIC = (
    "\u0610-\u061a\u0620-\u065f\u066e-\u06d3\u06d5-\u06ef\u06fa-\u06ff\u0750-\u077f\u08a0-\u08ff"
    "\ufb50-\ufdfb\ufe70-\ufefc"
)
_HAN = "\u3005\u3006\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_BLOCKS: Mapping[str, str] = {
    "Kana": "ぁ-ゖゝ-ゟァ-ヺー-ヿㇰ-ㇿｦ-ﾟ",
    "Hani": _HAN,
    "Hang": "\u1100-\u11ff\u3131-\u318e\uac00-\ud7ff",
    "Deva": "\u0900-\u0963\u0970-\u097f\u200c\u200d",
    "Grek": "Ͱ-ͳͶ-ͽͿΆΈ-Ͽἀ-\u1fff",
    "Hebr": "\u0591-\u05bd\u05bf\u05c1-\u05f4",
    "Thai": "\u0e01-\u0e3a\u0e40-\u0e4e",
    "Beng": "\u0980-\u09e5\u09f0-\u09ff\u200c\u200d",
    "Guru": "\u0a01-\u0a65\u0a70-\u0a7f",
    "Gujr": "\u0a81-\u0ae5\u0af0-\u0aff",
    "Orya": "\u0b01-\u0b65\u0b70-\u0b7f",
    "Taml": "\u0b82-\u0be5",
    "Telu": "\u0c00-\u0c65\u0c80\u200c\u200d",
    "Knda": "\u0c81-\u0ce5\u200c\u200d",
    "Mlym": "\u0d00-\u0d65\u0d7a-\u0d7f\u200c\u200d",
    "Sinh": "\u0d81-\u0de5\u200d",
    "Laoo": "\u0e81-\u0ecd\u0edc-\u0edf",
    "Tibt": "\u0f00-\u0f07\u0f0b\u0f40-\u0fbc",
    "Mymr": "\u1000-\u103f\u104c-\u108f\u109a-\u109f",
    "Geor": "\u10a0-\u10fa\u10fc-\u10ff\u1c90-\u1cbf\u2d00-\u2d2d",
    "Ethi": "\u1200-\u1360\u1380-\u1399\u2d80-\u2ddf",
    "Khmr": "\u1780-\u17d3\u17d7\u17dc\u17dd",
    "Armn": "Ա-Ֆՙա-և",
    "Thaa": "\u0780-\u07b1",
    "Syrc": "\u0710-\u074f",
    "Cher": "\u13a0-\u13fd",
    "Mong": "\u1820-\u18aa",
}
# Patterns begin with a set, not with a repetition: the engine then skips to the next candidate by itself.
_FULL_STOPS = r"。！？｡।॥۔؟…؛\n\u2028\u2029\x00"
END = re.compile(rf"[{_FULL_STOPS}.!?;։።](?:(?<=[{_FULL_STOPS}])|(?=[.!?;\s\"'”’»)\]*_]|$))")
"""Finds the ends of sentences."""

_QUOTATION = '「」『』“”„"«»《》〈〉'
QUOTES = re.compile(f"[{_QUOTATION}]")
"""Finds quotation marks."""

_IDENTIFIER = r"[0-9_][A-Za-z0-9_]*+(?:[.,][0-9]++)*+|[A-Za-z][A-Za-z]*+[0-9_][A-Za-z0-9_]*+|\d"
_SPACED: Mapping[str, str] = {
    "Latn": (
        rf"[{_LATIN}][{_LATIN}]*+(?:(?=[{_APOSTROPHE}\u0300-\u036f])"
        rf"[\u0300-\u036f]*+(?:[{_APOSTROPHE}]?[{_LATIN}\u0300-\u036f]++)*+)?+"
    ),
    "Cyrl": rf"[{_CYRILLIC}][{_CYRILLIC}]*+(?:[{_APOSTROPHE}\u0300-\u036f][{_CYRILLIC}]++)*+",
    "Arab": rf"[{_ARABIC}](?:[{_ARABIC}\u200c\u200d])*+",
}
_WORDS: Mapping[str, str] = {**_SPACED, **{script: f"[{chars}][{chars}]*+" for script, chars in _BLOCKS.items()}}
_LETTERS: Mapping[str, str] = {"Latn": _LATIN, "Cyrl": _CYRILLIC, "Arab": _ARABIC, **_BLOCKS}

TOKEN = re.compile(
    "|".join(
        [
            f"(?P<{SKIP}>{_IDENTIFIER})",
            *(f"(?P<{script}>{pattern})" for script, pattern in _WORDS.items()),
            rf"(?P<{CLAUSE}>[,:،、，：；()\[\]（）—–|])",
            rf"(?P<{QUOTE}>[{_QUOTATION}])",
        ]
    )
)
"""Finds the tokens of a sentence: words of a script (``lastgroup`` is its code), ``skip``, ``clause`` and
``quote``."""

SCRIPTS = frozenset(_WORDS)
"""All scripts that are told apart."""


@lru_cache(maxsize=4096)
def script_of(letter: str) -> str:
    """The script of a letter.

    Raises:
        ValueError: it is a letter of none that is known.
    """
    token = TOKEN.match(letter)
    if token is None or token.lastgroup not in SCRIPTS:
        raise ValueError(f"{letter!r} is a letter of no script that is told apart")
    return str(token.lastgroup)


@cache
def native_words(script: str) -> re.Pattern[str]:
    """Finds words of one script as group 1, and numbers and identifiers as matches without it."""
    return re.compile(f"{_IDENTIFIER}|({_WORDS[script]})")


@cache
def alien_letters(scripts: tuple[str, ...]) -> re.Pattern[str]:
    """Finds a letter of any script but the given ones."""
    return re.compile(f"[{''.join(letters for script, letters in _LETTERS.items() if script not in scripts)}]")


@cache
def native_letters(scripts: tuple[str, ...]) -> re.Pattern[str]:
    """Finds a letter of the given scripts."""
    return re.compile(f"[{''.join(_LETTERS[script] for script in scripts)}]")


CASED_NEIGHBOURS = frozenset({"Latn", "Cyrl", "Grek"})
"""Scripts with look-alike letters: two of them in one word are a disguise."""

LONG_WORD = 32
"""Letters from which on a word of a script with spaces is counted as several: nobody writes such words."""
LETTERS_PER_WORD = 6


def words_in(script: str, run: str) -> float:
    """How many words a run of one script is worth."""
    per_word = CHARACTERS_PER_WORD.get(script)
    if per_word is not None:
        return len(run) / per_word
    return 1.0 if len(run) < LONG_WORD else len(run) / LETTERS_PER_WORD
