"""The entry point: quick help, plain messages, exit codes."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version

import pytest

from guerdon.services.cli.main import COMMANDS

HEAVY = ("fastapi", "grpc", "math_verify", "pydantic", "sympy", "uvicorn")


def python(code: str) -> subprocess.CompletedProcess[str]:
    """Run code in a fresh interpreter."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)


def test_help_names_every_command_and_imports_none():
    """The help is made without importing any command or anything heavy."""
    done = python(
        "import sys; from guerdon.services.cli.main import main; main(['--help']);"
        "print(sorted(name for name in sys.modules if name.startswith('guerdon.services.cli.commands')"
        f"or name in {HEAVY}), file=sys.stderr)"
    )
    assert done.stderr == "[]\n"
    assert all(name in done.stdout for name in COMMANDS)


def test_version(guerdon):
    """--version prints the installed version."""
    assert guerdon("--version").out == f"{version('guerdon')}\n"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(guerdon, command):
    """Each command's help has its summary and its exit codes."""
    outcome = guerdon(command, "--help")
    assert outcome.code == 0
    text = " ".join(outcome.out.split())
    assert COMMANDS[command] in text
    assert "Exit codes: 0" in text


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["scor"], "guerdon: there is no command 'scor'; did you mean 'score'?"),
        (["zzz\x1b[2J"], "guerdon: there is no command 'zzz\\x1b[2J'; commands are: up, score,"),
        (["score"], "See: guerdon score --help"),
        (["up", "--port", "many"], 'Invalid value for --port: unable to convert "many" into int.'),
    ],
)
def test_usage(guerdon, words, message):
    """A mistake on the command line ends with exit code 2 and one plain message."""
    outcome = guerdon(*words)
    assert outcome.code == 2
    assert message in outcome.err


def test_missing_packages_are_named():
    """Where a package of an extra is missing the message says what to install."""
    done = python(
        "import sys; sys.modules['pydantic_settings'] = None\n"
        "from guerdon.services.cli.main import main; sys.exit(main(['config']))"
    )
    assert done.returncode == 2
    assert done.stderr == (
        "guerdon: the package 'pydantic_settings' is not installed, and this command needs it: "
        "pip install 'guerdon[server,math,language,code]'\n"
    )


def test_faults_of_ours_are_not_hidden():
    """A module of ours that does not import is a fault to see in full."""
    done = python(
        "import sys; sys.modules['guerdon.services.gateway.settings'] = None\n"
        "from guerdon.services.cli.main import main; sys.exit(main(['config']))"
    )
    assert "Traceback" in done.stderr
