"""The census: sizes of groups, and which of them may lack a row."""

from __future__ import annotations

import pytest
from row_scorer import rows

from guerdon.services.cli.census import Census
from guerdon.services.cli.rows import BadRow


def census_of(groups: str) -> Census:
    """The census of rows of these groups; ``?`` is a line that cannot be read, ``-`` a row without a group."""
    census = Census()
    for line, (row, group) in enumerate(zip(rows(*groups), groups, strict=True)):
        if group == "?":
            census.add(BadRow(line, None, "odd"), "")
        else:
            census.add(row, group.replace("-", ""))
    return census


def test_sizes():
    """Every row that is compared counts for its group."""
    assert census_of("ab-a?a").sizes == {"a": 3, "b": 1}


@pytest.mark.parametrize(
    ("groups", "faulty"),
    [
        ("aabb", ""),
        ("a?abb", "a"),
        ("aa?bb", "ab"),
        ("?aabb", "a"),
        ("aabb?", "b"),
        ("aab??-b", "b"),
        ("aa-?-bb", ""),
        ("abc?abc", "abc"),
    ],
)
def test_a_line_that_cannot_be_read_costs_what_it_may_belong_to(groups, faulty):
    """Those are the groups that it stands in or next to."""
    census = census_of(groups)
    assert "".join(group for group in sorted(census.sizes) if census.fault(group)) == faulty


def test_a_bad_row_costs_the_group_that_it_names():
    """However far away it stands."""
    census = census_of("aab--")
    census.add(BadRow(7, "answer", "odd", "a"), "")
    assert (census.fault("a"), census.fault("b")) == ("line 7 (answer): odd", "")
