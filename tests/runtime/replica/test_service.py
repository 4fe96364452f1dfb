"""A replica as its gateways see it."""

import asyncio
import os

import pytest
import toys
from probe import ProbeVerifier
from replicas import HOST, Stage, items, until

from guerdon.services.contract import Deadline, Status
from guerdon.services.contract.meter import METER, Meter
from guerdon.services.contract.urgency import URGENCY, Urgency
from guerdon.services.runtime.replica import intake
from guerdon.services.runtime.replica.service import ReplicaService

NEVER = Deadline.never()


async def test_before_its_settings_come_a_replica_is_starting(stage: Stage) -> None:
    """It can be reached, says so, and judges nothing."""
    service = ReplicaService(ProbeVerifier, replica_id="r0", node="here")
    await service.start(HOST)
    stage.directory.addresses.append(service.address)
    backend = await stage.backend(ProbeVerifier)
    assert backend.states()["probe"].state == "starting"
    with pytest.raises(RuntimeError, match="not started"):
        await service.check_health()
    verdicts = await backend.score("probe", items("probe", "mark"), NEVER)
    assert verdicts[0].reason == "verifier_starting"
    await service.close()


async def test_cancelling_a_call_stops_its_work(stage: Stage) -> None:
    """And only its own."""
    service = await stage.replica(ProbeVerifier)
    backend = await stage.backend(ProbeVerifier)
    calls = [asyncio.create_task(backend.score("probe", items("probe", "gate"), NEVER)) for _ in range(2)]
    await until(lambda: len(ProbeVerifier.begun) == 2)
    calls[0].cancel()
    await until(lambda: ProbeVerifier.stopped)
    await until(lambda: sum(service.report().queued) == 1)
    ProbeVerifier.gate.set()
    assert (await calls[1])[0].score == 1.0
    assert calls[0].cancelled()
    assert len(ProbeVerifier.stopped) == 1


async def test_work_of_a_gateway_that_goes_away_is_stopped(stage: Stage) -> None:
    """Nobody waits for it any more."""
    service = await stage.replica(ProbeVerifier)
    backend = await stage.backend(ProbeVerifier)
    call = asyncio.create_task(backend.score("probe", items("probe", "gate", "gate"), NEVER))
    await until(lambda: len(ProbeVerifier.begun) == 2)
    await backend.close()
    await until(lambda: len(ProbeVerifier.stopped) == 2)
    await until(lambda: sum(service.report().queued) == 0)
    assert [v.reason for v in await call] == ["replica_lost"] * 2


async def test_the_deadline_travels_as_time_left(stage: Stage) -> None:
    """The verifier sees the caller's deadline, or none."""
    await stage.replica(ProbeVerifier)
    backend = await stage.backend(ProbeVerifier)
    verdicts = await backend.score("probe", items("probe", "left"), Deadline.after_ms(20_000))
    assert 10_000 < float(verdicts[0].answer or 0) <= 20_000
    verdicts = await backend.score("probe", items("probe", "left"), NEVER)
    assert verdicts[0].answer == "inf"


async def test_one_item_that_takes_too_long_costs_itself(stage: Stage) -> None:
    """By the deadline all others have their verdicts."""
    await stage.replica(toys.PooledVerifier)
    backend = await stage.backend(toys.PooledVerifier)
    work = items("pooled", "x", "sleep", "y", "z")
    verdicts = await backend.score("pooled", work, Deadline.after_ms(1500))
    assert [v.status for v in verdicts] == [Status.OK, Status.TIMEOUT, Status.OK, Status.OK]


async def test_urgency_travels_with_the_call(stage: Stage) -> None:
    """Class and owner are those of the caller."""
    await stage.replica(ProbeVerifier)
    backend = await stage.backend(ProbeVerifier)
    URGENCY.set(Urgency(2, "owner"))
    assert (await backend.score("probe", items("probe", "urgency"), NEVER))[0].answer == "2 owner"


async def test_urgent_work_goes_first_in_the_queue_of_the_workers(stage: Stage) -> None:
    """A call of a lower class is answered before a large one of a higher class that came earlier."""
    service = await stage.replica(toys.SlowPooledVerifier)
    backend = await stage.backend(toys.SlowPooledVerifier)

    async def call(rank: int, count: int) -> None:
        URGENCY.set(Urgency(rank, "someone"))
        await backend.score("pooled", items("pooled", *["x"] * count), NEVER)

    large = asyncio.create_task(call(2, 8 * (os.cpu_count() or 1)))
    await until(lambda: sum(service.report().queued))
    await call(0, 1)
    assert not large.done()
    await large


