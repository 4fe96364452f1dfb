"""The formulas."""

import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guerdon.services.shaping.curves import Ends, cosine, kimi_length, repeated_share, soft_overlong

RIGHT, WRONG = Ends(1.0, 0.5), Ends(-1.0, -0.5)
LENGTHS = st.integers(0, 40_000)


@pytest.mark.parametrize(
    ("length", "right", "score"),
    [(10, True, 0.5), (20, True, 0.0), (30, True, -0.5), (10, False, 0.0), (20, False, 0.0), (25, False, -0.25)],
)
def test_the_shortest_right_completion_gains_most(length: int, right: bool, score: float):
    """Between the ends of the group it is a straight line, cut off at 0 for wrong ones."""
    assert kimi_length(length, 10, 30, right=right) == score


def test_equal_lengths_are_neither_short_nor_long():
    """Nobody gains or loses, right or wrong."""
    assert kimi_length(7, 7, 7, right=True) == kimi_length(7, 7, 7, right=False) == 0.0


@given(st.lists(st.tuples(LENGTHS, st.booleans()), min_size=1))
def test_length_never_makes_wrong_better_than_right(group: list[tuple[int, bool]]):
    """Added to 1 for right and 0 for wrong, every right completion of a group stays above every wrong one."""
    lengths = [length for length, _ in group]
    scores = {True: [math.inf], False: [-math.inf]}
    for length, right in group:
        scores[right].append(right + kimi_length(length, min(lengths), max(lengths), right=right))
    assert min(scores[True]) >= 0.5
    assert max(scores[False]) <= 0.0


@pytest.mark.parametrize(
    ("length", "right", "wrong"), [(0, 1.0, -1.0), (500, 0.75, -0.75), (1000, 0.5, -0.5), (2000, 0.5, -0.5)]
)
def test_the_cosine_goes_from_one_end_to_the_other_and_stays(length: int, right: float, wrong: float):
    """Twice the greatest length is no way back to the score of an empty completion."""
    assert cosine(length, 1000, RIGHT) == pytest.approx(right)
    assert cosine(length, 1000, WRONG) == pytest.approx(wrong)


@given(LENGTHS, LENGTHS, st.integers(1, 40_000))
def test_the_cosine_never_turns(first: int, second: int, max_length: int):
    """Longer never pays more where right, nor less where wrong; right always pays more than wrong."""
    short, long = sorted((first, second))
    assert cosine(short, max_length, RIGHT) >= cosine(long, max_length, RIGHT) - 1e-12
    assert cosine(short, max_length, WRONG) <= cosine(long, max_length, WRONG) + 1e-12
    assert cosine(long, max_length, RIGHT) > 0 > cosine(long, max_length, WRONG)


@given(LENGTHS, st.integers(1, 40_000), st.floats(-10, 10), st.floats(-10, 10))
def test_the_cosine_stays_between_its_ends(length: int, max_length: int, short: float, long: float):
    """To the last digit, as a score out of its range would be no verdict."""
    assert min(short, long) <= cosine(length, max_length, Ends(short, long)) <= max(short, long)


@pytest.mark.parametrize(
    ("length", "score"), [(0, 0.0), (80, 0.0), (85, -0.25), (90, -0.5), (100, -1.0), (101, -1.0), (10**9, -1.0)]
)
def test_the_punishment_of_length_is_soft_and_then_whole(length: int, score: float):
    """The values of the equation with a greatest length of 100 and a cache of 20."""
    assert soft_overlong(length, 100, 20) == score
    assert math.copysign(1.0, soft_overlong(0, 100, 20)) == 1.0


@given(LENGTHS, st.integers(1, 40_000), st.integers(1, 40_000))
def test_the_punishment_of_length_is_that_of_the_equation(length: int, one: int, other: int):
    """Written out in its three cases."""
    cache, max_length = sorted((one, other))
    free = max_length - cache
    expected = 0.0 if length <= free else (free - length) / cache if length <= max_length else -1.0
    assert soft_overlong(length, max_length, cache) == pytest.approx(expected, abs=1e-15)


@pytest.mark.parametrize(
    ("units", "ngram_size", "share"),
    [
        ((), 1, 0.0),
        ((1, 2), 3, 0.0),
        ((1, 2, 3), 3, 0.0),
        ((1, 2, 3, 4), 2, 0.0),
        ((5, 5, 5, 5, 5), 2, 0.75),
        (("a", "b", "a", "b"), 2, 1 / 3),
        ("aaaa", 1, 0.75),
    ],
)
def test_repeated_ngrams_are_shared_out(units: tuple[int, ...], ngram_size: int, share: float):
    """Too few units for an n-gram repeat nothing."""
    assert repeated_share(units, ngram_size) == pytest.approx(share)


@given(st.lists(st.integers(0, 3), max_size=60), st.integers(1, 8))
def test_the_share_is_that_of_the_definition(ids: list[int], ngram_size: int):
    """All n-grams but the first of each kind, over all n-grams."""
    ngrams = Counter(tuple(ids[start : start + ngram_size]) for start in range(len(ids) - ngram_size + 1))
    expected = 1 - len(ngrams) / ngrams.total() if ngrams else 0.0
    assert repeated_share(tuple(ids), ngram_size) == pytest.approx(expected)
