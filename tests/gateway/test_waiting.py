"""Calls that would spend their time on waiting are refused, and no others."""

import asyncio
from contextlib import asynccontextmanager

import pytest
import toys
from calls import request, scores

from guerdon.services.contract.errors import Overloaded
from guerdon.services.gateway.auth import Caller
from guerdon.services.gateway.core import Gateway
from guerdon.services.gateway.settings import GatewaySettings
from guerdon.services.runtime.inprocess import InProcessBackend

WAIT_MS = 40_000.0
MINUTE = {"timeout_ms": 60_000}


class BusyBackend(InProcessBackend):
    """One verifier has work in hand that will take long, of one priority class."""

    busy = ""
    rank = 0

    def expected_wait_ms(self, verifier: str, rank: int) -> float:
        """How long work of a class waits."""
        return WAIT_MS if verifier == self.busy and rank >= self.rank else 0.0


@asynccontextmanager
async def gateway_with(busy: str, rank: int = 0, **settings: object):
    """A gateway whose verifier ``busy`` has work in hand from the moment the block begins."""
    backend = BusyBackend([kind(kind.Settings()) for kind in toys.QUICK])
    async with Gateway(backend, GatewaySettings.model_validate(settings)) as gateway:
        await backend.wait_started()
        await gateway.score(request("1"))
        backend.busy, backend.rank = busy, rank
        yield gateway


async def underway(gateway: Gateway) -> None:
    """Wait until a call is in hand."""
    while not any(sum(replica.queued) for verifier in gateway.status().verifiers for replica in verifier.replicas):
        await asyncio.sleep(0.001)


async def test_a_call_is_refused_that_would_wait_for_more_than_half_of_its_time():
    """It is told when to come back; a call with more time is taken."""
    async with gateway_with("echo") as gateway:
        with pytest.raises(Overloaded, match=r"40\.0 s") as refused:
            await gateway.score(request("0.5", **MINUTE))
        assert refused.value.retry_after_s in {10.0, 11.0}
        assert scores(await gateway.score(request("0.5", timeout_ms=100_000))) == [0.5]


async def test_a_refused_call_leaves_nothing_behind():
    """No room is taken, no name remembered, nothing counted as a call."""
    async with gateway_with("echo") as gateway:
        counted = gateway.observer.render()
        with pytest.raises(Overloaded):
            await gateway.score(request("0.5", request_id="r", **MINUTE))
        assert (gateway.status().inflight_items, gateway.observer.render()) == (0, counted)
        gateway.backend.busy = ""
        assert scores(await gateway.score(request("0.75", request_id="r"))) == [0.75]


async def test_what_is_known_already_waits_for_nobody():
    """A call that is answered from the cache is not refused for work it does not need."""
    async with gateway_with("echo") as gateway:
        response = await gateway.score(request("1", **MINUTE))
        assert response.results[0].components[0].cached


async def test_a_profile_waits_only_for_what_its_items_ask_for():
    """A verifier for another form of ground truth may be as busy as it likes."""
    profile = {"rewards": [{"name": "echo"}, {"name": "truth", "when": ["text"]}]}
    async with gateway_with("truth", profiles={"p": profile}) as gateway:
        body = {"rewards": [], "profile": "p", **MINUTE}
        await gateway.score(request("0.5", **body))
        with pytest.raises(Overloaded):
            await gateway.score(request(items=[{"completion": "1", "ground_truth": "1"}], **body))


async def test_a_dependent_reward_waits_too():
    """Its verifier is asked second, but it is asked."""
    async with gateway_with("group") as gateway:
        rewards = ["echo", {"name": "shortest", "params": {"of": "echo"}}]
        with pytest.raises(Overloaded):
            await gateway.score(request(items=[{"completion": "1", "group_id": "g"}], rewards=rewards, **MINUTE))


async def test_urgent_work_does_not_wait_for_less_urgent():
    """Only classes that go first count."""
    async with gateway_with("echo", rank=1) as gateway:
        await gateway.score(request("0.5", priority="train", **MINUTE))
        for priority in ("eval", "batch"):
            with pytest.raises(Overloaded):
                await gateway.score(request("0.25", priority=priority, **MINUTE))


@pytest.mark.parametrize(("rank", "priority"), [(0, "train"), (1, "eval")])
async def test_callers_take_turns_so_nobody_waits_for_all_work_of_another(rank, priority):
    """Who has much in flight is refused more of it; who has nothing has the next turn."""
    async with gateway_with("echo", rank=rank) as gateway:
        slow = gateway.score(request("500", "500", rewards="sleepy", request_id="s"), Caller(name="large"))
        running = asyncio.create_task(slow)
        await underway(gateway)
        call = request("0.5", priority=priority, **MINUTE)
        with pytest.raises(Overloaded):
            await gateway.score(call, Caller(name="large"))
        await gateway.score(call, Caller(name="small"))
        await running


async def test_a_more_urgent_class_of_others_goes_first_all_the_same():
    """Turns are taken within a class."""
    async with gateway_with("echo", rank=0) as gateway:
        slow = gateway.score(request("500", rewards="sleepy"), Caller(name="large"))
        running = asyncio.create_task(slow)
        await underway(gateway)
        with pytest.raises(Overloaded):
            await gateway.score(request("0.5", priority="eval", **MINUTE), Caller(name="small"))
        await running


async def test_a_large_batch_does_not_wait_for_itself(make_gateway):
    """However long its own work will take."""
    gateway = await make_gateway(toys.SleepyVerifier)
    await gateway.score(request("300", rewards="sleepy"))
    response = await gateway.score(request(*["1"] * 256, rewards="sleepy", timeout_ms=20_000))
    assert response.summary.by_status == {"ok": 256}


async def test_refusals_end_with_the_work_they_are_for(make_gateway):
    """One slow item makes others wait; when it is done nothing is refused, however slow it was."""
    gateway = await make_gateway(toys.SleepyVerifier)
    await gateway.score(request("600", rewards="sleepy"))
    slow = asyncio.create_task(gateway.score(request("601", rewards="sleepy")))
    await underway(gateway)
    quick = request("1", rewards="sleepy", timeout_ms=1000)
    with pytest.raises(Overloaded):
        await gateway.score(quick)
    await slow
    assert scores(await gateway.score(quick)) == [1.0]
