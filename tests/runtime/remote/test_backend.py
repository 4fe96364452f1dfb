"""The backend over replicas gives the verdicts of the one in this process."""

import asyncio
import random
from collections.abc import Sequence

import pytest
import toys
import uvloop
from probe import ProbeSettings, ProbeVerifier
from replicas import Stage, items, pace, plain, staged, until

from guerdon.services.contract import Deadline, GroundTruth, Item, Status, Verdict, Verifier
from guerdon.services.contract.cases import cases_of
from guerdon.services.format.verifier import FormatVerifier
from guerdon.services.math.verifier import MathVerifier
from guerdon.services.runtime.inprocess import InProcessBackend
from guerdon.services.runtime.link.connection import Connection
from guerdon.services.runtime.link.messages import Score, Scored
from guerdon.services.runtime.remote import call as call_module

NEVER = Deadline.never()
SOON = 60_000


async def judged_in_process(kind: type[Verifier], work: Sequence[Item]) -> list[Verdict]:
    """The verdicts of the in-process backend."""
    backend = InProcessBackend([kind(kind.Settings())])
    await backend.start()
    await backend.wait_started()
    try:
        return plain(await backend.score(kind.name, work, Deadline.after_ms(SOON)))
    finally:
        await backend.close()


TRUTH = GroundTruth(form="text", texts=("x",))
GROUPS = [Item(id=str(i), reward="rank", completion="x" * (i + 1), group_id="ab"[i % 2]) for i in range(6)]
WORK: list[tuple[type[Verifier], list[Item]]] = [
    (toys.EchoVerifier, items("echo", "0.5", "no", "1", "", "\x00", "½" * 1000)),
    (toys.TruthVerifier, items("truth", "x", "y", ground_truth=TRUTH)),
    (toys.BrokenVerifier, items("broken", "fine", "range")),
    (toys.BrokenVerifier, items("broken", "raise")),
    (toys.GroupVerifier, GROUPS),
    (toys.PooledVerifier, items("pooled", "die", "raise")),
    (toys.RelapsingVerifier, items("relapsing", "x")),
]


@pytest.mark.parametrize(("kind", "work"), WORK)
async def test_toys_are_judged_alike(stage: Stage, kind: type[Verifier], work: list[Item]) -> None:
    """Scores, statuses, reasons and explanations, in the order of the items."""
    await stage.replica(kind)
    backend = await stage.backend(kind)
    found = await backend.score(kind.name, work, Deadline.after_ms(SOON))
    assert plain(found) == await judged_in_process(kind, work)


@pytest.mark.parametrize("kind", [FormatVerifier, MathVerifier])
async def test_verifiers_are_judged_alike(stage: Stage, kind: type[Verifier]) -> None:
    """All cases of a verifier's own, over the wire."""
    rewards = {reward.name: reward for reward in kind.rewards}
    work = [case.to_item(rewards[case.reward]) for case in cases_of(kind) if case.kind != "invalid"]
    random.Random(1).shuffle(work)
    await stage.replica(kind)
    backend = await stage.backend(kind)
    found = await backend.score(kind.name, work, Deadline.after_ms(SOON))
    assert plain(found) == await judged_in_process(kind, work)


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1, 2**64, 10**300])
async def test_integers_of_any_size_arrive(stage: Stage, number: int) -> None:
    """In parameters, in what is passed through, and in the verdict that comes back."""
    await stage.replica(ProbeVerifier)
    backend = await stage.backend(ProbeVerifier)
    work = items("probe", "params", params={"value": {"n": [number]}}, extra={"n": number})
    verdicts = await backend.score("probe", work, NEVER)
    assert verdicts[0].details == {"value": {"n": [number]}, "extra": {"n": number}}


async def test_integers_of_any_size_arrive_in_ground_truths(stage: Stage) -> None:
    """A value that a verifier defines is the same on both sides."""
    work = items("truth", "x", ground_truth=GroundTruth(form="value", texts=("x",), data={"n": 10**40}))
    await stage.replica(toys.TruthVerifier)
    backend = await stage.backend(toys.TruthVerifier)
    assert (await backend.score("truth", work, NEVER))[0].score == 1.0


@pytest.mark.parametrize("fault", ["\ud800", object()])
async def test_an_item_that_cannot_be_sent_costs_itself(stage: Stage, fault: object) -> None:
    """It is the caller's bad data; its neighbours are judged."""
    await stage.replica(ProbeVerifier)
    backend = await stage.backend(ProbeVerifier)
    work = items("probe", *["mark"] * 7)
    work[3] = Item(id="3", reward="probe", completion="mark", extra={"x": fault})
    verdicts = await backend.score("probe", work, NEVER)
    assert [v.reason for v in verdicts] == ["told"] * 3 + ["unsendable_item"] + ["told"] * 3
    assert (verdicts[3].status, verdicts[3].score) == (Status.INVALID, None)


