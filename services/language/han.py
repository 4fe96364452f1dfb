"""Chinese or Japanese: they share the Han characters, kana is Japanese alone.

A clause with kana is Japanese, and so are the Han characters in it. One without is told by characters that only
one of the two writes (GB 2312 and Big5 against JIS X 0208); both write short nouns in Han characters alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from guerdon.services.language.tokens import Word

CHINESE, JAPANESE = "zh", "ja"

_IDEOGRAPHS = range(0x4E00, 0xA000)


def _written_with(*codecs: str) -> frozenset[str]:
    """The Han characters of national character sets."""

    def has(char: str, codec: str) -> bool:
        return bool(char.encode(codec, "ignore"))

    return frozenset(char for char in map(chr, _IDEOGRAPHS) if any(has(char, codec) for codec in codecs))


_CHINESE_SET, _JAPANESE_SET = _written_with("gb2312", "big5"), _written_with("shift_jis")
_CHINESE_ONLY = (_CHINESE_SET - _JAPANESE_SET) | frozenset("你您她那哪吧呢吗這")
_JAPANESE_ONLY = (_JAPANESE_SET - _CHINESE_SET) | frozenset("々")
_CHINESE_GRAMMAR = frozenset("的是了在和不我他有也就都要把被很")
_KANA = re.compile("[ぁ-ヿ]")
_KANA_SHARE, _KANA_ALL_ALONG = 0.2, 0.35
_SHORT = 5
_CONTEXT = 10


def is_chinese(runs: Sequence[str]) -> bool:
    """Whether runs of Han characters have none that only Japanese writes."""
    characters = set("".join(runs))
    return characters.isdisjoint(_JAPANESE_ONLY)


def is_japanese(sentence: str) -> bool:
    """Whether a sentence has kana all along and no character that only Chinese writes."""
    kana = len(_KANA.findall(sentence))
    return kana > 2 and kana >= _KANA_ALL_ALONG * len(sentence) and _CHINESE_ONLY.isdisjoint(sentence)


def chinese_or_japanese(words: Sequence[Word], japanese_expected: bool) -> list[str]:
    """The language of each run of Han characters or kana of a sentence.

    Args:
        words: runs of the scripts ``Hani`` and ``Kana``, in order.
        japanese_expected: whether short runs that both languages write count as Japanese.
    """
    clauses: dict[int, list[Word]] = {}
    for word in words:
        clauses.setdefault(word.clause, []).append(word)
    somewhere = any(_count(clause, "Kana") > 1 for clause in clauses.values())
    chinese = not somewhere and any(not _CHINESE_ONLY.isdisjoint(word.text) for word in words)
    expected = japanese_expected and not chinese
    of_clause = {number: _language(clause, somewhere, expected) for number, clause in clauses.items()}
    return [JAPANESE if word.script == "Kana" else of_clause[word.clause] for word in words]


def _language(clause: list[Word], somewhere: bool, japanese_expected: bool) -> str:
    """The language of the Han characters of a clause."""
    kana, han = _count(clause, "Kana"), _count(clause, "Hani")
    if kana and kana >= _KANA_SHARE * (kana + han):
        return JAPANESE
    characters = "".join(part.text for part in clause if part.script == "Hani")
    if not _CHINESE_ONLY.isdisjoint(characters):
        return CHINESE
    if not _JAPANESE_ONLY.isdisjoint(characters):
        return JAPANESE
    if han > 2 and sum(char in _CHINESE_GRAMMAR for char in characters) * 8 >= han:
        return CHINESE
    if japanese_expected:
        return JAPANESE if han <= (_CONTEXT if somewhere else _SHORT) else CHINESE
    return JAPANESE if somewhere and han <= _SHORT else CHINESE


def _count(words: list[Word], script: str) -> int:
    return sum(len(word.text) for word in words if word.script == script)
