"""A slot in a container looks to the engine like any other."""

import asyncio

import pytest

from guerdon.sandbox.container.slot import ContainerSlot
from guerdon.sandbox.wire import Cancel, CaseDone, JobDone, Ready

pytestmark = [pytest.mark.slow, pytest.mark.timeout(700)]


async def started(pool, heard):
    """A slot that has introduced itself."""
    slot = await ContainerSlot.start(pool, 0, heard)
    ready = await heard.next()
    assert isinstance(ready, Ready)
    return slot, ready


async def test_it_states_the_tier_and_what_is_inside(open_pool, echo, heard):
    """Results say ``container``; the facts say which tier the slot found there and under which runtime."""
    _, ready = await started(await open_pool(echo()), heard)
    assert ready.tier == "container"
    assert (ready.facts["inside"], ready.facts["oci_runtime"]) == ("restricted", "default")


@pytest.mark.parametrize("size", [0, 1, 100_000, 5_000_000])
async def test_jobs_travel_whole(open_pool, echo, heard, job, size):
    """Frames of any size pass Docker's attach in both directions."""
    slot, _ = await started(await open_pool(echo()), heard)
    stdin = b"\0\1\n\xff" * (size // 4)
    slot.send(job(1, stdin))
    answer = await heard.next()
    assert answer.result.stdout == stdin
    assert await heard.next() == JobDone(job=1)


async def test_a_worn_container_is_exchanged_between_two_jobs(open_pool, echo, heard, job):
    """Every job is answered once and in order, in one container after the other, without a second introduction."""
    slot, _ = await started(await open_pool(echo(recycle_jobs=5)), heard)
    containers = {slot.container}
    slot.send(job(0))
    number = 0
    while len(containers) < 3:
        number += 1
        slot.send(job(number))
        assert isinstance(await heard.next(), CaseDone)
        assert await heard.next() == JobDone(job=number - 1)
        containers.add(slot.container)


async def test_what_is_sent_during_an_exchange_waits_for_the_new_container(open_pool, echo, heard, job):
    """Jobs and the cancellations that belong to them are held until the old container has answered."""
    pool = await open_pool(echo(recycle_jobs=1))
    slot, _ = await started(pool, heard)
    worn = slot.container
    async with asyncio.timeout(30):
        while not any(spare.heard for spare in pool._spares):
            await asyncio.sleep(0.02)
    slot.send(job(1))
    slot.send(job(2, source="slow"))
    assert [await heard.next() for _ in range(2)][1] == JobDone(job=1)
    slot.send(job(3))
    slot.send(Cancel(id=3))
    assert slot.container == worn
    assert [await heard.next() for _ in range(4)][1::2] == [JobDone(job=2), JobDone(job=3)]
    assert slot.container != worn


async def test_a_killed_container_hangs_up_and_is_gone(open_pool, echo, heard, left):
    """The engine learns of the end, with what the slot said last."""
    slot, _ = await started(await open_pool(echo(spares=0)), heard)
    slot.kill()
    await asyncio.wait_for(slot.hung_up.wait(), 20)
    assert await asyncio.wait_for(slot.gone, 20) == "its container is removed"
    assert not left()


async def test_a_container_removed_from_outside_hangs_up(open_pool, echo, heard, api):
    """So does one that somebody else has removed, or the kernel for want of memory."""
    slot, _ = await started(await open_pool(echo()), heard)
    await asyncio.to_thread(api.kill, slot.container)
    await asyncio.wait_for(slot.hung_up.wait(), 20)
    await asyncio.wait_for(slot.gone, 20)


async def test_the_end_of_its_log_is_kept(open_pool, echo, heard, job):
    """What the slot wrote to standard error helps whoever asks why it ended."""
    slot, _ = await started(await open_pool(echo()), heard)
    slot.send(job(1))
    await heard.next()
    await heard.next()
    await slot.end(1.0)
    assert list(slot.last_lines) == ["got a job"]


async def test_nonsense_costs_the_container_its_life(open_pool, echo, heard, job):
    """A slot that no longer speaks the language is not to be trusted."""
    slot, _ = await started(await open_pool(echo()), heard)
    slot.send(job(1, source="nonsense"))
    await asyncio.wait_for(slot.gone, 20)
    assert "makes no sense" in slot.fault


async def test_after_the_end_messages_go_nowhere(open_pool, echo, heard, job):
    """The engine may still be sending when a container dies."""
    slot, _ = await started(await open_pool(echo()), heard)
    await slot.end(1.0)
    slot.send(job(1))
