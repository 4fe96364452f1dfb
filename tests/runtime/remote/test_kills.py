"""Replicas in processes of their own die, freeze and come back under load."""

import asyncio
import signal
import time

import pytest
import toys
from replicas import Stage, items, until

from guerdon.services.contract import Deadline, Status
from guerdon.services.runtime.link import replica_link
from guerdon.services.runtime.remote.backend import RemoteBackend

SOON = 60_000


async def load(backend: RemoteBackend, chunks: int) -> list[tuple[Status, float | None]]:
    """Score many chunks, some at a time."""
    places = asyncio.Semaphore(16)

    async def one() -> tuple[Status, float | None]:
        async with places:
            verdict = (await backend.score("sleepy", items("sleepy", "10"), Deadline.after_ms(SOON)))[0]
            return verdict.status, verdict.score

    return await asyncio.gather(*(one() for _ in range(chunks)))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
async def test_no_verdict_is_lost_where_another_replica_lives(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    """What the dead or frozen one had in hand is judged by another."""
    monkeypatch.setattr(replica_link, "TICK_S", 0.05)
    monkeypatch.setattr(replica_link, "LOST_TICKS", 30)
    replicas = await asyncio.gather(*(stage.process(toys.SleepyVerifier) for _ in range(2)))
    backend = await stage.backend(toys.SleepyVerifier)
    loaded = asyncio.create_task(load(backend, 200))
    await asyncio.sleep(0.05)
    replicas[0].send(number)
    assert set(await loaded) == {(Status.OK, 1.0)}
    await until(lambda: len(backend.replicas()["sleepy"]) == 1)


async def test_a_lost_chunk_is_tried_once_more_and_then_unavailable(stage: Stage) -> None:
    """Two replicas that die at work are two attempts; there is never a score."""
    replicas = [await stage.process(toys.SleepyVerifier) for _ in range(3)]
    backend = await stage.backend(toys.SleepyVerifier)
    call = asyncio.create_task(backend.score("sleepy", items("sleepy", "60000", "1"), Deadline.after_ms(SOON)))
    for lost in range(2):
        await until(lambda: any(link.outstanding for link in backend._fleets["sleepy"].ready()))
        busy = next(link for link in backend._fleets["sleepy"].ready() if link.outstanding)
        next(r for r in replicas if r.address == busy.address).send(signal.SIGKILL)
        await until(lambda want=2 - lost: len(backend.replicas()["sleepy"]) == want)
    verdicts = await call
    assert {(v.status, v.reason, v.attempts) for v in verdicts} == {(Status.UNAVAILABLE, "replica_lost", 2)}
    answer = await backend.score("sleepy", items("sleepy", "1"), Deadline.after_ms(SOON))
    assert answer[0].score == 1.0


async def test_a_chunk_whose_second_replica_answers_says_that_it_was_begun_twice(stage: Stage) -> None:
    """Attempts are counted over replicas."""
    replicas = await asyncio.gather(*(stage.process(toys.SleepyVerifier) for _ in range(2)))
    backend = await stage.backend(toys.SleepyVerifier)
    call = asyncio.create_task(backend.score("sleepy", items("sleepy", "1000"), Deadline.after_ms(SOON)))
    await until(lambda: any(link.outstanding for link in backend._fleets["sleepy"].ready()))
    busy = next(link for link in backend._fleets["sleepy"].ready() if link.outstanding)
    next(r for r in replicas if r.address == busy.address).send(signal.SIGKILL)
    verdict = (await call)[0]
    assert (verdict.score, verdict.attempts) == (1.0, 2)


async def test_a_silent_replica_is_not_asked_where_another_can_be(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Long before it is taken for lost."""
    monkeypatch.setattr(replica_link, "TICK_S", 0.3)
    monkeypatch.setattr(replica_link, "QUIET_TICKS", 5)
    monkeypatch.setattr(replica_link, "LOST_TICKS", 1000)
    replicas = [await stage.process(toys.SleepyVerifier) for _ in range(2)]
    backend = await stage.backend(toys.SleepyVerifier)
    replicas[0].send(signal.SIGSTOP)
    await until(lambda: any(link.quiet for link in backend._fleets["sleepy"].ready()))
    for _ in range(4):
        verdicts = await backend.score("sleepy", items("sleepy", "1"), Deadline.after_ms(SOON))
        assert verdicts[0].score == 1.0
    replicas[0].send(signal.SIGCONT)
    await until(lambda: not any(link.quiet for link in backend._fleets["sleepy"].ready()))


async def test_a_frozen_replica_costs_a_caller_no_more_than_its_deadline(stage: Stage) -> None:
    """A call that is given up is given up at once, also while its message cannot leave."""
    replica = await stage.process(toys.EchoVerifier)
    backend = await stage.backend(toys.EchoVerifier)
    replica.send(signal.SIGSTOP)
    large = items("echo", "1" * 20_000_000)
    calls = [asyncio.create_task(backend.score("echo", large, Deadline.never())) for _ in range(4)]
    await asyncio.sleep(0.2)
    assert not any(call.done() for call in calls)
    for call in calls:
        call.cancel()
    await asyncio.wait(calls, timeout=10)
    assert all(call.cancelled() for call in calls)
    assert all(link.outstanding == 0 for link in backend._fleets["echo"].ready())


async def test_a_gateway_that_was_frozen_itself_does_not_blame_its_replicas(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Silence counts only while this process could listen."""
    monkeypatch.setattr(replica_link, "TICK_S", 0.2)
    monkeypatch.setattr(replica_link, "LOST_TICKS", 7)
    await stage.process(toys.SleepyVerifier)
    backend = await stage.backend(toys.SleepyVerifier)
    time.sleep(2)  # noqa: ASYNC251 - the loop must stand still
    await asyncio.sleep(0)
    assert len(backend.replicas()["sleepy"]) == 1