async def test_a_member_that_cannot_be_sent_costs_its_group(stage: Stage) -> None:
    """The others of the group cannot be compared without it; other groups are judged."""
    await stage.replica(toys.GroupVerifier)
    backend = await stage.backend(toys.GroupVerifier)
    work = list(GROUPS)
    work[2] = Item(id="2", reward="rank", completion="\ud800", group_id="a")
    verdicts = await backend.score("group", work, NEVER)
    assert [v.reason for v in verdicts] == ["unsendable_item", "compared"] * 3
    assert [v.score for v in verdicts][1::2] == [0.0, 0.0, 1.0]


async def test_an_item_that_cannot_be_read_costs_itself(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a replica cannot read ends neither the connection nor the calls beside it."""
    await stage.replica(ProbeVerifier)
    backend = await stage.backend(ProbeVerifier)
    held = asyncio.create_task(backend.score("probe", items("probe", "gate"), NEVER))
    await until(lambda: ProbeVerifier.begun)
    send = Connection.send

    def garble(connection: Connection, message: object) -> None:
        """Spoil the items of some messages on their way."""
        if isinstance(message, Score) and b"poison" in bytes(message.items):
            message.items[1] = 0xC1
        send(connection, message)

    monkeypatch.setattr(Connection, "send", garble)
    verdicts = await backend.score("probe", items("probe", "mark", "poison", "mark"), NEVER)
    assert [v.reason for v in verdicts] == ["told", "unsendable_item", "told"]
    ProbeVerifier.gate.set()
    assert (await held)[0].reason == "told"


@pytest.mark.parametrize("answer", [b"\x00\xc1", b"\x00\x90", b""])
async def test_an_answer_that_is_none_is_no_score(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, answer: bytes
) -> None:
    """Verdicts that cannot be read, or are too few, are a fault of ours for the items of that call."""
    await stage.replica(ProbeVerifier)
    backend = await stage.backend(ProbeVerifier)
    send = Connection.send

    def garble(connection: Connection, message: object) -> None:
        """Put something else in the place of verdicts."""
        if isinstance(message, Scored):
            message = Scored(message.call, memoryview(answer), message.cpu_ms)
        send(connection, message)

    with monkeypatch.context() as patch:
        patch.setattr(Connection, "send", garble)
        verdicts = await backend.score("probe", items("probe", "mark", "mark"), NEVER)
    assert [(v.status, v.reason) for v in verdicts] == [(Status.ERROR, "bad_verdict")] * 2
    assert (await backend.score("probe", items("probe", "mark"), NEVER))[0].score == 1.0


@pytest.mark.parametrize("messages", [1, 3])
async def test_large_batches_travel_in_several_messages(stage: Stage, messages: int) -> None:
    """Verdicts come back in order, and members of a group stay together."""
    service = await stage.replica(toys.GroupVerifier)
    backend = await stage.backend(toys.GroupVerifier)
    size = messages * call_module.MESSAGE_CHARS // 3 - 1000
    work = [
        Item(id=str(i), reward="rank", completion="x" * (size // 2 + i), group_id=f"g{i % 3}") for i in range(6)
    ]
    verdicts = await backend.score("group", work, NEVER)
    assert [v.score for v in verdicts] == [0.0, 0.0, 0.0, 1.0, 1.0, 1.0]
    assert {v.details["size"] for v in verdicts} == {2}
    assert len(service._workload._calls_ms) == messages


async def test_items_that_are_large_for_more_than_their_text_are_cut_too(stage: Stage) -> None:
    """Token ids, chats and what is passed through count in the end."""
    service = await stage.replica(ProbeVerifier)
    backend = await stage.backend(ProbeVerifier)
    work = items("probe", *["mark"] * 8, extra={"x": "y" * (call_module.LARGE_MESSAGE_BYTES // 3)})
    assert {v.score for v in await backend.score("probe", work, NEVER)} == {1.0}
    assert len(service._workload._calls_ms) == 4


async def test_no_items_need_no_replica(stage: Stage) -> None:
    """An empty chunk has no verdicts."""
    backend = await stage.backend(ProbeVerifier)
    assert await backend.score("probe", [], NEVER) == []


async def test_an_overloaded_replica_is_passed_by(stage: Stage) -> None:
    """The chunk goes to the other one, and was begun once."""
    for _ in range(2):
        await stage.replica(ProbeVerifier, max_queued_items=1)
    backend = await stage.backend(ProbeVerifier)
    held = asyncio.create_task(backend.score("probe", items("probe", "gate", "gate"), NEVER))
    await until(lambda: ProbeVerifier.begun)
    for _ in range(3):
        verdicts = await backend.score("probe", items("probe", "mark"), NEVER)
        assert (verdicts[0].reason, verdicts[0].attempts) == ("told", 1)
    ProbeVerifier.gate.set()
    await held


@pytest.mark.parametrize("replicas", [2, 4])
async def test_chunks_spread_evenly(stage: Stage, replicas: int) -> None:
    """A burst of eight slow chunks is split exactly."""
    services = [await stage.replica(toys.SleepyVerifier) for _ in range(replicas)]
    backend = await stage.backend(toys.SleepyVerifier)
    await asyncio.gather(*(backend.score("sleepy", items("sleepy", "100"), NEVER) for _ in range(8)))
    assert [service.report().items for service in services] == [8 // replicas] * replicas


async def test_chunks_one_after_the_other_spread_evenly(stage: Stage) -> None:
    """Replicas that wait for nothing take turns."""
    services = [await stage.replica(toys.EchoVerifier) for _ in range(3)]
    backend = await stage.backend(toys.EchoVerifier)
    for _ in range(9):
        await backend.score("echo", items("echo", "1"), NEVER)
    assert [service.report().items for service in services] == [3, 3, 3]


async def test_chunks_follow_the_time_that_items_take(stage: Stage) -> None:
    """Spread over replicas at first, one call for trivial work, a worthwhile piece of slow work."""
    services = [await stage.replica(ProbeVerifier, slots=2) for _ in range(2)]
    backend = await stage.backend(ProbeVerifier)
    assert backend.chunk_items("probe", 64) == 32
    sizes = {}
    for item_ms in (0.01, 4.0, 1000.0):
        for service in services:
            pace(service, item_ms)
            service._tell()
        await until(lambda want=item_ms: all(r.item_ms == want for r in backend.replicas()["probe"]))
        sizes[item_ms] = [backend.chunk_items("probe", count) for count in (1, 8, 64, 1024)]
    assert sizes == {0.01: [1, 8, 64, 256], 4.0: [1, 4, 20, 20], 1000.0: [1, 1, 1, 1]}


async def test_the_wait_for_queued_work_can_be_told(stage: Stage) -> None:
    """From the queue of the replicas and the time of their items; nothing where no replica is known."""
    backend = await stage.backend(ProbeVerifier)
    assert backend.expected_wait_ms("probe", 0) == 0.0
    assert backend.chunk_items("probe", 7) == 7
    service = await stage.replica(ProbeVerifier, slots=2)
    await until(lambda: backend.replicas()["probe"])
    pace(service, 30.0)
    held = asyncio.create_task(backend.score("probe", items("probe", *["gate"] * 8), NEVER))
    await until(lambda: ProbeVerifier.begun)
    service._tell()
    await until(lambda: backend.expected_wait_ms("probe", 0) == 105.0)
    ProbeVerifier.gate.set()
    await held


async def test_new_calls_are_judged_by_the_version_most_replicas_have(stage: Stage) -> None:
    """While replicas differ none is asked for what it does not have."""
    services = [await stage.replica(ProbeVerifier) for _ in range(3)]
    backend = await stage.backend(ProbeVerifier)
    offered = backend.offered()
    assert backend.offered() is offered
    first = offered["probe"].version
    await services[0].configure(ProbeSettings(mark="second"))
    await until(lambda: len({r.version for r in backend.replicas()["probe"]}) == 2)
    assert backend.offered()["probe"].version == first
    answers = {(await backend.score("probe", items("probe", "mark"), NEVER, first))[0].answer for _ in range(6)}
    assert answers == {"first"}
    await services[1].configure(ProbeSettings(mark="second"))
    await until(lambda: backend.offered()["probe"].version != first)
    second = backend.offered()["probe"].version
    before = services[2].report().items
    answers = {(await backend.score("probe", items("probe", "mark"), NEVER, second))[0].answer for _ in range(6)}
    assert answers == {"second"}
    assert services[2].report().items == before


async def test_what_a_deployment_leaves_out_is_known(stage: Stage) -> None:
    """Rewards of registered verifiers that have no application here."""
    backend = await stage.backend(ProbeVerifier)
    assert backend.absent_rewards() == {}
    assert backend.states()["probe"].state == "unavailable"


def test_every_loop_will_do() -> None:
    """Calls, refusals and cancellation on the loop that servers run on."""

    async def run() -> None:
        ProbeVerifier.reset()
        async with staged() as stage:
            service = await stage.replica(ProbeVerifier)
            backend = await stage.backend(ProbeVerifier)
            held = asyncio.create_task(backend.score("probe", items("probe", "gate"), NEVER))
            await until(lambda: ProbeVerifier.begun)
            large = items("probe", *["mark"] * 9, extra={"x": "y" * 1_000_000})
            assert {v.score for v in await backend.score("probe", large, NEVER)} == {1.0}
            refused = await backend.score("probe", items("probe", "mark"), NEVER, "0.0+unheard")
            assert refused[0].reason == "version_changed"
            held.cancel()
            await until(lambda: ProbeVerifier.stopped)
            await service.close()
            assert (await backend.score("probe", items("probe", "mark"), NEVER))[0].status is Status.UNAVAILABLE

    uvloop.run(run())