async def test_cpu_time_adds_up_over_the_wire(stage: Stage) -> None:
    """The call is charged with what all its chunks cost, and the replica knows its sum."""
    service = await stage.replica(ProbeVerifier)
    backend = await stage.backend(ProbeVerifier)
    meter = Meter()
    METER.set(meter)
    for _ in range(2):
        await backend.score("probe", items("probe", "cpu 10", "cpu 5"), NEVER)
    assert meter.cpu_ms == 30.0
    assert service.report().cpu_seconds == pytest.approx(0.03)


@pytest.mark.parametrize(("kind", "reward"), [(toys.EchoVerifier, "echo"), (toys.SlowPooledVerifier, "pooled")])
async def test_verifiers_are_charged_however_they_run(stage: Stage, kind: type, reward: str) -> None:
    """Inline in the replica's loop and in its workers."""
    service = await stage.replica(kind)
    backend = await stage.backend(kind)
    meter = Meter()
    METER.set(meter)
    await backend.score(reward, items(reward, "1", "2"), NEVER)
    assert meter.cpu_ms > 0
    assert service.report().cpu_seconds == pytest.approx(meter.cpu_ms / 1000)


async def test_more_than_may_wait_is_refused(stage: Stage) -> None:
    """A refusal comes at once and is no score; what was taken is judged."""
    await stage.replica(ProbeVerifier, max_queued_items=3)
    backend = await stage.backend(ProbeVerifier)
    first = asyncio.create_task(backend.score("probe", items("probe", "gate", "gate"), NEVER))
    await until(lambda: ProbeVerifier.begun)
    refused = await backend.score("probe", items("probe", "mark", "mark"), NEVER)
    assert {(v.status, v.reason, v.attempts) for v in refused} == {(Status.UNAVAILABLE, "overloaded", 0)}
    assert (await backend.score("probe", items("probe", "mark"), NEVER))[0].score == 1.0
    ProbeVerifier.gate.set()
    assert [v.score for v in await first] == [1.0, 1.0]


async def test_calls_that_come_at_once_are_all_counted(stage: Stage) -> None:
    """A burst in one packet takes no more than its share of the queue."""
    await stage.replica(ProbeVerifier, max_queued_items=5)
    backend = await stage.backend(ProbeVerifier)
    calls = [backend.score("probe", items("probe", "gate"), NEVER) for _ in range(20)]
    burst = asyncio.gather(*calls)
    await until(lambda: len(ProbeVerifier.begun) == 5)
    ProbeVerifier.gate.set()
    reasons = [verdicts[0].reason for verdicts in await burst]
    assert (reasons.count("told"), reasons.count("overloaded")) == (5, 15)


async def test_one_call_is_always_taken(stage: Stage) -> None:
    """However large it is: otherwise it could never be judged."""
    await stage.replica(ProbeVerifier, max_queued_items=1)
    backend = await stage.backend(ProbeVerifier)
    assert {v.score for v in await backend.score("probe", items("probe", *["mark"] * 10), NEVER)} == {1.0}


