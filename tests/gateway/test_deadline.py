"""Calls are answered in time, whatever verifiers and other callers do."""

import asyncio

import pytest
import toys
from calls import component, request, scores

from guerdon.services.contract import Status
from guerdon.services.contract.errors import DeadlineExceeded

SLOW = {"rewards": "sleepy", "request_id": "r1", "items": [{"completion": "1"}, {"completion": "60000"}]}


async def test_a_verifier_that_swallows_its_cancellation_is_left_behind(make_gateway):
    """A verifier that will not stop costs its own component and keeps nobody waiting."""
    gateway = await make_gateway(toys.EchoVerifier, toys.DeafVerifier)
    rewards = ["echo", {"name": "deaf", "required": False}]
    result = (await gateway.score(request("1", rewards=rewards, timeout_ms=100))).results[0]
    assert (result.status, result.total) == (Status.PARTIAL, 1.0)
    assert result.components[1].status is Status.TIMEOUT


async def test_who_joins_a_call_keeps_its_own_deadline(gateway):
    """A duplicate with less time is answered in its time with what is done, and the first goes on."""
    async with await gateway.open(request(**SLOW)) as first:
        second = await gateway.score(request(**SLOW, timeout_ms=100))
        assert first.alive
    assert scores(second) == [1.0, None]
    assert component(second, 1).status is Status.TIMEOUT
    assert component(second, 1).error.retryable
    assert second.summary.by_status == {"ok": 1, "timeout": 1}


async def test_a_stream_that_joins_a_call_ends_by_its_own_deadline(gateway):
    """What is late is told as late, each item once, and the summary comes last."""
    async with (
        await gateway.open(request(**SLOW)),
        await gateway.open(request(**SLOW, timeout_ms=100)) as second,
    ):
        events = [event async for event in second.events()]
    assert [(event.id, event.status) for event in events[:-1]] == [("0", Status.OK), ("1", Status.TIMEOUT)]
    assert events[-1].items == 2


async def test_time_counts_from_the_arrival_of_the_request(gateway):
    """Time spent on reading a request is the call's own."""
    long_ago = asyncio.get_running_loop().time() - 60
    with pytest.raises(DeadlineExceeded):
        async with await gateway.open(request("20", rewards="sleepy", timeout_ms=1000), arrived=long_ago) as late:
            await late.response()
