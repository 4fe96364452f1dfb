"""The release gate: hostile programs are held and honest ones accepted, on every tier that this host offers.

The programs are data, in ``attacks/``; its README says how to add one.
"""

import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from sandbox_host import Host, planted
from sandbox_suite import TIERS, Entry, complaints, plain_python, programs

from guerdon.sandbox import (
    Case,
    CompileLimits,
    Limits,
    Program,
    RunResult,
    Sandbox,
    SandboxSettings,
    TierUnavailable,
    UnknownLanguage,
    Verdict,
)

CATEGORIES = 33
ATTACKS = programs(honest=False)
HONEST = programs(honest=True)
PROBE = Program(language="python", source="print(sum(map(int, input().split())))")


class Bench(NamedTuple):
    """An engine in the middle of a host with things to steal."""

    sandbox: Sandbox
    host: Host
    tier: str
    languages: set[str]

    def run(self, program: Program, cases: list[Case], limits: Limits) -> RunResult:
        """Run a program; skips the test where its language is missing."""
        try:
            return self.sandbox.run(program, cases, limits)
        except UnknownLanguage as error:
            self.host.settle()  # its self-test may have started what it keeps running
            pytest.skip(str(error))

    def warm(self, language: str) -> None:
        """Start what a language keeps running, so that it is not taken for something left behind."""
        if language not in self.languages:
            self.languages.add(language)
            trivial = next(entry for entry in HONEST if entry.language == language)
            for _ in range(2):
                self.run(trivial.program(self.host.facts), trivial.cases(self.host.facts), trivial.limits)
            self.host.settle()


@pytest.fixture(scope="session")
def host() -> Iterator[Host]:
    """Secrets, doors and neighbours on this machine."""
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="guerdon-suite-") as folder, planted(Path(folder)) as host:
        yield host


@pytest.fixture(scope="session", params=TIERS)
def bench(request: pytest.FixtureRequest, host: Host) -> Iterator[Bench]:
    """One slot of each tier, so that each run follows the one before it in the same place."""
    settings = SandboxSettings(
        slots=1,
        tier=request.param,
        speed_factor=1.0,
        rerun=False,
        compile_limits=CompileLimits(cpu_ms=4_000, memory_bytes=768 << 20),
    )
    try:
        sandbox = Sandbox(settings)
    except TierUnavailable as error:
        pytest.skip(f"no tier {request.param} here: {error}")
    with sandbox:
        bench = Bench(sandbox, host, request.param, set())
        bench.warm("python")
        yield bench


def ids(entry: Any) -> str:
    """Name a test by its category and program."""
    return f"{entry.category}-{entry.name}".replace(" ", "_")


def check(bench: Bench, entry: Entry) -> list[str]:
    """Run one program and what follows it, and say all that is wrong."""
    if bench.tier not in entry.tiers:
        pytest.skip(f"the tier {bench.tier} does not promise this")
    if not entry.runs_on():
        pytest.skip(f"for {entry.machine} alone")
    bench.warm(entry.language)
    host = bench.host
    result = bench.run(entry.program(host.facts), entry.cases(host.facts), entry.limits)
    wrong = complaints(entry, result, host.answer, host.all_secrets)
    if entry.then:
        after = bench.run(entry.follower(host.facts), [Case()], Limits())
        later = complaints(entry, after, host.answer, host.all_secrets, then=True)
        wrong += [f"afterwards: {text}" for text in later]
    probe = bench.run(PROBE, [Case(stdin=b"20 22\n")], Limits()).cases[0]
    if (probe.verdict, probe.stdout) != (Verdict.OK, b"42\n"):
        wrong.append(f"the next honest run: {probe}")
    return wrong + host.damage()


@pytest.mark.sandbox
@pytest.mark.parametrize("entry", ATTACKS, ids=ids)
def test_a_hostile_program_is_held_and_leaves_nothing(bench: Bench, entry: Entry) -> None:
    """It is not paid, learns no secret, reaches nobody, leaves nothing, and the next honest run is right."""
    wrong = check(bench, entry)

    assert not wrong, "\n".join(wrong)


@pytest.mark.sandbox
@pytest.mark.parametrize("entry", HONEST, ids=ids)
def test_an_honest_program_is_accepted(bench: Bench, entry: Entry) -> None:
    """Each of its cases is ``ok`` with exactly the output or value it must have."""
    wrong = check(bench, entry)

    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("entry", [e for e in HONEST if e.language == "python"], ids=ids)
def test_an_honest_program_is_right_outside_the_sandbox(entry: Entry) -> None:
    """What the suite expects of it is what a plain interpreter gives."""
    wrong = plain_python(entry, sys.executable)

    assert not wrong, "\n".join(wrong)


def test_the_suite_is_broad_enough() -> None:
    """Every category has several attacks, and there are enough of them and of honest programs."""
    categories = Counter(entry.category for entry in ATTACKS)

    assert len(categories) >= CATEGORIES
    assert min(categories.values()) >= 5
    assert len(ATTACKS) >= 180
    assert len(HONEST) >= 60


def test_names_are_unique() -> None:
    """A program is found by its category and name."""
    names = Counter(ids(entry) for entry in ATTACKS + HONEST)

    assert [name for name, count in names.items() if count > 1] == []
