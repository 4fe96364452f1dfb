"""Several verifiers in one process: each is its own, and what fails costs itself alone."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence

import pytest
import toys
from probe import ProbeSettings, ProbeVerifier
from replicas import HOST, items, until

from guerdon.services.contract import Deadline, GroundTruth, Verdict, Verifier, VerifierSettings
from guerdon.services.runtime.link.messages import Address
from guerdon.services.runtime.remote.backend import RemoteBackend
from guerdon.services.runtime.replica import host as host_module
from guerdon.services.runtime.replica.host import ReplicaHost

NEVER = Deadline.never()


class Hosted:
    """A host of verifiers whose settings a test sets, with a gateway's backend over it."""

    def __init__(self, *kinds: type[Verifier]) -> None:
        self.kinds = kinds
        self.given: dict[str, VerifierSettings | Exception] = {}
        self.host = ReplicaHost(kinds, self.read, replica_id="r0", node="here")
        self.backend = RemoteBackend(kinds, self)

    def read(self, kind: type[Verifier]) -> VerifierSettings:
        """The settings of a verifier, or the fault they have."""
        given = self.given.get(kind.name, kind.Settings())
        if isinstance(given, Exception):
            raise given
        return given

    async def up(self) -> "Hosted":
        """Start it all, and wait until the backend has looked for the replica once."""
        await self.host.start(HOST)
        await self.host.configure()
        await self.backend.start()
        await self.backend.wait_started()
        return self

    async def find(self, verifier: str) -> Sequence[Address]:
        """Where one verifier listens."""
        return [self.host.addresses[verifier]]

    async def score(self, verifier: str, *completions: str, **fields: object) -> Sequence[Verdict]:
        """Verdicts of the reward that is named like its verifier."""
        return await self.backend.score(verifier, items(verifier, *completions, **fields), NEVER)

    def state(self, verifier: str) -> tuple[str, str]:
        """State of a verifier as the gateway sees it, and why."""
        state = self.backend.states()[verifier]
        return state.state, state.detail


@pytest.fixture
async def hosted(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Callable[..., Hosted]]:
    """Makes hosts of some verifiers; closed after the test."""
    monkeypatch.setattr(host_module, "RESTART_DELAY_S", 0.01)
    ProbeVerifier.reset()
    made: list[Hosted] = []

    def make(*kinds: type[Verifier]) -> Hosted:
        made.append(Hosted(*kinds))
        return made[-1]

    yield make
    for one in made:
        await one.backend.close()
        await one.host.close()


async def test_each_verifier_answers_for_itself(hosted: Callable[..., Hosted]) -> None:
    """Both at ports of their own, under the name of the one replica, each with its version and its counts."""
    both = await hosted(toys.EchoVerifier, ProbeVerifier).up()
    addresses = both.host.addresses
    assert addresses["echo"].port != addresses["probe"].port
    assert addresses["echo"].secret != addresses["probe"].secret
    assert [v.score for v in await both.score("echo", "0.5", "1")] == [0.5, 1.0]
    assert [v.answer for v in await both.score("probe", "mark")] == ["first"]
    echo, probe = both.host.reports()["echo"], both.host.reports()["probe"]
    assert (echo.id, echo.items, probe.id, probe.items) == ("r0", 2, "r0", 1)
    assert echo.version != probe.version


async def test_large_ground_truths_reach_the_verifier_they_are_for(hosted: Callable[..., Hosted]) -> None:
    """By reference, as with a replica of its own."""
    both = await hosted(toys.EchoVerifier, toys.TruthVerifier).up()
    truth = GroundTruth(form="text", texts=("x" * 10_000,))
    verdicts = await both.score("truth", "x" * 10_000, "y", ground_truth=truth)
    assert [verdict.score for verdict in verdicts] == [1.0, 0.0]


async def test_new_settings_of_one_leave_the_other_alone(hosted: Callable[..., Hosted]) -> None:
    """Calls in progress are finished by the version they were planned by; the other's version stays."""
    both = await hosted(toys.EchoVerifier, ProbeVerifier).up()
    old = {name: report.version for name, report in both.host.reports().items()}
    call = asyncio.create_task(both.backend.score("probe", items("probe", "gate"), NEVER, old["probe"]))
    await until(lambda: ProbeVerifier.begun)
    both.given["probe"] = ProbeSettings(mark="second")
    await both.host.configure()
    await until(lambda: both.backend.offered()["probe"].version != old["probe"])
    assert (await both.score("probe", "mark"))[0].answer == "second"
    ProbeVerifier.gate.set()
    assert (await call)[0].answer == "first"
    assert both.host.reports()["echo"].version == old["echo"]


async def test_one_that_does_not_start_costs_its_own_rewards(hosted: Callable[..., Hosted]) -> None:
    """The other judges, the replica stays, and gateways are told why; a score is never made up."""
    both = await hosted(toys.EchoVerifier, toys.UnstartableVerifier).up()
    await both.host.check_health()
    assert both.state("unstartable") == ("unavailable", "FileNotFoundError: the model file is missing")
    (missing,) = await both.score("unstartable", "x")
    assert (missing.score, missing.reason) == (None, "verifier_unavailable")
    assert (await both.score("echo", "1"))[0].score == 1.0


