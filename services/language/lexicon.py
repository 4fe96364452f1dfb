"""Which languages a word is common in."""

from __future__ import annotations

from collections.abc import Mapping

from guerdon.services.language.words_latin import LATIN
from guerdon.services.language.words_other import OTHERS

_SAME_WORDS: Mapping[str, str] = {
    "hr": "bs sh sr", "no": "nn", "id": "ms", "sr": "sh", "ar": "arz", "zh": "yue wuu",
}  # fmt: skip
"""Languages that share the list of another."""
_CORE_WORDS = 30


def _by_word() -> dict[str, frozenset[str]]:
    languages: dict[str, set[str]] = {}
    for lists in (LATIN, OTHERS):
        for code, words in lists.items():
            for word in words.split():
                languages.setdefault(word, set()).update((code, *_SAME_WORDS.get(code, "").split()))
    return {word: frozenset(codes) for word, codes in languages.items()}


COMMON: Mapping[str, frozenset[str]] = _by_word()
"""The languages in which a word, in lower case with straight apostrophes, is common."""

LISTED: frozenset[str] = frozenset().union(*COMMON.values())
"""Languages with a list of common words."""

_MANY_WORDS = 100
RICH: frozenset[str] = frozenset(
    code for code, words in {**LATIN, **OTHERS}.items() if len(words.split()) >= _MANY_WORDS
)
"""Languages whose lists are long, so that it tells something when a common word is not in them."""

CORE: Mapping[str, frozenset[str]] = {
    code: frozenset(words.split()[:_CORE_WORDS]) for code, words in {**LATIN, **OTHERS}.items()
}
"""The first words of each list: articles, prepositions, pronouns, of which alone no sentence can be made."""
