"""Settings that change while calls are in progress."""

import asyncio

import pytest
from probe import ProbeSettings, ProbeVerifier
from replicas import Stage, items, until

from guerdon.services.contract import Deadline
from guerdon.services.runtime.replica import editions as editions_module
from guerdon.services.runtime.replica.service import ReplicaService

NEVER = Deadline.never()


async def test_calls_are_finished_by_the_version_they_were_planned_by(stage: Stage) -> None:
    """New calls are judged under the new settings, those in progress under the old, their later chunks too."""
    service = await stage.replica(ProbeVerifier)
    backend = await stage.backend(ProbeVerifier)
    old = backend.offered()["probe"].version
    begun = asyncio.create_task(backend.score("probe", items("probe", "gate"), NEVER, old))
    await until(lambda: ProbeVerifier.begun)
    await service.configure(ProbeSettings(mark="second"))
    await until(lambda: backend.offered()["probe"].version != old)
    later = await backend.score("probe", items("probe", "mark"), NEVER, old)
    new = await backend.score("probe", items("probe", "mark"), NEVER, backend.offered()["probe"].version)
    ProbeVerifier.gate.set()
    assert [(await begun)[0].answer, later[0].answer, new[0].answer] == ["first", "first", "second"]


async def test_equal_settings_change_nothing(stage: Stage) -> None:
    """The verifier is not started anew."""
    service = await stage.replica(ProbeVerifier)
    before = service._editions.current
    await service.configure(ProbeSettings())
    assert service._editions.current is before


async def test_settings_that_decide_nothing_keep_the_version(stage: Stage) -> None:
    """The verifier is started under them, and the version stays."""
    service = await stage.replica(ProbeVerifier)
    before = service.report()
    await service.configure(ProbeSettings(comment="more workers"))
    after = service.report()
    assert (after.version, after.kept_versions) == (before.version, ())
    assert service._editions.current.settings.comment == "more workers"


async def test_settings_that_do_not_start_leave_the_old_ones_at_work(stage: Stage) -> None:
    """Whoever configures learns why; gateways notice nothing."""
    service = await stage.replica(ProbeVerifier)
    backend = await stage.backend(ProbeVerifier)
    before = service.report()
    with pytest.raises(FileNotFoundError):
        await service.configure(ProbeSettings(mark="second", startable=False))
    assert (service.report().version, service.report().condition) == (before.version, "ready")
    assert ProbeVerifier.closed == ["second"]
    assert (await backend.score("probe", items("probe", "mark"), NEVER))[0].answer == "first"


async def test_first_settings_that_do_not_start_are_told(stage: Stage) -> None:
    """The replica is unavailable and says why, in text that can be sent, until other settings mend it."""
    service = ReplicaService(ProbeVerifier, replica_id="r0", node="here")
    await service.start("127.0.0.1")
    stage.directory.addresses.append(service.address)
    assert service.report().condition == "starting"
    with pytest.raises(FileNotFoundError):
        await service.configure(ProbeSettings(startable=False))
    backend = await stage.backend(ProbeVerifier)
    state = backend.states()["probe"]
    assert (state.state, state.detail) == ("unavailable", "FileNotFoundError: the model file \\udcff is missing")
    await service.configure(ProbeSettings())
    await until(lambda: backend.states()["probe"].state == "ready")
    await service.close()


async def test_an_unknown_version_is_refused(stage: Stage) -> None:
    """No call is judged by another version than it was planned by."""
    await stage.replica(ProbeVerifier)
    backend = await stage.backend(ProbeVerifier)
    verdicts = await backend.score("probe", items("probe", "mark"), NEVER, "0.0+unheard")
    assert (verdicts[0].reason, verdicts[0].score, verdicts[0].attempts) == ("version_changed", None, 0)
    assert not ProbeVerifier.begun


async def test_an_old_edition_goes_when_nobody_asks_for_it(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not while a call is at it, and its version is refused afterwards."""
    monkeypatch.setattr(editions_module, "KEPT_IDLE_S", 0.05)
    monkeypatch.setattr(editions_module, "_LOOK_PERIOD_S", 0.01)
    service = await stage.replica(ProbeVerifier)
    backend = await stage.backend(ProbeVerifier)
    old = backend.offered()["probe"].version
    call = asyncio.create_task(backend.score("probe", items("probe", "gate"), NEVER, old))
    await until(lambda: ProbeVerifier.begun)
    await service.configure(ProbeSettings(mark="second"))
    await asyncio.sleep(0.15)
    assert service.report().kept_versions == (old,)
    ProbeVerifier.gate.set()
    assert (await call)[0].answer == "first"
    await until(lambda: ProbeVerifier.closed)
    assert service.report().kept_versions == ()
    verdicts = await backend.score("probe", items("probe", "mark"), NEVER, old)
    assert verdicts[0].reason == "version_changed"


async def test_an_edition_that_is_replaced_while_idle_waits_for_calls_planned_by_it(stage: Stage) -> None:
    """Gateways that have not heard of the change yet are not refused."""
    service = await stage.replica(ProbeVerifier)
    service._editions.current.used -= 3600
    old = service.report().version
    await service.configure(ProbeSettings(mark="second"))
    await asyncio.sleep(0)
    assert service.report().kept_versions == (old,)


async def test_an_old_edition_finishes_its_calls_after_its_time(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is no longer offered, and its calls in hand are not cut off."""
    monkeypatch.setattr(editions_module, "KEPT_S", 0.02)
    monkeypatch.setattr(editions_module, "_LOOK_PERIOD_S", 0.01)
    service = await stage.replica(ProbeVerifier)
    backend = await stage.backend(ProbeVerifier)
    call = asyncio.create_task(backend.score("probe", items("probe", "gate"), NEVER))
    await until(lambda: ProbeVerifier.begun)
    await service.configure(ProbeSettings(mark="second"))
    await until(lambda: service.report().kept_versions == ())
    assert not ProbeVerifier.closed
    ProbeVerifier.gate.set()
    assert (await call)[0].answer == "first"


async def test_changing_back_is_no_conflict(stage: Stage) -> None:
    """Two editions of one version may be there at a time."""
    service = await stage.replica(ProbeVerifier)
    backend = await stage.backend(ProbeVerifier)
    first = service.report().version
    await service.configure(ProbeSettings(mark="second"))
    await service.configure(ProbeSettings())
    assert service.report().version == first
    assert (await backend.score("probe", items("probe", "mark"), NEVER, first))[0].answer == "first"


async def test_closing_stops_all_editions(stage: Stage) -> None:
    """Those that are kept as well as the current one."""
    service = await stage.replica(ProbeVerifier)
    for mark in ("second", "third"):
        await service.configure(ProbeSettings(mark=mark))
    await service.close()
    assert sorted(ProbeVerifier.closed) == ["first", "second", "third"]


async def test_settings_that_come_while_the_replica_closes_start_nothing(stage: Stage) -> None:
    """Whatever had started by then is stopped."""
    service = await stage.replica(ProbeVerifier)
    await service.close()
    with pytest.raises(RuntimeError, match="closed"):
        await service.configure(ProbeSettings(mark="late"))
    assert ProbeVerifier.closed == ["first", "late"]