async def test_bytes_that_wait_are_bounded_too(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Few items can be large."""
    monkeypatch.setattr(intake, "MAX_QUEUED_BYTES", 10_000)
    await stage.replica(ProbeVerifier)
    backend = await stage.backend(ProbeVerifier)
    first = asyncio.create_task(backend.score("probe", items("probe", "gate"), NEVER))
    await until(lambda: ProbeVerifier.begun)
    refused = await backend.score("probe", items("probe", "mark", extra={"text": "x" * 10_000}), NEVER)
    assert refused[0].reason == "overloaded"
    ProbeVerifier.gate.set()
    await first


async def test_a_verdict_too_large_to_send_costs_itself(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its neighbours keep theirs."""
    monkeypatch.setattr("guerdon.services.runtime.link.packing.MAX_PACKED_BYTES", 100_000)
    monkeypatch.setattr(intake, "MAX_PACKED_BYTES", 100_000)
    await stage.replica(ProbeVerifier)
    backend = await stage.backend(ProbeVerifier)
    verdicts = await backend.score("probe", items("probe", "mark", "long 200000", "mark"), NEVER)
    assert [(v.status, v.reason) for v in verdicts] == [
        (Status.OK, "told"),
        (Status.ERROR, "bad_verdict"),
        (Status.OK, "told"),
    ]


async def test_a_fault_of_the_replica_is_no_score(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """What goes wrong around the verifier is null for the items of the call, and the replica goes on."""
    service = await stage.replica(ProbeVerifier)
    backend = await stage.backend(ProbeVerifier)
    whole = service._editions.current.runner
    monkeypatch.setattr(service._editions.current, "runner", None)
    verdicts = await backend.score("probe", items("probe", "mark", "mark"), NEVER)
    assert {(v.status, v.reason) for v in verdicts} == {(Status.ERROR, "verifier_bug")}
    monkeypatch.setattr(service._editions.current, "runner", whole)
    assert (await backend.score("probe", items("probe", "mark"), NEVER))[0].score == 1.0


async def test_a_sick_verifier_is_unavailable_until_it_is_well(stage: Stage) -> None:
    """Gateways learn it at once, with the reason; calls in hand are not cut off."""
    service = await stage.replica(ProbeVerifier)
    backend = await stage.backend(ProbeVerifier)
    ProbeVerifier.well = False
    with pytest.raises(RuntimeError):
        await service.check_health()
    await until(lambda: backend.states()["probe"].state == "unavailable")
    assert backend.states()["probe"].detail == "RuntimeError: not today"
    verdicts = await backend.score("probe", items("probe", "mark"), NEVER)
    assert verdicts[0].reason == "verifier_unavailable"
    ProbeVerifier.well = True
    await service.check_health()
    await until(lambda: backend.states()["probe"].state == "ready")


async def test_a_replica_that_is_stopped_finishes_what_it_has(stage: Stage) -> None:
    """It says that it drains, new calls go elsewhere, and no verdict is lost."""
    first = await stage.replica(ProbeVerifier)
    backend = await stage.backend(ProbeVerifier)
    version = backend.offered()["probe"].version
    call = asyncio.create_task(backend.score("probe", items("probe", "gate"), NEVER, version))
    await until(lambda: ProbeVerifier.begun)
    second = await stage.replica(ProbeVerifier)
    await until(lambda: len(backend.replicas()["probe"]) == 2)
    closing = asyncio.create_task(first.close(30))
    await until(lambda: backend.replicas()["probe"][0].condition == "draining")
    for _ in range(4):
        assert (await backend.score("probe", items("probe", "mark"), NEVER, version))[0].score == 1.0
    assert (first.report().items, second.report().items) == (0, 4)
    ProbeVerifier.gate.set()
    assert (await call)[0].score == 1.0
    await closing
    await until(lambda: len(backend.replicas()["probe"]) == 1)


async def test_a_draining_replica_serves_those_who_have_nowhere_else_to_go_and_then_refuses(stage: Stage) -> None:
    """A last replica takes calls for half of its time and finishes them in the other half."""
    service = await stage.replica(ProbeVerifier)
    backend = await stage.backend(ProbeVerifier)
    held = asyncio.create_task(backend.score("probe", items("probe", "gate"), NEVER))
    await until(lambda: ProbeVerifier.begun)
    closing = asyncio.create_task(service.close(2.0))
    await until(lambda: backend.states()["probe"].state == "unavailable")
    reasons = set()
    while "replica_draining" not in reasons:
        reasons.add((await backend.score("probe", items("probe", "mark"), NEVER))[0].reason)
        await asyncio.sleep(0.02)
    assert reasons == {"told", "replica_draining"}
    ProbeVerifier.gate.set()
    assert (await held)[0].score == 1.0
    await closing


async def test_a_replica_that_nobody_uses_stops_at_once(stage: Stage) -> None:
    """Draining waits for calls, not for the clock."""
    service = await stage.replica(ProbeVerifier)
    async with asyncio.timeout(10):
        await service.close(3600)


async def test_closing_leaves_no_task_behind(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in hand is stopped; a verifier that does not hear it cannot hold up the end."""
    monkeypatch.setattr(intake, "CANCEL_S", 0.05)
    service = await stage.replica(toys.DeafVerifier)
    backend = await stage.backend(toys.DeafVerifier)
    call = asyncio.create_task(backend.score("deaf", items("deaf", "x"), NEVER))
    await until(lambda: sum(service.report().queued))
    await service.close()
    assert (await call)[0].reason == "replica_lost"
    await backend.close()
    await until(lambda: asyncio.all_tasks() == {asyncio.current_task()})
