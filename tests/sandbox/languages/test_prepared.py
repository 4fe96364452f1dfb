"""Preparations are made once, wholly, and where a jail can show them."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from guerdon.sandbox.languages import Language, Preparation, PreparationFailed, SelfTest, default_cache, prepared
from guerdon.sandbox.languages.prepared import build_tool
from guerdon.sandbox.program import Program


def toy(build: Callable[[Path], None], name: str = "toy", inputs: str = "") -> Language:
    """Return a language whose preparation is one file."""
    return Language(
        name=name,
        source_name="main.toy",
        compile=("toyc",),
        version=(sys.executable, "-c", "print('toy 1.0')"),
        selftest=SelfTest(program=Program(language=name, source=""), stdin=b"", stdout=b""),
        preparation=Preparation(
            build=build,
            apply=lambda language, folder: replace(language, compile=("toyc", f"-I{folder}")),
            inputs=inputs,
        ),
    )


def write_header(folder: Path) -> None:
    """Make what the toy compiler uses."""
    (folder / "header").touch(mode=0o600)


def test_a_prepared_language_uses_and_shows_its_folder(toolchains: Path) -> None:
    """The compile step names the folder, and the jail shows it, readable for its user."""
    language = prepared(toy(write_header, "used"), toolchains)
    (folder,) = (Path(path) for path in language.mounts)
    assert language.compile == ("toyc", f"-I{folder}")
    assert language.preparation is None
    assert (folder / "header").stat().st_mode & 0o777 == 0o644
    assert folder.stat().st_mode & 0o777 == 0o755


def test_a_preparation_is_made_once(toolchains: Path) -> None:
    """The second time the folder is taken as it is."""
    made: list[Path] = []
    language = toy(made.append, "once")
    assert prepared(language, toolchains).mounts == prepared(language, toolchains).mounts
    assert len(made) == 1


def test_other_inputs_make_another_folder(toolchains: Path) -> None:
    """A new version of what the preparation is made of does not meet the old result."""
    first = prepared(toy(write_header, "inputs", "one"), toolchains)
    second = prepared(toy(write_header, "inputs", "two"), toolchains)
    assert first.mounts != second.mounts


def test_a_preparation_cut_short_is_made_again(toolchains: Path) -> None:
    """A folder without the mark of a whole one is made anew."""

    def fail(folder: Path) -> None:
        (folder / "half").touch()
        raise OSError("no space")

    with pytest.raises(PreparationFailed, match="no space"):
        prepared(toy(fail, "again"), toolchains)
    language = prepared(toy(write_header, "again"), toolchains)
    assert not Path(language.mounts[0], "half").exists()


def test_a_failing_tool_is_quoted(toolchains: Path) -> None:
    """The error says what the tool said."""

    def fail(folder: Path) -> None:
        build_tool("/bin/sh", "-c", "echo broken header >&2; exit 3", folder=folder)

    with pytest.raises(PreparationFailed, match="broken header"):
        prepared(toy(fail, "failing"), toolchains)


def test_a_cache_below_tmp_is_refused(tmp_path: Path) -> None:
    """A jail's own /tmp would hide it."""
    with pytest.raises(PreparationFailed, match="/tmp"):
        prepared(toy(write_header), Path("/tmp/cache"))


def test_a_language_without_preparation_stays_as_it_is(toolchains: Path) -> None:
    """There is nothing to do for an interpreter, or for a toolchain that is not here."""
    plain = replace(toy(write_header), preparation=None)
    missing = replace(toy(write_header), missing=("toyc",))
    assert prepared(plain, toolchains) is plain
    assert prepared(missing, toolchains) is missing


def test_build_tools_get_a_small_environment(toolchains: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is made does not depend on the service's environment."""
    monkeypatch.setenv("CPATH", "/somewhere")
    assert "CPATH" not in build_tool("/usr/bin/env", folder=toolchains)
    assert "TOY=1" in build_tool("/usr/bin/env", folder=toolchains, env={"TOY": "1"})
    with pytest.raises(subprocess.CalledProcessError):
        build_tool("/bin/false", folder=toolchains)


def test_the_cache_is_the_users_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cache follows the XDG base directories."""
    monkeypatch.setenv("XDG_CACHE_HOME", "/var/cache/me")
    assert default_cache() == Path("/var/cache/me/guerdon/toolchains")
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", "/home/me")
    assert default_cache() == Path("/home/me/.cache/guerdon/toolchains")
