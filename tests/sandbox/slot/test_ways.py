"""From a program to a way of running it."""

import pytest

from guerdon.sandbox.errors import UnknownLanguage
from guerdon.sandbox.languages import find
from guerdon.sandbox.program import Program
from guerdon.sandbox.slot.jail_plan import FILTERS, Ground
from guerdon.sandbox.slot.ways import Ways
from guerdon.sandbox.tier import Tier

WAYS = Ways(Ground(tier=Tier.FULL, listener=True, privileged=True, folder="/tmp"))
NAMES = ("python", "c", "cpp", "javascript", "java", "go", "rust", "bash")


def program(language: str, **files: str) -> Program:
    """Return a program."""
    return Program(language=language, source="source", files={f"{name}.txt": text for name, text in files.items()})


@pytest.mark.parametrize("name", NAMES)
def test_every_language_has_a_way(name: str) -> None:
    """Each runs under a filter the zygote knows, in the working folder, with an environment of its own."""
    way = WAYS.run(program(name))

    assert way.runtime == WAYS.name(name) == find(name).name
    assert way.filter in FILTERS
    assert way.folder == way.env["HOME"] == way.env["TMPDIR"] == "/tmp"
    assert (way.mode == "python") is (name == "python")
    assert (way.argv is None) is (name == "python")
    assert way.execs == 0 if name == "python" else way.execs >= 1


@pytest.mark.parametrize("name", NAMES)
def test_only_what_lives_by_processes_may_fork(name: str) -> None:
    """A language whose programs start no others runs under a filter that refuses to."""
    way = WAYS.run(program(name))

    assert way.tree is way.filter.startswith("many") is (find(name).fork == "allow")


def test_files_travel_with_the_program() -> None:
    """Further files lie beside an interpreted program and beside a source that is compiled."""
    assert WAYS.sources(program("python", data="x")) == [("data.txt", "x")]
    assert WAYS.sources(program("bash", data="x")) == [("main.sh", "source"), ("data.txt", "x")]
    assert WAYS.sources(program("c")) == []
    assert WAYS.to_compile(program("c", data="x")) == [("main.c", "source"), ("data.txt", "x")]


def test_an_unknown_language_is_refused() -> None:
    """There is no way to run what nobody knows."""
    with pytest.raises(UnknownLanguage):
        WAYS.run(program("befunge"))
