"""How components become a total."""

import pytest
from calls import request

from guerdon.services.contract import Status

ECHO, RANK = {"name": "echo"}, {"name": "rank"}


async def total(gateway, completion, rewards, **fields):
    """Status and total of one item."""
    items = [{"completion": completion, "ground_truth": "1"}]
    result = (await gateway.score(request(rewards=rewards, items=items, **fields))).results[0]
    return result.status, result.total


async def test_weighted_sum(gateway):
    """The default: the sum of weight times score, negative weights included."""
    rewards = [{"name": "echo", "weight": 2.0}, {"name": "truth", "weight": -0.5}]
    assert await total(gateway, "1", rewards) == (Status.OK, 1.5)


async def test_weighted_mean_divides_by_all_weights(gateway):
    """A missing optional component still weighs: nothing is renormalised silently."""
    rewards = ["echo", {"name": "unstartable", "weight": 3.0, "required": False}]
    assert await total(gateway, "1", rewards, aggregation="weighted_mean") == (Status.PARTIAL, 0.25)


@pytest.mark.parametrize(("completion", "expected"), [("1", 2.0), ("0.5", 0.0)])
async def test_gated_sum_is_zero_unless_gates_are_at_their_best(gateway, completion, expected):
    """A gate that is not at its best score makes the total 0."""
    rewards = [{"name": "echo", "gate": True}, {"name": "truth", "weight": 1.0}]
    status, value = await total(gateway, completion, rewards, aggregation="gated_sum")
    assert (status, value) == (Status.OK, expected)


async def test_a_gate_without_verdict_gives_no_total(gateway):
    """A gate that could not be judged is neither open nor shut."""
    rewards = ["echo", {"name": "unstartable", "gate": True}]
    assert await total(gateway, "1", rewards, aggregation="gated_sum") == (Status.UNAVAILABLE, None)


async def test_invalid_outranks_what_could_be_retried(gateway):
    """An item with a fault no retry can mend is called invalid, so that nobody retries it."""
    rewards = ["echo", "unstartable", {"name": "rank"}]
    assert await total(gateway, "1", rewards) == (Status.INVALID, None)


async def test_an_item_with_only_missing_optional_components_has_no_total(gateway):
    """Without one verdict there is no sum, not even 0."""
    items = [{"completion": "1"}, {"completion": "1", "rewards": [{"name": "echo"}]}]
    rewards = [{"name": "unstartable", "required": False}]
    result = (await gateway.score(request(rewards=rewards, items=items))).results[0]
    assert (result.status, result.total) == (Status.UNAVAILABLE, None)
