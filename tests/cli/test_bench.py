"""``guerdon bench``."""

from __future__ import annotations

import json

import pytest


def test_a_cell_as_json(guerdon):
    """One JSON object on standard output, with every target of the run side by side."""
    outcome = guerdon("bench", "--only", "http/64x1kB/1v/c1", "--seconds", 0.2, "--json")
    assert outcome.code == 0, outcome.err
    found = json.loads(outcome.out)
    assert [cell["target"] for cell in found["cells"]] == ["function", "bare", "inprocess"]
    assert all(cell["problems"]["missing_verdicts"] == 0 for cell in found["cells"])
    assert found["cells"][1]["cpu_ratio"] == 1.0
    assert found["machine"]["cores"] >= 1
    assert len(found["machine"]["load_after"]) == 3


def test_a_step_as_a_table(guerdon):
    """Only what was asked for is measured and shown."""
    words = ("--only", "step/grpc", "--steps", 1, "--completions", 32, "--span", 0.2, "--target", "inprocess")
    outcome = guerdon("bench", *words)
    assert outcome.code == 0, outcome.out
    assert "load average" in outcome.out
    assert "core-s per 1,000" in outcome.out
    assert "bare  " not in outcome.out


def test_a_scenario(guerdon):
    """Scenarios run instead of cells."""
    outcome = guerdon(
        "bench", "--scenario", "isolation", "--target", "inprocess", "--seconds", 0.1, "--transport", "grpc"
    )
    assert outcome.code == 0, outcome.out
    assert "bench_a p99 while bench_burn is saturated" in outcome.out
    assert "calls/s" not in outcome.out


def test_a_running_service(guerdon, service):
    """It is measured beside the floors, and its CPU time where its process is named."""
    words = ("--url", service.http, "--reward", "format", "--pid", service.process.pid)
    outcome = guerdon("bench", *words, "--only", "http/64x1kB/*/c1", "--seconds", 0.2, "--json")
    assert outcome.code == 0, outcome.err
    cells = {cell["target"]: cell for cell in json.loads(outcome.out)["cells"]}
    assert set(cells) == {"function", "bare", "url"}
    assert cells["url"]["cpu_ms"] > 0
    assert cells["url"]["cached_share"] == 1.0


def test_what_is_missing_decides_the_exit_code(guerdon, service):
    """A service without the stubs cannot run a scenario: its refusals are shown and counted."""
    outcome = guerdon(
        *("bench", "--url", f"grpc://{service.grpc}", "--target", "bare", "--scenario", "hang", "--seconds", 0.1),
        *("--transport", "grpc"),
    )
    assert outcome.code == 1
    assert "calls failed: NOT_FOUND" in outcome.out


def test_a_service_without_the_stubs(guerdon, service):
    """The rewards that it has are named."""
    outcome = guerdon("bench", "--url", service.http, "--only", "http/64x1kB/*")
    assert outcome.code == 2
    assert "has no reward 'bench_a'; name one that it has with --reward: boxed, code, " in outcome.err


def test_nobody_answers(guerdon):
    """A service that is not there ends with exit code 3."""
    assert guerdon("bench", "--url", "http://127.0.0.1:9", "--reward", "format").code == 3


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--only", "htpp/*"], "no cell or step fits 'htpp/*'"),
        (["--target", "rey"], "there is no target 'rey'; targets are: function, bare, inprocess"),
        (["--scenario", "hung"], "there is no scenario 'hung'; scenarios are: overload"),
        (["--seconds", "0"], "--seconds 0.0: has to lie between 0 and 600"),
        (["--steps", "0"], "--steps 0: has to lie between 1 and 100000"),
        (["--pid", "1"], "--pid needs --url"),
        (["--url", "ftp://x"], "write it as http://"),
        (["--chart", "a.pdf"], ".svg or .png"),
    ],
)
def test_usage(guerdon, words, message):
    """What cannot be measured as asked ends with exit code 2 and a message, before anything is started."""
    outcome = guerdon("bench", *words)
    assert outcome.code == 2
    assert message in outcome.err
