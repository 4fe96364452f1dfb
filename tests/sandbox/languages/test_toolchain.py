"""Toolchains are found past links and the scripts of version managers."""

import shutil
from pathlib import Path

import pytest

from guerdon.sandbox.languages.toolchain import ask, command, in_jail, is_program, mounts_of, prefix_of


def test_a_command_is_found_in_path() -> None:
    """A command is its absolute path; a missing one is empty."""
    assert command("sh") == shutil.which("sh")
    assert command("no-such-command-here") == ""


def test_a_script_is_not_a_program(tmp_path: Path) -> None:
    """A version manager's script would not find its manager in a jail."""
    script = tmp_path / "node"
    script.write_text("#!/bin/sh\nexec true\n")
    assert not is_program(str(script))
    assert not is_program(str(tmp_path / "missing"))
    assert is_program("/bin/sh")


def test_a_tool_that_fails_says_nothing() -> None:
    """A question to a broken tool has no answer, and is no error."""
    assert ask("/bin/sh", "-c", "echo no; exit 1") == ""
    assert ask("/nonexistent/tool") == ""
    assert ask("/bin/sh", "-c", "echo ' yes '") == "yes"


def test_version_managers_are_asked_with_the_users_own_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slot runs with a HOME that says nothing; what a manager picks must not change for that."""
    monkeypatch.setenv("HOME", "/nonexistent")
    assert ask("/bin/sh", "-c", "echo $HOME") != "/nonexistent"


def test_what_every_jail_shows_is_not_mounted_again(tmp_path: Path) -> None:
    """Only what lies outside the system's folders is mounted, each once, links resolved."""
    real = tmp_path / "real"
    real.mkdir()
    link = tmp_path / "link"
    link.symlink_to(real)
    assert mounts_of("/usr/bin/env", "", real, link) == (str(real),)


def test_a_linked_program_is_started_by_its_real_path(tmp_path: Path) -> None:
    """The link itself is not in the jail, unless it is the system's."""
    real = tmp_path / "program"
    real.touch()
    link = tmp_path / "link"
    link.symlink_to(real)
    assert in_jail(str(link)) == str(real)
    assert in_jail("/usr/bin/env") == "/usr/bin/env"
    assert in_jail("") == ""


def test_the_prefix_of_a_program_holds_its_libraries() -> None:
    """A compiler installed beside the system comes with what lies beside it."""
    assert prefix_of("/usr/local/bin/g++") == "/usr/local"
    assert prefix_of("/usr/bin/g++") == ""
    assert prefix_of("") == ""