@pytest.mark.parametrize("fault", [ProbeSettings(startable=False), RuntimeError("no such setting")], ids=str)
async def test_one_that_could_not_start_is_started_when_it_can(
    hosted: Callable[..., Hosted], fault: VerifierSettings | Exception
) -> None:
    """By itself, without new settings from outside, whether the start failed or the settings could not be read."""
    both = hosted(toys.EchoVerifier, ProbeVerifier)
    both.given["probe"] = fault
    await both.up()
    assert both.state("probe")[0] == "unavailable"
    both.given["probe"] = ProbeSettings(mark="mended")
    await until(lambda: both.state("probe") == ("ready", ""))
    assert (await both.score("probe", "mark"))[0].answer == "mended"


async def test_new_settings_that_do_not_start_are_not_passed_over(hosted: Callable[..., Hosted]) -> None:
    """The verifier judges no more under settings that were replaced, until others come; the old ones will do."""
    both = await hosted(toys.EchoVerifier, ProbeVerifier).up()
    both.given["probe"] = ProbeSettings(startable=False)
    await both.host.configure()
    await until(lambda: both.state("probe")[0] == "unavailable")
    await both.host.check_health()
    assert both.state("probe")[0] == "unavailable"
    assert (await both.score("echo", "1"))[0].score == 1.0
    both.given["probe"] = ProbeSettings()
    await both.host.configure()
    await until(lambda: both.state("probe") == ("ready", ""))


async def test_a_start_that_hangs_does_not_hold_up_the_other(
    hosted: Callable[..., Hosted], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After its time the other is offered alone."""
    monkeypatch.setattr(host_module, "START_TIMEOUT_S", 0.05)
    both = await hosted(toys.EchoVerifier, toys.HangingStartVerifier).up()
    assert both.state("hanging") == ("unavailable", "TimeoutError: its start takes longer than 0.05 s")
    assert (await both.score("echo", "1"))[0].score == 1.0


async def test_a_sick_one_is_started_anew(hosted: Callable[..., Hosted]) -> None:
    """After several failed checks, with nothing of what it was; what it had in hand is still finished."""
    both = await hosted(toys.EchoVerifier, ProbeVerifier).up()
    before = both.host._services["probe"]._editions.current
    call = asyncio.create_task(both.score("probe", "gate"))
    await until(lambda: ProbeVerifier.begun)
    ProbeVerifier.well = False
    for _ in range(host_module.FAILED_CHECKS):
        assert both.host._services["probe"]._editions.current is before
        await both.host.check_health()
    ProbeVerifier.well = True
    await until(lambda: both.host._services["probe"]._editions.current is not before)
    await until(lambda: both.state("probe") == ("ready", ""))
    ProbeVerifier.gate.set()
    assert (await call)[0].score == 1.0


async def test_a_check_that_hangs_counts_as_failed(
    hosted: Callable[..., Hosted], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other's is not held up by it."""
    monkeypatch.setattr(host_module, "CHECK_TIMEOUT_S", 0.01)
    both = await hosted(toys.EchoVerifier, ProbeVerifier).up()

    async def hang(self: Verifier) -> None:
        await asyncio.Event().wait()

    with monkeypatch.context() as patch:
        patch.setattr(ProbeVerifier, "check_health", hang)
        patch.setattr(host_module, "RESTART_DELAY_S", 60.0)
        for _ in range(host_module.FAILED_CHECKS):
            await both.host.check_health()
    await until(lambda: both.state("probe")[0] == "unavailable")
    assert both.state("probe")[1] == "TimeoutError: its health check takes longer than 0.01 s"


async def test_where_none_works_the_replica_is_of_no_use(hosted: Callable[..., Hosted]) -> None:
    """Whoever runs it is told of each, so that it is replaced."""
    both = await hosted(toys.MoodyVerifier, ProbeVerifier).up()
    ProbeVerifier.well = False
    await both.host.check_health()
    for service in both.host._services.values():
        service._editions.current.runner.verifier.well = False
    with pytest.raises(RuntimeError, match="moody: RuntimeError: not today; probe: RuntimeError: not today"):
        await both.host.check_health()


async def test_none_that_starts_is_a_replica_that_does_not(hosted: Callable[..., Hosted]) -> None:
    """So that the deployment says why."""
    both = hosted(toys.UnstartableVerifier, ProbeVerifier)
    both.given["probe"] = ProbeSettings(startable=False)
    await both.host.start(HOST)
    with pytest.raises(RuntimeError, match="unstartable: FileNotFoundError: the model file is missing; probe: "):
        await both.host.configure()
    await both.host.close()


async def test_a_single_one_fails_as_itself(hosted: Callable[..., Hosted]) -> None:
    """Its replica is replaced by whoever runs it, so nothing is mended here."""
    alone = await hosted(ProbeVerifier).up()
    alone.given["probe"] = ProbeSettings(startable=False)
    with pytest.raises(FileNotFoundError):
        await alone.host.configure()
    assert alone.state("probe")[0] == "ready"
    ProbeVerifier.well = False
    for _ in range(host_module.FAILED_CHECKS + 1):
        with pytest.raises(RuntimeError, match="not today"):
            await alone.host.check_health()
    assert not alone.host._menders


async def test_closing_finishes_the_calls_of_all(hosted: Callable[..., Hosted]) -> None:
    """Every verifier drains, and nothing is mended any more."""
    both = hosted(toys.UnstartableVerifier, ProbeVerifier, toys.SleepyVerifier)
    await both.up()
    held, slept = asyncio.create_task(both.score("probe", "gate")), asyncio.create_task(both.score("sleepy", "50"))
    await until(lambda: ProbeVerifier.begun)
    closing = asyncio.create_task(both.host.close(30))
    await until(lambda: not both.host._menders)
    ProbeVerifier.gate.set()
    assert [verdicts[0].score for verdicts in (await held, await slept)] == [1.0, 1.0]
    await closing
