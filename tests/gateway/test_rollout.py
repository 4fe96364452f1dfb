"""One version judges a call, whatever is rolled out meanwhile: the gateway over replicas that change."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from calls import component, request
from probe import ProbeSettings, ProbeVerifier
from replicas import Stage, staged, until

from guerdon.services.contract.errors import DigestMismatch, VerifierUnavailable
from guerdon.services.contract.requests import RewardSpec
from guerdon.services.contract.verdicts import Verdict
from guerdon.services.contract.verifier import Params, RewardInfo
from guerdon.services.gateway.core import Gateway
from guerdon.services.gateway.plan import AskedReward, Plan, PlannedComponent, PlannedItem
from guerdon.services.gateway.resume import take_over
from guerdon.services.gateway.settings import GatewaySettings
from guerdon.services.runtime.backend import OfferedVerifier

Rollout = Callable[[str], Awaitable[None]]


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    """Starts replicas and backends; nothing of them is left after the test."""
    ProbeVerifier.reset()
    async with staged() as made:
        yield made


@pytest.fixture
async def gateway(stage: Stage) -> Gateway:
    """A gateway over one replica of the probe, which answers its mark: ``first`` to begin with."""
    stage.replica_of_test = await stage.replica(ProbeVerifier)
    return Gateway(await stage.backend(ProbeVerifier), GatewaySettings())


@pytest.fixture
def roll_out(stage: Stage, gateway: Gateway) -> Rollout:
    """Gives the probe another mark and waits until the gateway knows."""

    async def change(mark: str) -> None:
        before = gateway.digest
        await stage.replica_of_test.configure(ProbeSettings(mark=mark))
        await until(lambda: gateway.digest != before)

    return change


def judged_by(response) -> tuple[str, list[str | None]]:
    """The digest of an answer, and what the probe said of each item."""
    return response.digest, [result.components[0].answer for result in response.results]


async def test_what_was_cached_before_a_rollout_is_judged_anew_after_it(gateway, roll_out):
    """A verdict is known by the version that gave it, and answers name the version and digest of theirs."""
    first = await gateway.score(request("x", rewards="probe"))
    await roll_out("second")
    second = await gateway.score(request("x", rewards="probe"))
    assert (component(first).answer, component(second).answer) == ("first", "second")
    assert not component(second).cached
    assert component(second).verifier_version == gateway.describe().verifiers[0].version
    assert second.digest == gateway.digest != first.digest
    await roll_out("first")
    third = await gateway.score(request("x", rewards="probe"))
    assert (component(third).answer, component(third).cached, third.digest) == ("first", True, first.digest)


async def test_a_call_ends_under_the_version_it_began_with(gateway, roll_out):
    """Also for who joins it after the rollout; new calls are judged by the new version meanwhile."""
    before = gateway.digest
    call = request("gate", "x", rewards="probe", request_id="r")
    running = asyncio.create_task(gateway.score(call))
    await until(lambda: ProbeVerifier.begun)
    await roll_out("second")
    joined = asyncio.create_task(gateway.score(call))
    assert judged_by(await gateway.score(request("x", rewards="probe"))) == (gateway.digest, ["second"])
    ProbeVerifier.gate.set()
    expected = (before, ["first", "first"])
    assert [judged_by(await running), judged_by(await joined)] == [expected, expected]


async def test_a_whole_answer_is_given_again_as_it_was(gateway, roll_out):
    """A call sent again after a rollout is answered from memory with the digest of its verdicts."""
    call = request("x", rewards="probe", request_id="r")
    first = await gateway.score(call)
    await roll_out("second")
    assert judged_by(await gateway.score(call)) == judged_by(first)


async def test_a_call_that_is_tried_again_after_a_rollout_keeps_nothing_of_before(gateway, roll_out):
    """Its earlier verdicts are another version's than those still to come."""
    await gateway.score(request("x", rewards="probe"))
    call = request("x", "raise", rewards="probe", request_id="r")
    assert judged_by(await gateway.score(call))[1] == ["first", None]
    await roll_out("second")
    await gateway.score(request("x", rewards="probe"))
    assert judged_by(await gateway.score(call)) == (gateway.digest, ["second", None])


async def test_an_expected_digest_waits_for_versions_that_are_not_known_yet(stage):
    """As long as nobody can say it is not refused for good; then it is, or fits."""
    gateway = Gateway(await stage.backend(ProbeVerifier), GatewaySettings())
    unknown = gateway.digest
    with pytest.raises(VerifierUnavailable, match="not told its version") as refused:
        await gateway.score(request("x", rewards="probe", expect_digest="sha256:0"))
    assert refused.value.retry_after_s
    await stage.replica(ProbeVerifier)
    await until(lambda: gateway.digest != unknown)
    await gateway.score(request("x", rewards="probe", expect_digest=gateway.digest))
    with pytest.raises(DigestMismatch):
        await gateway.score(request("x", rewards="probe", expect_digest=unknown))


class OfParams(Params):
    """Parameters of a dependent reward."""

    of: str = "base"


def plan(judged: bool, base: str = "1", params: dict | None = None, group: bool = False, items: int = 2) -> Plan:
    """A call for a base and a reward that builds on it, with verdicts of a try or without."""
    grouping = "group" if group else "item"
    offered = [OfferedVerifier(name=n, version=v, rewards=()) for n, v in (("base", base), ("after", "1"))]
    infos = [
        RewardInfo(name="base", description="b"),
        RewardInfo(name="after", description="a", dependent=True, params=OfParams, grouping=grouping),
    ]
    specs = [RewardSpec(name="base", params=params or {}), RewardSpec(name="after", params={"of": "base"})]
    asked = [AskedReward(*each) for each in zip(specs, offered, infos, strict=True)]
    verdict = Verdict.ok(1.0, "fine", "fine") if judged else None
    return Plan(
        [
            PlannedItem(str(n), [PlannedComponent(asked[0], verdict), PlannedComponent(asked[1], verdict, 0)], "g")
            for n in range(items)
        ],
        None,
        {"base", "after"},
    )


def kept(again: Plan) -> list[list[bool]]:
    """Which verdicts were kept: those of the base and those built on it, by item."""
    return [[c.verdict is not None for c in item.components] for item in again.items]


@pytest.mark.parametrize("group", [False, True])
@pytest.mark.parametrize(
    ("changed", "expected"),
    [({}, [True, True]), ({"base": "2"}, [False, False]), ({"params": {"strict": True}}, [False, False])],
)
def test_a_dependent_verdict_is_kept_only_with_what_it_builds_on(group, changed, expected):
    """Where the base is judged anew, by another version or with other parameters, so is what builds on it."""
    again = plan(judged=False, group=group, **changed)
    take_over(again, plan(judged=True, group=group))
    assert kept(again) == [expected] * 2


@pytest.mark.parametrize(("group", "after"), [(False, True), (True, False)])
def test_a_base_without_verdict_costs_its_dependent_and_that_ones_group(group, after):
    """A neighbour that is judged by itself is kept."""
    earlier, again = plan(judged=True, group=group), plan(judged=False, group=group)
    for part in earlier.items[0].components:
        part.verdict = None
    take_over(again, earlier)
    assert kept(again) == [[False, False], [True, after]]


def test_a_group_is_not_kept_without_a_member_it_was_compared_with():
    """Other settings can take a reward from some members; the others were compared with those."""
    earlier, again = plan(judged=True, group=True), plan(judged=False, group=True)
    again.items[0].components.pop()
    take_over(again, earlier)
    assert kept(again) == [[True], [True, False]]
