"""The rewards behind the gateway, building on a real verdict."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import toys
from calls import request

from guerdon.services.contract import ScoreResponse, Status
from guerdon.services.gateway.core import Gateway
from guerdon.services.gateway.settings import GatewaySettings
from guerdon.services.runtime.inprocess import InProcessBackend
from guerdon.services.shaping.verifier import ShapingVerifier

LENGTH = {"name": "length", "params": {"of": "truth"}}
COSINE = {"name": "cosine", "params": {"of": "truth", "max_length": 100, "unit": "characters"}}


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    """A gateway over the verifier and one that compares with the ground truth."""
    backend = InProcessBackend([kind(kind.Settings()) for kind in (toys.TruthVerifier, ShapingVerifier)])
    async with Gateway(backend, GatewaySettings.model_validate({"port": 0, "grpc_port": 0})) as gateway:
        await backend.wait_started()
        yield gateway


def item(completion: str, tokens: int, group: str = "g", truth: str | None = "42") -> dict[str, Any]:
    """An item as callers write it."""
    given = {"completion": completion, "completion_ids": list(range(tokens)), "group_id": group}
    return given if truth is None else {**given, "ground_truth": truth}


def outcomes(response: ScoreResponse, index: int) -> list[tuple[Status, float | None]]:
    """Status and score of one component of every item."""
    return [(result.components[index].status, result.components[index].score) for result in response.results]


async def test_length_is_added_to_the_verdict_it_builds_on(gateway: Gateway):
    """Short and right is best, and wrong never catches up with right."""
    items = [item("42", 10), item("42", 30), item("41", 10), item("41", 30)]
    response = await gateway.score(request(rewards=["truth", LENGTH], items=items))
    assert [result.total for result in response.results] == [1.5, 0.5, 0.0, -0.5]


async def test_large_groups_are_compared_whole(gateway: Gateway):
    """However many chunks a call makes, each group has its own shortest and longest member."""
    items = [item("42", at + 1, f"g{at % 3}") for at in range(600)]
    response = await gateway.score(request(rewards=["truth", LENGTH], items=items))
    scores = [score for _, score in outcomes(response, 1)]
    assert scores[:3] == [0.5] * 3
    assert scores[-3:] == [-0.5] * 3


async def test_a_base_without_verdict_makes_its_own_item_null_and_no_other(gateway: Gateway):
    """The others are paid as if it had been judged."""
    items = [item("42", 10), item("42", 20), item("42", 30, truth=None)]
    response = await gateway.score(request(rewards=["truth", LENGTH, COSINE], items=items))
    assert outcomes(response, 1) == [(Status.OK, 0.5), (Status.OK, 0.0), (Status.INVALID, None)]
    assert [status for status, _ in outcomes(response, 2)] == [Status.OK, Status.OK, Status.INVALID]
    assert response.results[2].total is None


async def test_the_punishments_need_no_other_verdict(gateway: Gateway):
    """They take from whatever else is paid."""
    rewards = [
        {"name": "soft_overlong", "params": {"max_length": 20, "cache": 10}},
        {"name": "repetition", "weight": 2.0, "params": {"ngram_size": 2}},
        "reasoning_steps",
    ]
    response = await gateway.score(request(rewards=rewards, items=[item("so so so so so", 15)]))
    assert response.results[0].total == pytest.approx(-0.5 - 1.5 + 0.0)
