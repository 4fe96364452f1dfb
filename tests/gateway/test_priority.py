"""Priority classes and fairness between callers, where work really queues: in the worker pool."""

import asyncio

import pytest
import toys
from calls import request

from guerdon.services.gateway.auth import Caller


async def finish_order(gateway, *calls) -> list[str]:
    """Names of calls in the order in which they end; each is (name, priority, caller, items)."""
    ended: list[str] = []

    async def run(name, priority, caller, items):
        completions = [f"{name}{n}" for n in range(items)]
        await gateway.score(request(*completions, rewards="pooled", priority=priority), Caller(name=caller))
        ended.append(name)

    await asyncio.gather(*(run(*call) for call in calls))
    return ended


@pytest.fixture
async def slow_gateway(make_gateway):
    """A gateway whose one verifier takes its time in workers."""
    return await make_gateway(toys.SlowPooledVerifier)


async def test_training_goes_before_evaluation_before_batch_work(slow_gateway):
    """However calls arrive, the urgent class is finished first."""
    calls = [("batch", "batch", "a", 40), ("eval", "eval", "a", 40), ("train", "train", "a", 40)]
    assert await finish_order(slow_gateway, *calls) == ["train", "eval", "batch"]


async def test_a_small_call_does_not_wait_for_another_keys_large_one(slow_gateway):
    """Between API keys the turns are fair."""
    calls = [("large", "train", "a", 120), ("small", "train", "b", 8)]
    assert await finish_order(slow_gateway, *calls) == ["small", "large"]
