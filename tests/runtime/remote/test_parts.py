"""Items are cut into parts, and verdicts put together again."""

import pytest
import toys

from guerdon.services.contract import Item, RewardInfo, Verdict
from guerdon.services.runtime.remote.parts import halves_of, parts_of, rejoin

REWARDS = {reward.name: reward for kind in toys.QUICK for reward in kind.rewards} | {
    "any": RewardInfo(name="any", description="Any.")
}


def item(size: int, reward: str = "any", group: str = "") -> Item:
    """An item whose text is so long."""
    return Item(
        id="x", reward=reward, completion="x" * (size // 2), prompt="y" * (size - size // 2), group_id=group
    )


@pytest.mark.parametrize(
    ("items", "parts"),
    [
        ([], [[]]),
        ([item(5)], [[0]]),
        ([item(50)], [[0]]),
        ([item(5), item(5), item(1)], [[0, 1], [2]]),
        ([item(50), item(50)], [[0], [1]]),
        ([item(5, group="a"), item(5, group="a"), item(5, group="a")], [[0, 1], [2]]),
        ([item(5, "rank", "a"), item(5, "rank", "b"), item(5, "rank", "a")], [[0, 2], [1]]),
        ([item(9, "rank", "a"), item(9, "rank", "a"), item(1, "rank", "b")], [[0, 1], [2]]),
        ([item(9, "rank"), item(9, "rank")], [[0, 1]]),
    ],
)
def test_parts_are_moderate_and_keep_groups_whole(items: list[Item], parts: list[list[int]]) -> None:
    """Only rewards that compare a group need it whole, wherever its members stand."""
    assert parts_of(items, REWARDS, 10) == parts


@pytest.mark.parametrize(
    ("items", "halves"),
    [
        ([item(1)], [[0]]),
        ([item(1), item(1), item(1)], [[0], [1, 2]]),
        ([item(1, "rank", "a"), item(1, "rank", "b"), item(1, "rank", "a")], [[0, 2], [1]]),
        ([item(1, "rank", "a"), item(1, "rank", "a")], [[0, 1]]),
    ],
)
def test_halves_keep_groups_whole(items: list[Item], halves: list[list[int]]) -> None:
    """What belongs together is one half."""
    assert halves_of(items, REWARDS) == halves


def test_verdicts_come_back_in_the_order_of_the_items() -> None:
    """However the parts were made."""
    verdicts = [Verdict.ok(0.0, "r", str(number)) for number in range(4)]
    assert rejoin([[0, 2], [1, 3]], [[verdicts[0], verdicts[2]], [verdicts[1], verdicts[3]]]) == verdicts
