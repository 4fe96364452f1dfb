"""Filler counts no more than it says."""

from hypothesis import given
from hypothesis import strategies as st

from guerdon.services.language.guards import count_words, is_filler
from guerdon.services.language.lexicon import CORE


def test_ordinary_text_counts_in_full():
    """Its vocabulary carries it."""
    assert (
        count_words(
            ["first", "i", "add", "the", "two", "numbers", "and", "then", "i", "divide", "the", "sum", "by", "two"]
        )
        == 1.0
    )


def test_a_short_honest_thought_counts_in_full():
    """Four words, four meanings."""
    assert count_words(["i", "add", "and", "so"]) == 1.0


def test_one_word_over_and_over_counts_for_nearly_nothing():
    """A hundred times the same is as much as once."""
    assert count_words(["word"] * 100) * 100 == count_words(["word"]) == 1.0


def test_a_padded_word_makes_up_a_fifth_at_most():
    """A hundred times 'the' beside twenty words add a few words."""
    words = [f"word{number}" for number in range(20)] + ["the"] * 100
    assert count_words(words) * len(words) <= 25


@given(st.lists(st.sampled_from("abcdefgh"), max_size=60), st.lists(st.sampled_from("abcdefgh"), max_size=10))
def test_more_words_never_count_less(words: list[str], more: list[str]):
    """Whatever is added, what counts does not shrink."""
    both = words + more
    assert count_words(both) * len(both) >= count_words(words) * len(words) - 1e-9


def test_articles_and_pronouns_alone_are_filler():
    """A sentence has other words too."""
    core = CORE["en"]
    assert is_filler(["the", "of", "and", "to", "in", "the", "of", "it"], core)
    assert not is_filler(["the", "sum", "of", "the", "two", "is", "in", "the", "first", "line"], core)
    assert not is_filler(["the", "of"], core)
    assert not is_filler(["the"] * 9, frozenset())
