"""Rewards that look at whole groups, and rewards that build on another's verdict."""

import pytest
from calls import component, request, scores

from guerdon.services.contract import Status

GROUPS = [("a", "x"), ("a", "xx"), ("b", "xxx"), ("a", "x"), ("b", "y")]


def items(texts=GROUPS, truth="x"):
    """Items of the groups, in the given order."""
    return [{"completion": text, "group_id": group, "ground_truth": truth} for group, text in texts]


async def test_a_group_is_always_seen_whole(gateway):
    """However the batch is ordered or split, a group-wise reward compares all members of each group."""
    response = await gateway.score(request(rewards="rank", items=items()))
    assert scores(response) == [0.0, 1.0, 1.0, 0.0, 0.0]
    assert [r.components[0].details["size"] for r in response.results] == [3, 3, 2, 3, 2]


async def test_large_groups_stay_whole(gateway):
    """Chunks are cut between groups, never inside one."""
    texts = [(f"g{i % 7}", "x" * (i + 1)) for i in range(700)]
    response = await gateway.score(request(rewards="rank", items=items(texts)))
    assert {r.components[0].details["size"] for r in response.results} == {100}
    assert sum(scores(response)) == 7


async def test_a_group_reward_without_group_id_is_invalid(gateway):
    """An item without a group cannot be compared."""
    response = await gateway.score(request("x", rewards=["echo", "rank"]))
    assert (component(response, index=1).status, component(response, index=1).reason) == (
        Status.INVALID,
        "no_group_id",
    )


async def test_a_dependent_reward_builds_on_the_named_verdict(gateway):
    """The shortest right completion of the group wins, by the verdicts of `truth`."""
    texts = [("a", "xx"), ("a", "x"), ("a", "")]
    rewards = ["truth", {"name": "shortest", "params": {"of": "truth"}}]
    response = await gateway.score(request(rewards=rewards, items=items(texts)))
    assert [r.components[1].score for r in response.results] == [0.0, 1.0, 0.0]


async def test_a_dependent_reward_is_null_where_its_base_is_null(gateway):
    """Without a verdict to build on there is none, and the group's others are judged."""
    rewards = ["truth", {"name": "shortest", "params": {"of": "truth"}}]
    body = items([("a", "x"), ("a", "x")])
    del body[0]["ground_truth"]
    response = await gateway.score(request(rewards=rewards, items=body))
    missing = component(response, 0, 1)
    assert (missing.status, missing.score, missing.reason) == (Status.INVALID, None, "no_base_verdict")
    assert component(response, 1, 1).score == 1.0


@pytest.mark.parametrize("of", ["echo", "shortest", "nothing"])
async def test_a_dependent_reward_needs_a_base_in_the_same_item(gateway, of):
    """`params.of` must name another reward that the item asks for."""
    rewards = ["truth", {"name": "shortest", "params": {"of": of}}]
    response = await gateway.score(request(rewards=rewards, items=items()))
    assert component(response, index=1).reason == "bad_params"
    assert component(response).score == 1.0


SHORTEST = {"name": "shortest", "params": {"of": "truth"}}
BAD = [
    ([{"name": "shortest"}], "bad_params", "params/of: Field required"),
    ([{"name": "shortest", "params": {"of": "truth"}}], "bad_params", "params.of names 'truth'"),
]


@pytest.mark.parametrize(("asked", "reason", "told"), BAD)
async def test_a_member_with_bad_params_costs_its_group_the_verdicts(gateway, asked, reason, told):
    """No part of a group is compared: the others say which member is at fault, and other groups are compared."""
    body = items([("a", "x"), ("a", "xx"), ("b", "x"), ("b", "xx"), ("a", "x")])
    body[1] |= {"rewards": asked, "id": "second"}
    response = await gateway.score(request(rewards=["truth", SHORTEST], items=body))
    found = [result.components[-1] for result in response.results]
    incomplete = (Status.INVALID, None, "group_incomplete")
    assert [(part.status, part.score, part.reason) for part in found] == [
        incomplete,
        (Status.INVALID, None, reason),
        (Status.OK, 1.0, "compared"),
        (Status.OK, 0.0, "compared"),
        incomplete,
    ]
    start = f"shortest compares a group, and its member 'second' cannot be compared: {reason}: {told}"
    assert found[0].explanation.startswith(start)
    assert component(response, 0).score == 1.0


async def test_several_faulty_members_are_counted(gateway):
    """The first one is named, the others are counted."""
    body = [{**item, "rewards": [{"name": "shortest"}]} for item in items([("a", "x")] * 3)] + items([("a", "x")])
    response = await gateway.score(request(rewards=["truth", SHORTEST], items=body))
    assert "its member '0' (and 2 more) cannot be compared" in component(response, 3, 1).explanation
    assert {component(response, index).reason for index in range(3)} == {"bad_params"}


async def test_a_member_may_be_judged_under_other_parameters(gateway):
    """Members with different valid parameters are compared, each under its own."""
    body = items([("a", "x"), ("a", "xx"), ("a", "1")])
    body[2]["rewards"] = [{"name": "echo"}, {"name": "shortest", "params": {"of": "echo"}}]
    response = await gateway.score(request(rewards=["truth", SHORTEST], items=body))
    assert [result.components[1].score for result in response.results] == [1.0, 0.0, 1.0]
    assert {result.components[1].details["size"] for result in response.results} == {3}


async def test_who_does_not_ask_to_be_compared_is_no_member(gateway):
    """A group is the items that ask for the reward."""
    body = items([("a", "x"), ("a", "xx"), ("a", "x")])
    body[1]["rewards"] = [{"name": "truth"}]
    response = await gateway.score(request(rewards=["truth", SHORTEST], items=body))
    assert {response.results[at].components[1].details["size"] for at in (0, 2)} == {2}
