"""CONTRIBUTING's example of a verifier, followed to the letter."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FENCED_FILE = re.compile(r"^`(shouting/[^`]+)`\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def environment(tmp_path_factory) -> dict[str, str]:
    """The files of the document written out, installed, and found through `PYTHONPATH`."""
    folder = tmp_path_factory.mktemp("newcomer")
    for name, text in FENCED_FILE.findall((ROOT / "CONTRIBUTING.md").read_text()):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    site = folder / "site"
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*install, "--target", site, folder / "shouting"], check=True)
    return {**os.environ, "PYTHONPATH": str(site)}


def test_the_new_verifier_scores_from_the_command_line(environment):
    """One folder and one entry point are enough to be asked for by name."""
    done = subprocess.run(
        [sys.executable, "-m", "guerdon.services.cli.main", "score", "-", "--reward", "shouting", "--json"],
        input=b'{"completion": "HELLO there"}\n',
        env=environment,
        capture_output=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr.decode()
    result = json.loads(done.stdout)
    assert result["total"] == 0.5
    assert result["components"][0]["answer"] == "0.50"


def test_the_new_verifier_is_held_to_the_contract(environment):
    """The conformance suite finds it without being told."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "tests/conformance", "-q", "-k", "shouting", "-p", "no:cacheprovider"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stdout.decode()
    assert b"passed" in done.stdout
