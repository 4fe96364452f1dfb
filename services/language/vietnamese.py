"""Vietnamese typed without accents: the detector does not know it, but its syllables tell."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from guerdon.services.language.words_latin import LATIN

_SYLLABLE = re.compile(
    r"(?:ngh|ng|nh|ph|th|tr|ch|kh|gh|gi|qu|[bcdghklmnprstvx])?(?:uye|uya|uoi|uou|ieu|yeu|oai|oay|uay|[aeiouy]{1,2})"
    r"(?:ng|nh|ch|[cmnpt])?"
)
_LEAST_WORDS = 4
_SYLLABLES, _COMMON_SHARE = 0.9, 0.35


def _plain(word: str) -> str:
    bare = unicodedata.normalize("NFD", word.replace("đ", "d"))
    return "".join(char for char in bare if not unicodedata.combining(char))


_COMMON = frozenset(map(_plain, LATIN["vi"].split()))


def is_unaccented(words: Sequence[str]) -> bool:
    """Whether words in lower case are Vietnamese without its accents."""
    if len(words) < _LEAST_WORDS or not all(word.isascii() for word in words):
        return False
    fitting = sum(_SYLLABLE.fullmatch(word) is not None for word in words)
    return fitting >= _SYLLABLES * len(words) and sum(word in _COMMON for word in words) >= _COMMON_SHARE * len(
        words
    )
