"""Replicas are found, met once, and let go."""

import asyncio
import socket

import pytest
from probe import ProbeVerifier
from replicas import HOST, ListDirectory, Stage, items, until

from guerdon.services.contract import Deadline
from guerdon.services.runtime.link import replica_link
from guerdon.services.runtime.link.messages import Address
from guerdon.services.runtime.remote import fleet as fleet_module
from guerdon.services.runtime.remote.fleet import Fleet

NEVER = Deadline.never()


@pytest.fixture(autouse=True)
def _look_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fleet_module, "LOOK_PERIOD_S", 0.02)
    monkeypatch.setattr(fleet_module, "SOONEST_LOOK_S", 0.01)


async def test_nobody_is_deployed(stage: Stage) -> None:
    """The state says why, and nothing is scored."""
    backend = await stage.backend(ProbeVerifier)
    state = backend.states()["probe"]
    assert (state.state, state.detail) == ("unavailable", "nobody has deployed 'probe'")
    verdicts = await backend.score("probe", items("probe", "mark"), NEVER)
    assert (verdicts[0].reason, verdicts[0].attempts) == ("verifier_unavailable", 0)
    await stage.replica(ProbeVerifier)
    await until(lambda: backend.states()["probe"].state == "ready")
    assert backend.offered()["probe"].version


async def test_before_the_first_look_a_verifier_is_starting() -> None:
    """Nobody knows yet."""
    assert Fleet("probe", ListDirectory()).state().state == "starting"


async def test_a_directory_that_fails_takes_nothing_away(stage: Stage) -> None:
    """Replicas at hand are used on; without any the state says what is wrong."""
    await stage.replica(ProbeVerifier)
    backend = await stage.backend(ProbeVerifier)
    stage.directory.fault = ConnectionError("the controller is gone")
    await asyncio.sleep(0.1)
    assert (await backend.score("probe", items("probe", "mark"), NEVER))[0].score == 1.0
    other = await stage.backend(ProbeVerifier)
    assert other.states()["probe"].detail == "replicas cannot be found: ConnectionError"
    stage.directory.fault = None
    await until(lambda: other.states()["probe"].state == "ready")


async def test_a_directory_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first look is over all the same."""
    monkeypatch.setattr(fleet_module, "FIND_TIMEOUT_S", 0.02)

    class Hanging:
        async def find(self, verifier: str) -> list[Address]:
            await asyncio.Event().wait()
            return []

    fleet = Fleet("probe", Hanging())
    await fleet.start()
    await fleet.first_look.wait()
    assert fleet.state().detail == "replicas cannot be found: TimeoutError"
    await fleet.close()


@pytest.mark.parametrize("answer", [[None], None, [Address(id="x", host="\ud800", port=99_999, secret="")]])
async def test_a_directory_that_answers_nonsense_is_asked_again(stage: Stage, answer: object) -> None:
    """Whatever it says, the search goes on."""
    sound = stage.directory.find

    async def find(verifier: str) -> object:
        return answer

    stage.directory.find = find
    backend = await stage.backend(ProbeVerifier)
    assert backend.states()["probe"].state == "unavailable"
    stage.directory.find = sound
    await stage.replica(ProbeVerifier)
    await until(lambda: backend.states()["probe"].state == "ready")


async def test_a_replica_is_met_once_however_often_it_is_listed(stage: Stage) -> None:
    """Twice in one list and in every list."""
    service = await stage.replica(ProbeVerifier)
    stage.directory.addresses *= 2
    backend = await stage.backend(ProbeVerifier)
    await asyncio.sleep(0.1)
    assert len(service._listener.gateways) == 1
    assert len(backend.replicas()["probe"]) == 1


async def test_a_replica_started_anew_under_its_old_name_takes_the_place_of_the_old(stage: Stage) -> None:
    """Another port and another secret are another replica, even while the old one still holds its connection."""
    old = await stage.replica(ProbeVerifier, replica_id="same")
    backend = await stage.backend(ProbeVerifier)
    stage.directory.addresses.clear()
    new = await stage.replica(ProbeVerifier, replica_id="same")
    await until(lambda: new._listener.gateways and not old._listener.gateways)
    for _ in range(3):
        assert (await backend.score("probe", items("probe", "mark"), NEVER))[0].score == 1.0
    assert (old.report().items, new.report().items) == (0, 3)
    assert len(backend.replicas()["probe"]) == 1


async def test_a_replica_that_cannot_be_reached_holds_up_no_other(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that accepts and stays silent is tried while others are met and used."""
    monkeypatch.setattr(replica_link, "CONNECT_TIMEOUT_S", 0.3)
    with socket.create_server((HOST, 0)) as silent:
        await stage.replica(ProbeVerifier)
        backend = await stage.backend(ProbeVerifier)
        ghost = Address(id="ghost", host=HOST, port=silent.getsockname()[1], secret="x")
        stage.directory.addresses.append(ghost)
        await asyncio.sleep(0.05)
        await stage.replica(ProbeVerifier)
        await until(lambda: len(backend.replicas()["probe"]) == 2)
        await asyncio.sleep(0.4)
        assert len(backend.replicas()["probe"]) == 2


async def test_a_wrong_secret_is_not_met(stage: Stage) -> None:
    """The replica hangs up, and the verifier is unavailable."""
    service = await stage.replica(ProbeVerifier)
    stage.directory.addresses = [Address(id="r0", host=HOST, port=service.address.port, secret="old")]
    backend = await stage.backend(ProbeVerifier)
    assert backend.states()["probe"].state == "unavailable"


async def test_closing_while_a_replica_is_being_met_leaves_nothing(stage: Stage) -> None:
    """Neither tasks nor connections nor timers."""
    with socket.create_server((HOST, 0)) as silent:
        stage.directory.addresses.append(Address(id="ghost", host=HOST, port=silent.getsockname()[1], secret="x"))
        fleet = Fleet("probe", stage.directory)
        await fleet.start()
        await asyncio.sleep(0.05)
        await fleet.close()
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_closing_leaves_no_task_and_no_timer(stage: Stage) -> None:
    """After backend and replica are closed the loop has nothing left to do."""
    service = await stage.replica(ProbeVerifier)
    backend = await stage.backend(ProbeVerifier)
    await backend.score("probe", items("probe", "mark"), NEVER)
    await backend.close()
    await service.close()
    await asyncio.sleep(0.01)
    assert asyncio.all_tasks() == {asyncio.current_task()}
    timers = [timer for timer in asyncio.get_running_loop()._scheduled if not timer.cancelled()]
    assert [timer for timer in timers if "guerdon" in repr(timer)] == []
