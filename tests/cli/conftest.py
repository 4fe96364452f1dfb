"""A running service and a way to call the command line, for the tests of the command line."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from stub_cluster import found_here, stub_ray

from guerdon.services.cli.main import main

__all__ = ["found_here", "stub_ray"]


class Outcome(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def results(self) -> list[dict]:
        """The JSON lines of standard output."""
        return [json.loads(line) for line in self.out.splitlines()]


@pytest.fixture
def guerdon(capsys, monkeypatch):
    """Runs a command in this process."""
    for name in [name for name in os.environ if name.startswith("GUERDON_")]:
        monkeypatch.delenv(name)

    def run(*words: object) -> Outcome:
        code = main([str(word) for word in words])
        captured = capsys.readouterr()
        return Outcome(code, captured.out, captured.err)

    return run


@pytest.fixture
def write_rows(tmp_path):
    """Writes rows as a JSONL file."""

    def write(*rows: dict | bytes) -> Path:
        file = tmp_path / "rows.jsonl"
        file.write_bytes(b"\n".join(row if isinstance(row, bytes) else json.dumps(row).encode() for row in rows))
        return file

    return write


class Service:
    """A service in a process of its own.

    Args:
        words: options of ``guerdon up``; the ports are free ones.
    """

    def __init__(self, *words: object, **environ: str) -> None:
        self.lines: list[str] = []
        command = [sys.executable, "-m", "guerdon.services.cli.main", "up", "--port", "0", "--grpc-port", "0"]
        self.process = subprocess.Popen(
            [*command, *map(str, words)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **environ},
        )
        addresses = {}
        while "metrics" not in addresses:
            line = self.process.stdout.readline()
            if not line:
                raise AssertionError(self.process.communicate()[1])
            self.lines.append(line.rstrip())
            if match := re.fullmatch(r"(HTTP|gRPC|metrics) +(\S+) *", line.rstrip()):
                addresses[match[1]] = match[2]
        self.http = addresses["HTTP"]
        self.grpc = addresses["gRPC"]

    def stop(self) -> tuple[int, str, str]:
        """Stop it as Ctrl-C does; its exit code, and what else it wrote."""
        self.process.send_signal(subprocess.signal.SIGINT)
        out, err = self.process.communicate(timeout=30)
        return self.process.returncode, out, err


@pytest.fixture(scope="session")
def service() -> Iterator[Service]:
    """One service for all tests that only score on it."""
    running = Service()
    yield running
    running.stop()


@pytest.fixture
def broken_verifier(tmp_path, monkeypatch) -> str:
    """An installed package that registers a verifier which does not import; its name."""
    package = tmp_path / "broken-1.0.dist-info"
    package.mkdir()
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1.0\n", encoding="utf-8")
    (package / "entry_points.txt").write_text("[guerdon.verifiers]\nbroken = nowhere:Verifier\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    return "broken"
