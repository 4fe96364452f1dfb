"""``guerdon doctor``: what is wrong with a machine, and what mends it."""

from __future__ import annotations

import json
import socket
import sys

import pytest

from guerdon.services.cli.checks import machine, packages


def checks(outcome) -> dict[str, dict]:
    """The checks of a JSON report by name."""
    return {check["name"]: check for check in json.loads(outcome.out)["checks"]}


def test_a_sound_machine(guerdon):
    """Where the tests run the service can run: no check fails, and each has a finding."""
    outcome = guerdon("doctor", "--json")
    assert outcome.code == 0
    assert json.loads(outcome.out)["ok"] is True
    found = checks(outcome)
    assert {"python", "package sympy", "package gmpy2", "settings", "verifiers", "HTTP port", "gRPC port"} <= set(
        found
    )
    assert {"processes", "memory", "namespaces", "cgroups", "models", "corpora"} <= set(found)
    assert all(check["detail"] for check in found.values())
    assert all(check["fix"] for check in found.values() if check["state"] != "ok")


def test_a_table_for_people(guerdon):
    """Without --json each check is a line, and the last line says whether the service can run."""
    lines = guerdon("doctor").out.splitlines()
    assert lines[0].startswith("ok    python")
    assert lines[-1].startswith("the service can run here: 0 failed")


def test_a_taken_port(guerdon, monkeypatch):
    """A port where somebody listens is a warning with the option that avoids it."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setenv("GUERDON_PORT", str(taken.getsockname()[1]))
        check = checks(guerdon("doctor", "--json"))["HTTP port"]
    assert check["state"] == "warn"
    assert check["fix"].endswith("guerdon up --port 0")


def test_settings_that_cannot_be_used(guerdon, monkeypatch):
    """A wrong setting fails the check and the command, in both forms."""
    monkeypatch.setenv("GUERDON_PORT", "99999")
    outcome = guerdon("doctor", "--json")
    assert outcome.code == 1
    assert checks(outcome)["settings"]["state"] == "fail"
    table = guerdon("doctor").out
    assert "fix: correct them" in table
    assert "the service cannot run here: 1 failed" in table


def test_corpora_elsewhere(guerdon, monkeypatch, tmp_path):
    """Data for development is looked for where GUERDON_CORPORA says, and may be missing."""
    (tmp_path / "gsm8k").mkdir()
    monkeypatch.setenv("GUERDON_CORPORA", str(tmp_path))
    assert checks(guerdon("doctor", "--json"))["corpora"]["detail"] == f"gsm8k in {tmp_path}"
    monkeypatch.setenv("GUERDON_CORPORA", str(tmp_path / "nowhere"))
    assert checks(guerdon("doctor", "--json"))["corpora"]["state"] == "ok"


def test_missing_packages(guerdon, monkeypatch):
    """A missing package fails with the command that installs it, and the service is not looked at."""

    def absent(name: str) -> str:
        if name == "sympy":
            raise packages.PackageNotFoundError(name)
        return "999"

    monkeypatch.setattr(packages, "version", absent)
    outcome = guerdon("doctor", "--json")
    found = checks(outcome)
    assert outcome.code == 1
    assert found["package sympy"]["fix"] == "pip install 'guerdon[server,math,language,code]'"
    assert found["package math-verify"]["detail"] == "999, wanted ==0.9.0 (extra math)"
    assert "settings" not in found


@pytest.mark.parametrize(
    ("installed", "state"), [((3, 10), "fail"), ((3, 11), "ok"), ((3, 13), "ok"), ((3, 99), "warn")]
)
def test_python(monkeypatch, installed, state):
    """Python is too old, tried, or newer than tried."""
    monkeypatch.setattr(sys, "version_info", (*installed, 0, "final", 0))
    assert packages.check_python().state == state


def test_little_memory(monkeypatch):
    """Less memory than the workers want is a warning."""
    monkeypatch.setattr(machine, "LITTLE_MEMORY_BYTES", 1 << 60)
    check = machine.check_memory()
    assert check.state == "warn"
    assert "GiB available" in check.detail


@pytest.mark.parametrize(
    ("files", "state", "detail"),
    [
        ({"cgroup.controllers": "cpu memory\n"}, "ok", "version 2 (cpu, memory)"),
        ({"cpu": ""}, "warn", "version 1; version 2 limits whole process trees"),
        ({}, "warn", "none are mounted"),
    ],
)
def test_cgroups(monkeypatch, tmp_path, files, state, detail):
    """The cgroup version is told from what is mounted."""
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="ascii")
    monkeypatch.setattr(machine, "CGROUPS", tmp_path)
    check = machine.check_cgroups()
    assert (check.state, check.detail) == (state, detail)


def test_a_memory_limit(monkeypatch, tmp_path):
    """Inside a container its own limit counts."""
    (tmp_path / "memory.max").write_text("3221225472\n", encoding="ascii")
    (tmp_path / "memory.current").write_text("1073741824\n", encoding="ascii")
    monkeypatch.setattr(machine, "CGROUPS", tmp_path)
    assert machine.check_memory().detail == "2.0 GiB available, limited by a cgroup"


@pytest.mark.parametrize(
    ("command", "detail"),
    [
        (["false"], "exit code 1; only programs that run code need them"),
        (
            ["sh", "-c", "echo unshare failed: no >&2; exit 1"],
            "unshare failed: no; only programs that run code need",
        ),
        (["sleep", "5"], "unshare did not end within 0.1 s"),
    ],
)
def test_no_namespaces(monkeypatch, command, detail):
    """Where namespaces cannot be made the check warns, says why and how to allow them."""
    monkeypatch.setattr(machine, "_UNSHARE", command)
    monkeypatch.setattr(machine, "_PROBE_SECONDS", 0.1 if command[0] == "sleep" else 10)
    check = machine.check_namespaces()
    assert check.state == "warn"
    assert check.detail.startswith(detail)
    assert "sysctl" in check.fix


def test_no_unshare(monkeypatch):
    """Without the program unshare the check says how to get it."""
    monkeypatch.setenv("PATH", "")
    assert machine.check_namespaces().fix == "apt install util-linux"


def test_a_verifier_that_does_not_import(guerdon, broken_verifier):
    """A registered verifier that does not import fails the check, and is named."""
    outcome = guerdon("doctor", "--json")
    assert outcome.code == 1
    assert broken_verifier in checks(outcome)["verifiers"]["detail"]
