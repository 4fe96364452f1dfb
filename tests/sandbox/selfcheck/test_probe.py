"""What a probe's runs are judged to be, and what programs are made of probes."""

import pytest

from guerdon.sandbox.errors import UnknownLanguage
from guerdon.sandbox.program import Limits
from guerdon.sandbox.result import CaseResult, RunResult, Verdict
from guerdon.sandbox.selfcheck.finding import State
from guerdon.sandbox.selfcheck.probe import Outcome, Probe, calls, judge, missing, relieved

SECRETS = {"the cellar": b"gold"}
PLAIN = Probe(name="p", means="m", source="")
TIMED = Probe(
    name="p",
    means="m",
    source="",
    limits=Limits(cpu_ms=100),
    verdicts=frozenset({Verdict.TIME_LIMIT}),
    overshoot_ms=50,
)
FLOODED = Probe(
    name="p",
    means="m",
    source="",
    limits=Limits(output_bytes=8),
    verdicts=frozenset({Verdict.OUTPUT_LIMIT}),
    exact_output=True,
)


def case(verdict: str, stdout: str = "trying\n", **more: object) -> CaseResult:
    """A case that ended so."""
    return CaseResult(verdict=Verdict(verdict), stdout=stdout.encode(), **more)


def result(*cases: CaseResult, speed_factor: float = 1.0) -> RunResult:
    """All cases of a probe."""
    return RunResult(
        verdict=cases[0].verdict, cases=cases, tier="full", language="python", speed_factor=speed_factor
    )


@pytest.mark.parametrize(
    ("probe", "ended", "state", "detail"),
    [
        (PLAIN, case("ok", "trying\nrefused: no\n"), "holds", "refused: no"),
        (PLAIN, case("security", filter="syscall:mount"), "holds", "ended by the filter syscall:mount"),
        (PLAIN, case("ok", "trying\nreached: out\n"), "fails", "reached: out"),
        (PLAIN, case("security", "trying\nreached: out\n", filter="x"), "fails", "reached: out"),
        (PLAIN, case("ok", "trying\nrefused: gold\n"), "fails", "it read the secret in the cellar"),
        (PLAIN, case("runtime_error", stderr=b"gold"), "fails", "it read the secret in the cellar"),
        (PLAIN, case("not_judged", "", detail="fire"), "fails", "the sandbox could not judge it: fire"),
        (PLAIN, case("runtime_error", "", stderr=b"a\nb\n"), "untried", "it ended before it could try: "),
        (PLAIN, case("security", "", filter="syscall:x"), "untried", "it ended before it could try: security"),
        (PLAIN, case("ok"), "untried", "it said nothing of what came of it: ok"),
        (TIMED, case("time_limit", cpu_ms=110.0), "holds", "time_limit: 10.0 ms over the limit of 100 ms"),
        (TIMED, case("time_limit", cpu_ms=190.0), "fails", "time_limit: 90.0 ms over the limit of 100 ms"),
        (TIMED, case("ok"), "fails", "it ended as ok, where time_limit was due"),
        (FLOODED, case("output_limit", "trying\nx"), "holds", "output_limit"),
        (FLOODED, case("output_limit", "trying\n"), "fails", "7 bytes came back, not 8"),
    ],
)
def test_a_case_is_judged(probe: Probe, ended: CaseResult, state: str, detail: str) -> None:
    """What it says and how it ended decide; silence and early deaths prove nothing."""
    outcome = judge(probe, result(ended), SECRETS)

    assert outcome.state == state
    assert outcome.detail.startswith(detail)


def test_an_overshoot_is_counted_from_the_stretched_limit() -> None:
    """On a slow node the limit is longer."""
    outcome = judge(TIMED, result(case("time_limit", cpu_ms=220.0), speed_factor=2.0), SECRETS)

    assert outcome.state is State.HOLDS


def test_of_several_runs_the_first_that_is_not_held_counts() -> None:
    """One escape in three is an escape."""
    refused, reached = case("ok", "trying\nrefused: no\n"), case("ok", "trying\nreached: out\n")

    assert judge(PLAIN, result(refused, reached, refused), SECRETS).state is State.FAILS


def test_facts_are_filled_in() -> None:
    """Names between @ become what they are on this host, and numbers of system calls."""
    source = Probe(name="p", means="m", source="print('@PLACE@', @getpid@)").program({"PLACE": "/here"}).source

    assert "print('/here', " in source
    assert "@" not in source


def test_a_fact_that_is_not_there_is_said_to_be_missing() -> None:
    """A probe that knocks on a door this host has not is not tried, and says why."""
    probe = Probe(name="p", means="m", source="@TCP6@")
    with pytest.raises(KeyError) as caught:
        probe.program({})

    assert missing(probe, caught.value, {"TCP6": "no IPv6"}) == Outcome(State.UNTRIED, "no IPv6")


def test_a_language_that_is_not_there_is_said_to_be_missing() -> None:
    """So is one whose language cannot run here."""
    outcome = missing(PLAIN, UnknownLanguage("no bash"), {})

    assert outcome == Outcome(State.UNTRIED, "no bash")


def test_what_is_not_promised_is_a_gap_only_where_it_fails() -> None:
    """A tier that keeps more than it promises is not blamed, and one that keeps less than that is."""
    fails, holds = Outcome(State.FAILS, "out"), Outcome(State.HOLDS, "in")

    assert relieved(fails, "no jail") == Outcome(State.GAP, "out; no jail")
    assert relieved(fails, "") is fails
    assert relieved(holds, "no jail") is holds


def test_calls_this_machine_does_not_have_are_left_out() -> None:
    """A table of calls is for all machines."""
    probes = calls((("mount", "0", "m"), ("no_such_call", "0", "m")))

    assert [probe.name for probe in probes] == ["mount"]
