"""``guerdon doctor --sandbox``: what of the isolation holds on this host."""

from __future__ import annotations

import json

import pytest

from guerdon.sandbox import Tier
from guerdon.sandbox.jail import landlock, seccomp
from guerdon.sandbox.selfcheck import Finding, Report, State
from guerdon.services.cli import sandbox_report
from guerdon.services.cli.checks import sandbox

FINDINGS = (
    Finding(group="network", name="a door", state=State.HOLDS, detail="refused: no", means="nobody gets out"),
    Finding(group="network", name="a window", state=State.FAILS, detail="reached: out", means="nobody jumps"),
    Finding(group="files", name="a drawer", state=State.GAP, detail="no drawers here", means="nobody looks"),
    Finding(group="files", name="a \x1b[2J box", state=State.UNTRIED, detail="no box\n", means="nobody digs"),
)


@pytest.fixture
def report(monkeypatch):
    """Has a self-check end in the given report."""

    def ended(**fields: object) -> None:
        async def selfcheck(tier, min_tier, on_finding) -> Report:
            whole = Report(
                **{"tier": "full", "min_tier": min_tier, "facts": {"user": "root"}, "findings": (), **fields}
            )
            for finding in whole.findings:
                on_finding(finding)
            return whole

        monkeypatch.setattr(sandbox_report, "selfcheck", selfcheck)

    return ended


@pytest.mark.slow
def test_this_host(guerdon):
    """The real thing: what the host offers, each check with its meaning, and an exit code that says the same."""
    outcome = guerdon("doctor", "--sandbox", "--json")
    found = json.loads(outcome.out)
    if not found["tier"]:
        pytest.skip(f"no tier here: {found['fault']}")
    assert {check["name"] for check in found["host"]} >= {"kernel", "user namespaces", "Landlock", "seccomp"}
    assert {check["group"] for check in found["checks"]} >= {"network", "files", "limits", "kernel", "rights"}
    assert all(check["means"] for check in found["checks"])
    assert found["ok"] is (outcome.code == 0)
    assert found["ok"] is not any(check["state"] == "fails" for check in found["checks"])


def test_a_host_that_holds(guerdon, report):
    """Nothing fails: exit code 0, and the last lines say what the tier is made of."""
    report(findings=FINDINGS[:1])
    outcome = guerdon("doctor", "--sandbox")
    assert outcome.code == 0
    lines = [line.rstrip() for line in outcome.out.splitlines()]
    assert "holds  a door  refused: no (nobody gets out)" in lines
    assert lines[-2:] == ["the tier full holds here: 1 hold, 0 fail, 0 not promised, 0 not tried", "user: root"]


def test_a_host_that_does_not(guerdon, report):
    """Something fails: exit code 1; each line says what was seen and what it would have meant."""
    report(findings=FINDINGS)
    outcome = guerdon("doctor", "--sandbox")
    assert outcome.code == 1
    assert "fails  a window  reached: out (holding it would mean: nobody jumps)" in outcome.out
    assert "not promised  a drawer" in outcome.out
    assert "not tried     a \\x1b[2J box" in outcome.out
    assert "no box\\n (holding it would mean: nobody digs)" in outcome.out
    assert "the tier full does NOT hold here: 1 hold, 1 fail, 1 not promised, 1 not tried" in outcome.out


def test_a_tier_that_is_too_weak(guerdon, report):
    """All of a weak tier may hold; below the minimum it is still not good."""
    report(tier="restricted", findings=FINDINGS[:1])
    outcome = guerdon("doctor", "--sandbox", "--min-tier", "full")
    assert outcome.code == 1
    assert "the tier restricted is below the minimum, full: 1 hold" in outcome.out


def test_a_host_without_any(guerdon, report):
    """Where no engine starts, why is all there is to say."""
    report(tier="", fault="no Landlock")
    outcome = guerdon("doctor", "--sandbox")
    assert outcome.code == 1
    assert outcome.out.rstrip().endswith("programs cannot be run here: no Landlock")
    assert json.loads(guerdon("doctor", "--sandbox", "--json").out)["fault"] == "no Landlock"


def test_a_tier_without_the_sandbox(guerdon):
    """--tier means nothing to the other checks, and is refused rather than ignored."""
    outcome = guerdon("doctor", "--tier", "full")
    assert (outcome.code, outcome.err) == (2, "guerdon: --tier and --min-tier are for --sandbox\n")


@pytest.mark.parametrize(
    ("settings", "state", "fix"),
    [
        ({}, "ok", ""),
        ({"user/max_user_namespaces": "9999", "kernel/unprivileged_userns_clone": "1"}, "ok", ""),
        ({"user/max_user_namespaces": "0"}, "warn", "sysctl -w user.max_user_namespaces=15000"),
        (
            {"kernel/unprivileged_userns_clone": "0", "kernel/apparmor_restrict_unprivileged_userns": "1"},
            "warn",
            "sysctl -w kernel.unprivileged_userns_clone=1 && "
            "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
        ),
    ],
)
def test_settings_that_forbid_user_namespaces(monkeypatch, tmp_path, settings, state, fix):
    """Each that forbids them is named with what allows them."""
    for name, value in settings.items():
        file = tmp_path / "sys" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{value}\n", encoding="ascii")
    monkeypatch.setattr(sandbox, "PROC", tmp_path)
    check = sandbox.check_user_namespaces()
    assert (check.state, check.fix) == (state, fix)


@pytest.mark.parametrize(
    ("abi", "state", "detail"), [(0, "warn", "not there"), (3, "warn", "ABI 3;"), (7, "ok", "ABI 7")]
)
def test_landlock(monkeypatch, abi, state, detail):
    """Missing, of an age that leaves signals to seccomp, or whole."""
    monkeypatch.setattr(landlock, "abi", lambda: abi)
    check = sandbox.check_landlock()
    assert check.state == state
    assert check.detail.startswith(detail)


@pytest.mark.parametrize(("supported", "state"), [(True, "ok"), (False, "warn")])
def test_listener(monkeypatch, supported, state):
    """Whether refusals have names."""
    monkeypatch.setattr(seccomp, "listener_supported", lambda: supported)
    assert sandbox.check_listener().state == state


@pytest.mark.parametrize(
    ("release", "machine", "state"),
    [("6.1.0-x", "x86_64", "ok"), ("5.4.0", "aarch64", "warn"), ("6.1", "riscv64", "fail")],
)
def test_kernel(monkeypatch, release, machine, state):
    """Its age and the machine it runs on."""

    class Uname:
        pass

    Uname.release, Uname.machine = release, machine
    monkeypatch.setattr(sandbox.os, "uname", Uname)
    assert sandbox.check_kernel().state == state


def test_min_tiers_are_tiers():
    """What can be named on the command line is what there is."""
    from guerdon.services.cli.commands.doctor import MinTier

    assert set(MinTier.__args__) == {tier.value for tier in Tier}
