"""Sentences and words, and how much words count."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guerdon.services.language.scripts import SCRIPTS, alien_letters, native_words, script_of, words_in
from guerdon.services.language.tokens import MIXED, sentences_of, words_of


def tokens(text: str) -> list[tuple[str, str]]:
    """Scripts and words of a text."""
    return [(word.script, word.text) for word in words_of(text, 0, len(text))[0]]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("One. Two! Three?", 3),
        ("3.5 is a number", 1),
        ("一。二！三", 3),
        ("a\nb\n\nc", 3),
        ("यह। वह", 2),
        ("e", 1),
        ("", 0),
    ],
)
def test_sentences_end_where_they_end(text: str, count: int):
    """A point inside a number is none."""
    assert len(list(sentences_of(text))) == count


@given(st.text(max_size=300) | st.just("word " * 400))
def test_sentences_are_in_order_and_do_not_overlap(text: str):
    """And none is longer than its limit."""
    spans = list(sentences_of(text))
    assert all(0 <= start < end <= len(text) and end - start <= 480 for start, end in spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))


def test_words_are_cut_by_script():
    """Scripts without spaces end a word without one."""
    assert tokens("Pythonで数を計算する") == [
        ("Latn", "Python"), ("Kana", "で"), ("Hani", "数"), ("Kana", "を"), ("Hani", "計算"), ("Kana", "する"),
    ]  # fmt: skip


def test_identifiers_and_numbers_are_no_words():
    """They are counted apart."""
    words, skipped = words_of("x1 = my_sum + 3.5 H2O done", 0, 26)
    assert [word.text for word in words] == ["done"]
    assert skipped == 4


def test_letters_of_two_alphabets_in_a_word_are_a_disguise():
    """Cyrillic letters in a Latin word make it neither."""
    assert tokens("\u0430nswer") == [(MIXED, "\u0430nswer")]


def test_quotations_are_numbered():
    """German and English marks open and close them."""
    words, _ = words_of("a „b c“ d “e” f", 0, 15)
    assert [(word.text, bool(word.quote)) for word in words] == [
        ("a", False), ("b", True), ("c", True), ("d", False), ("e", True), ("f", False),
    ]  # fmt: skip


@pytest.mark.parametrize("script", sorted(SCRIPTS))
def test_every_script_finds_its_letters(script: str):
    """A pattern of its own exists for it."""
    assert native_words(script).groups == 1


@pytest.mark.parametrize(
    ("letter", "script"),
    [("a", "Latn"), ("ß", "Latn"), ("я", "Cyrl"), ("λ", "Grek"), ("数", "Hani"), ("か", "Kana"), ("カ", "Kana"),
     ("한", "Hang"), ("ع", "Arab"), ("क", "Deva"), ("ש", "Hebr"), ("ก", "Thai"), ("ক", "Beng"), ("ா", "Taml")],
)  # fmt: skip
def test_a_letter_has_its_script(letter: str, script: str):
    """By its block."""
    assert script_of(letter) == script


def test_every_letter_that_is_looked_for_has_a_script():
    """Whichever character Unicode has, digits among the letters included."""
    searched = {(script,): alien_letters((script,)) for script in ("Latn", "Hani")}
    for char in map(chr, [*range(0xD800), *range(0xE000, 0x30000)]):
        if any(letters.match(char) for letters in searched.values()):
            assert script_of(char) in SCRIPTS


def test_characters_without_spaces_make_words():
    """Seventeen Han characters or kana are ten words; a word of many letters is several."""
    assert words_in("Hani", "数" * 17) == pytest.approx(10.0)
    assert words_in("Kana", "か" * 17) == pytest.approx(10.0)
    assert words_in("Latn", "word") == 1.0
    assert words_in("Latn", "x" * 60) == 10.0
