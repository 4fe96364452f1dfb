"""How much time second runs get."""

from guerdon.sandbox.engine.reruns import RerunBudget


def test_reruns_end_when_their_share_is_spent_and_return_with_time() -> None:
    """After long reruns there is none until the share of the time since has paid for them."""
    budget = RerunBudget(0.1, now=0.0)
    assert budget.grant(1.0, now=0.0)
    budget.settle(1.0)
    budget.spend(15.0)
    assert not budget.grant(1.0, now=49.0)
    assert budget.grant(1.0, now=51.0)


def test_reruns_that_wait_count_before_they_run() -> None:
    """Promises are kept within the budget too."""
    budget = RerunBudget(0.1, now=0.0)
    assert budget.grant(10.0, now=0.0)
    assert not budget.grant(10.0, now=0.0)
    budget.settle(10.0)
    assert budget.grant(10.0, now=0.0)


def test_no_share_means_no_reruns() -> None:
    """A share of 0 switches them off."""
    assert not RerunBudget(0.0, now=0.0).grant(0.1, now=1e6)
