"""Agreement of verdicts with labels."""

from __future__ import annotations

from guerdon.services.cli.agreement import Agreement


def test_rows_without_a_verdict_count_as_neither():
    """The share is taken of the judged rows; null verdicts stand apart."""
    agreement = Agreement(0.5)
    for label, score in [(True, 1.0), (True, 0.0), (False, 0.0), (False, 0.0), (True, None), (None, 1.0)]:
        agreement.add(label, score)
    assert (agreement.labelled, agreement.judged, agreement.agreed, agreement.unlabelled) == (5, 4, 3, 1)
    assert agreement.share == 0.75
    assert agreement.count(True, None) == 1


def test_a_missing_verdict_differs_from_a_label():
    """A row whose verdict is missing is listed among the differences, an unlabelled one is not."""
    agreement = Agreement(0.5)
    outcomes = [agreement.add(*row) for row in [(True, None), (True, 1.0), (False, 1.0), (None, None)]]
    assert outcomes == [True, False, True, False]


def test_the_threshold_decides_what_is_right():
    """A score of the threshold counts as right."""
    agreement = Agreement(0.8)
    assert not agreement.add(True, 0.8)
    assert agreement.add(True, 0.79)


def test_no_share_of_nothing():
    """Without a judged row there is no share, rather than a zero."""
    assert Agreement(0.5).share is None
