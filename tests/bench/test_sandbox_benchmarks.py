"""The sandbox's benchmarks, run as people run them, with numbers too small to measure anything."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks" / "sandbox"
PNG = b"\x89PNG"


@pytest.fixture(scope="module", autouse=True)
def namespaces() -> None:
    """Skip where there are no namespaces, but not where the sandbox fails to make use of them."""
    asked = ["unshare", "--user", "--map-root-user", "--mount", "--pid", "--fork", "--net", "true"]
    done = subprocess.run(asked, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"no namespaces here: {done.stderr}")


@pytest.fixture
def run(tmp_path: Path):
    """Runs a benchmark and returns what it wrote as JSON and to its standard output."""

    def run(name: str, *options: str) -> tuple[dict[str, Any], str]:
        file = tmp_path / "report.json"
        command = [sys.executable, str(FOLDER / f"{name}.py"), "--json", str(file), *options]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=tmp_path)
        assert file.exists(), done.stderr
        assert "Traceback" not in done.stderr
        report = json.loads(file.read_text())
        # Problems are for people to judge, and noise makes some; but the status must say that there are any.
        assert done.returncode == bool(report["problems"])
        return report, done.stdout

    return run


@pytest.mark.parametrize("name", ["speed", "endurance", "overload", "faults"])
def test_help(name: str) -> None:
    """Each says what it does and what it takes."""
    done = subprocess.run([sys.executable, FOLDER / f"{name}.py", "--help"], capture_output=True, text=True)
    assert done.returncode == 0
    assert f"benchmarks/sandbox/{name}.py" in done.stdout
    assert "--json FILE" in done.stdout


def test_speed(run, tmp_path: Path) -> None:
    """The ways asked for are measured and drawn, and every program gave the right answer."""
    pytest.importorskip("matplotlib")
    picture = tmp_path / "speed.png"
    report, shown = run(
        "speed",
        "--rounds",
        "1",
        "--seconds",
        "0.02",
        "--slots",
        "1",
        "--only",
        "one slot,imports, 1 caller",
        "--plot",
        str(picture),
    )
    ways = {way["way"]: way for way in report["ways"]}
    assert {"one slot, 1 caller", "18 imports, 1 caller"} <= set(ways)
    assert all(way["wrong"] == 0 for way in ways.values())
    assert ways["one slot, 1 caller"]["cpu_ms"] > 0
    assert report["circumstances"]["tier"] == "full"
    assert "one slot, 1 caller" in shown
    assert picture.read_bytes().startswith(PNG)


def test_endurance(run, tmp_path: Path) -> None:
    """A short mixed run is right throughout and leaves nothing once the engine is closed."""
    pytest.importorskip("matplotlib")
    picture = tmp_path / "memory.png"
    report, shown = run("endurance", "--runs", "150", "--languages", "", "--every", "0.2", "--plot", str(picture))
    assert report["runs"] >= 150
    assert (report["wrong"], report["not_judged"]) == (0, 0), report["examples"]
    assert report["counts"]["closed"]["processes"] == report["counts"]["before"]["processes"]
    assert report["counts"]["closed"]["control groups"] == 0
    assert len(report["samples"]) >= 2
    assert "what there is" in shown
    assert picture.read_bytes().startswith(PNG)


def test_overload(run) -> None:
    """Flips, overshoots and waits are all counted."""
    report, shown = run(
        *("overload", "--runs", "6", "--limit", "60", "--times", "2", "--loops", "2", "--trivial", "20")
    )
    assert report["flips"]["runs"] == 6
    assert {when: seen["runs"] for when, seen in report["overshoot"].items()} == {"idle": 2, "overloaded": 2}
    assert report["overshoot"]["idle"]["verdicts"] == {"time_limit": 2}
    assert [seen["runs"] for seen in report["trivial"]] == [20, 20]
    assert "endless programs" in shown


def test_faults(run) -> None:
    """Harm gives no wrong verdict, and an engine's death leaves no process."""
    report, shown = run("faults", "--times", "1", "--slots", "1", "--only", "slots,runs")
    harmed = {each["harm"]: each for each in report["harms"] if "skipped" not in each}
    assert all(each["wrong"] == 0 and each["right"] > 0 for each in harmed.values()), harmed
    assert harmed["all slots killed"]["hit"] == 1
    assert [death["processes_left"] for death in report["deaths"]] == [0, 0]
    assert "worst back" in shown
