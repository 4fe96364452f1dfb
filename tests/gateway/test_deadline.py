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


async def test_a_verifier_with_a_time_of_its_own_does_not_take_that_of_the_call(make_gateway):
    """What it has not judged by then is `timeout`, long before the call's own time is over."""
    gateway = await make_gateway(toys.EchoVerifier, toys.StubbornVerifier, verifier_timeout_ms={"stubborn": 50})
    rewards = ["echo", {"name": "stubborn", "required": False}]
    result = (await gateway.score(request("1", rewards=rewards, timeout_ms=600_000))).results[0]
    assert (result.status, result.total) == (Status.PARTIAL, 1.0)
    assert (result.components[1].status, result.components[1].reason) == (Status.TIMEOUT, "verifier_deadline")


async def test_a_verifier_is_told_its_own_time(make_gateway):
    """It answers what it has done by then, and nothing is cut off."""
    gateway = await make_gateway(toys.SleepyVerifier, verifier_timeout_ms={"sleepy": 100})
    response = await gateway.score(request("1", "60000", rewards="sleepy", timeout_ms=600_000))
    assert scores(response) == [1.0, None]
    assert component(response, 1).reason == "deadline"


async def test_the_time_of_a_verifier_gives_a_call_no_more_than_it_has(make_gateway):
    """The earlier of the two holds."""
    gateway = await make_gateway(toys.SleepyVerifier, verifier_timeout_ms={"sleepy": 600_000})
    response = await gateway.score(request("1", "60000", rewards="sleepy", timeout_ms=100))
    assert scores(response) == [1.0, None]


async def test_a_time_for_a_verifier_that_does_not_run_is_told(make_gateway, caplog):
    """A misspelt name must not go unnoticed."""
    await make_gateway(toys.EchoVerifier, verifier_timeout_ms={"ecko": 100})
    assert [record.verifier for record in caplog.records if record.message == "verifier_unknown"] == ["ecko"]
