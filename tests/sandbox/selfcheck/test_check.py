"""The whole self-check on this host, with real engines."""

import pytest

from guerdon.sandbox import Tier
from guerdon.sandbox.selfcheck import Finding, Report, State, selfcheck
from guerdon.sandbox.selfcheck.check import GROUPS, STEPS


async def checked(tier: str, min_tier: Tier = Tier.RESTRICTED) -> tuple[Report, list[Finding]]:
    """The report at a tier, and the findings as they came; skips where there is no such tier."""
    told: list[Finding] = []
    report = await selfcheck(tier, min_tier, told.append)
    if not report.tier:
        pytest.skip(f"no tier {tier} here: {report.fault}")
    return report, told


@pytest.mark.slow
async def test_the_full_tier_holds() -> None:
    """Everything promised holds from inside; only what hangs on clocks may differ on a busy host."""
    report, told = await checked("full")

    wrong = [f"{each.name}: {each.detail}" for each in report.findings if each.state is State.FAILS]
    assert [text for text in wrong if "ms over the limit" not in text] == []
    assert list(report.findings) == told
    assert len(told) == STEPS
    assert report.tier == "full"
    assert report.strong_enough
    assert all(each.detail and each.means for each in told)


@pytest.mark.slow
async def test_no_tier_holds_little_and_harms_nothing() -> None:
    """Without isolation the checks say so: they tell a sandbox from none."""
    report, _ = await checked("none")

    states = {(each.group, each.name): each.state for each in report.findings}
    assert states["network", "TCP to a listener on this host"] is State.FAILS
    assert states["files", "a file in the host's temporary folder"] is State.FAILS
    assert states["kernel", "keyctl"] is State.FAILS
    assert states["rights", "the system call filter"] is State.FAILS
    assert states["limits", "endless sleep"] is State.HOLDS
    assert not report.strong_enough
    assert not report.ok


async def test_a_tier_that_cannot_be_had() -> None:
    """The report says why, has no findings, and is not good."""
    report = await selfcheck("no-such-tier")

    assert report.tier == ""
    assert report.fault
    assert not report.ok
    assert report.findings == ()


@pytest.mark.parametrize(
    ("tier", "states", "ok"),
    [
        ("full", ["holds", "gap", "untried"], True),
        ("full", ["holds", "fails"], False),
        ("restricted", ["holds"], False),
        ("", [], False),
    ],
)
def test_a_report_is_good_if_it_is_strong_enough_and_nothing_fails(tier: str, states: list[str], ok: bool) -> None:
    """What is not promised, or could not be tried, is told but not held against the host."""
    findings = tuple(Finding(group="g", name=state, state=State(state), detail="d", means="m") for state in states)

    assert Report(tier=tier, min_tier=Tier.FULL, facts={}, findings=findings).ok is ok


def test_every_check_has_a_name_of_its_own() -> None:
    """A finding is known by its group and name, and each says what it means."""
    names = [(group, probe.name) for group, probes in GROUPS.items() for probe in probes]

    assert len(set(names)) == len(names)
    assert all(probe.means for probes in GROUPS.values() for probe in probes)
