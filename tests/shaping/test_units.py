"""What a completion is counted in."""

import pytest

from guerdon.services.contract import Item
from guerdon.services.shaping.units import length_of, units_of, words_of


def item(completion: str, *ids: int) -> Item:
    """An item as a reward reads it."""
    return Item(id="0", reward="repetition", completion=completion, completion_ids=ids)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        (" \n\t", []),
        ("two words", ["two", "words"]),
        ("a\u00a0b\u3000c\nd", ["a", "b", "c", "d"]),
        ("x = 1, y", ["x", "=", "1,", "y"]),
        ("Größe zählt", ["Größe", "zählt"]),
        ("Слова через пробел", ["Слова", "через", "пробел"]),
        ("四十二", ["四", "十", "二"]),
        ("答案是 42。", ["答", "案", "是", "42", "。"]),
        ("カタカナ", ["カ", "タ", "カ", "ナ"]),
        ("สอง", ["ส", "อ", "ง"]),
        ("다섯 단어", ["다섯", "단어"]),
        ("re\u200bpeat\u00ad re\u2060peat \ufeff", ["repeat", "repeat"]),
        ("re\x01peat re\x7fpeat re\x9fpeat", ["repeat"] * 3),
        ("re\ufe00peat re\ufe0fpeat re\U000e0100peat", ["repeat"] * 3),
        ("re\U000e0041peat re\u3164peat re\u034fpeat", ["repeat"] * 3),
        ("a\x0bb\x1cc\x85d\u2028e", ["a", "b", "c", "d", "e"]),
    ],
)
def test_words_are_parted_by_whitespace_or_are_characters(text: str, words: list[str]):
    """Scripts without spaces count by characters, and what shows nothing is no part of a word."""
    assert list(words_of(text)) == words


def test_each_unit_counts_its_own():
    """Token ids are the caller's, characters are code points."""
    told = item("ab cd😀", 5, 6, 7, 8)
    assert [length_of(told, unit) for unit in ("tokens", "characters", "words")] == [4, 6, 2]
    assert units_of(told, "tokens") == (5, 6, 7, 8)


def test_tokens_are_never_guessed():
    """Without ids nothing is known of a text; an empty one has none either way."""
    assert units_of(item("text"), "tokens") is None
    assert length_of(item("text"), "tokens") is None
    assert length_of(item(""), "tokens") == 0
    assert length_of(item("", 2), "tokens") == 1
