"""Percentiles and medians, exactly."""

import pytest

from guerdon.services.bench.stats import median_of, percentile


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [
        ([7.0], 50, 7.0),
        ([7.0], 99, 7.0),
        ([4.0, 1.0, 3.0, 2.0], 50, 2.0),
        ([4.0, 1.0, 3.0, 2.0], 51, 3.0),
        ([4.0, 1.0, 3.0, 2.0], 25, 1.0),
        ([4.0, 1.0, 3.0, 2.0], 100, 4.0),
        (list(range(1, 101)), 50, 50),
        (list(range(1, 101)), 95, 95),
        (list(range(1, 101)), 99, 99),
        (list(range(1, 102)), 99, 100),
    ],
)
def test_percentiles_are_values_that_occurred(values, percent, expected):
    """The nearest rank: the smallest value that so many per cent of the values do not exceed."""
    assert percentile(values, percent) == expected


@pytest.mark.parametrize(("values", "percent"), [([], 50), ([1.0], 0), ([1.0], 101)])
def test_percentiles_that_do_not_exist(values, percent):
    """No values, or no such share, is an error and not a number."""
    with pytest.raises(ValueError, match="no percentile"):
        percentile(values, percent)


@pytest.mark.parametrize(
    ("things", "expected"), [(["aa"], "aa"), (["a", "ccc", "bb"], "bb"), (["dddd", "a", "ccc", "bb"], "bb")]
)
def test_the_median_is_one_of_the_things(things, expected):
    """The one in the middle by its key, the lower of two."""
    assert median_of(things, len) == expected


def test_no_median_of_nothing():
    """Without things there is none."""
    with pytest.raises(ValueError, match="nothing"):
        median_of([], len)
