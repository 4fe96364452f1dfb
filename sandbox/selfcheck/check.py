"""The whole self-check: plants, starts an engine, tries everything, looks at what is left."""

from collections.abc import Callable

from guerdon.sandbox.engine.engine import Engine
from guerdon.sandbox.errors import TierUnavailable, UnknownLanguage
from guerdon.sandbox.languages import ALL
from guerdon.sandbox.program import Case, Program
from guerdon.sandbox.result import Verdict
from guerdon.sandbox.selfcheck import bombs, channels, clocks, files, honest, leftovers, network, privileges
from guerdon.sandbox.selfcheck.finding import Finding, Report, State
from guerdon.sandbox.selfcheck.probe import Outcome, Probe, finding, judge, missing, relieved
from guerdon.sandbox.selfcheck.surroundings import Surroundings, planted
from guerdon.sandbox.selfcheck.unproven import UnprovenLanguages
from guerdon.sandbox.settings import AUTO, SandboxSettings
from guerdon.sandbox.tier import Tier

GROUPS = {
    "network": network.PROBES,
    "files": files.PROBES,
    "limits": (*bombs.PROBES, *clocks.PROBES),
    "kernel": channels.PROBES,
    "rights": privileges.PROBES,
}
STEPS = sum(map(len, GROUPS.values())) + len(ALL) + leftovers.CHECKS
"""How many findings a report has."""
_MOST_SLOTS = 2
_TRIES = 2

OnFinding = Callable[[Finding], None]


def _ignore(finding: Finding) -> None:
    """Nobody is told of a finding before the report."""


async def selfcheck(tier: str = AUTO, min_tier: Tier = Tier.RESTRICTED, on_finding: OnFinding = _ignore) -> Report:
    """Try everything at a tier, from inside programs on an engine of its own; takes about ten seconds.

    Args:
        tier: ``auto`` for the one an engine would choose here, or a named one.
        min_tier: the weakest that is good enough.
        on_finding: told of each finding as it comes, ``STEPS`` in all.
    """
    found: list[Finding] = []

    def add(one: Finding) -> None:
        found.append(one)
        on_finding(one)

    # A tier that is too weak is tried too, if it is named: what it does not hold is what one wants to know.
    settings = SandboxSettings(
        tier=tier,
        min_tier=min_tier if tier == AUTO else Tier.NONE,
        slots=min(_MOST_SLOTS, SandboxSettings().slot_count),
        rerun=False,
        speed_factor=1.0,
    )
    with planted() as here, leftovers.orphans_adopted():
        before = leftovers.Inventory.take(here)
        try:
            async with Engine(settings, languages=UnprovenLanguages()) as engine:
                health = engine.health()
                folders = await _try_all(_Trial(engine, here), add)
        except TierUnavailable as error:
            return Report(tier="", min_tier=min_tier, facts={}, findings=tuple(found), fault=str(error))
        for each in leftovers.check_leftovers(before, here, folders):
            add(each)
    return Report(tier=health.tier, min_tier=min_tier, facts=health.facts, findings=tuple(found))


async def _try_all(trial: "_Trial", add: OnFinding) -> frozenset[str]:
    """Run every probe and every language; returns the folders that runs worked in."""
    folders = frozenset({await trial.folder()} - {""})
    for group, probes in GROUPS.items():
        for probe in probes:
            outcome = await trial.attempt(probe)
            add(finding(group, probe, outcome.state, outcome.detail))
    for each in await honest.check_languages(trial.engine):
        add(each)
    return folders


class _Trial:
    """An engine under trial.

    Args:
        engine: started.
        here: what was planted around it.
    """

    def __init__(self, engine: Engine, here: Surroundings) -> None:
        self.engine = engine
        self._here = here

    async def folder(self) -> str:
        """Return the folder that a run works in; empty if nothing runs."""
        program = Program(language="python", source="import os; print(os.getcwd(), end='')")
        try:
            return (await self.engine.run(program, [Case()])).cases[0].stdout_text
        except UnknownLanguage:
            return ""

    async def attempt(self, probe: Probe) -> Outcome:
        """Run a probe and judge it, by what it says and by what it did out here."""
        try:
            outcome = await self._run(probe)
        except (KeyError, UnknownLanguage) as error:
            return missing(probe, error, self._here.absent)
        harm = self._here.damage(survivors=probe.survivors)
        if harm:
            outcome = Outcome(State.FAILS, harm)
        return relieved(outcome, self._lacks(probe.needs))

    async def _run(self, probe: Probe) -> Outcome:
        program = probe.program(self._here.facts)
        for _ in range(_TRIES):
            result = await self.engine.run(program, [Case()] * probe.runs, probe.limits)
            if result.verdict is not Verdict.NOT_JUDGED:
                break
        return judge(probe, result, self._here.secrets)

    def _lacks(self, needs: tuple[str, ...]) -> str:
        """Say what a promise rests on and is not there; empty if all is."""
        health = self.engine.health()
        if "root" in needs and health.tier != Tier.FULL:
            return f"the tier {health.tier} gives programs no file system of their own"
        cgroups = health.facts.get("cgroups", "none")
        if "memory" in needs and (cgroups.startswith("none") or "memory" not in cgroups):
            return "there is no memory control group here"
        return ""
