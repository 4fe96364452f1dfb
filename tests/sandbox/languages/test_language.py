"""A language's command lines, availability and identity."""

import sys
from dataclasses import replace

import pytest

from guerdon.sandbox.languages import Language, SelfTest
from guerdon.sandbox.program import Program

PLAIN = Language(
    name="toy",
    source_name="main.toy",
    compile=("toyc", "-o", "{artifact}", "{source}"),
    artifact="toy.out",
    run=("toy", "--heap={memory_mib}m", "{artifact}"),
    version=(sys.executable, "-c", "print('toy 1.0'); print('more')"),
    install=("toy-lang",),
    selftest=SelfTest(program=Program(language="toy", source="go"), stdin=b"", stdout=b""),
)


def test_compile_command_names_source_and_artifact() -> None:
    """Placeholders become file names in the working folder."""
    assert PLAIN.compile_argv() == ("toyc", "-o", "toy.out", "main.toy")


@pytest.mark.parametrize(("memory_bytes", "flag"), [(512 << 20, "--heap=512m"), (1, "--heap=1m")])
def test_run_command_carries_the_memory_limit(memory_bytes: int, flag: str) -> None:
    """A runtime with a heap of its own is told its size in MiB, at least one."""
    assert PLAIN.run_argv(memory_bytes) == ("toy", flag, "toy.out")


def test_an_artifact_that_is_the_program_has_no_name() -> None:
    """An empty first word stands for the artifact, which is executed by descriptor."""
    native = replace(PLAIN, run=("{artifact}", "-x"))
    assert native.executes_artifact
    assert native.run_argv(1 << 20) == ("", "-x")


def test_an_artifact_given_to_a_runtime_is_a_file() -> None:
    """A runtime opens the artifact by its name."""
    assert not PLAIN.executes_artifact


def test_the_version_is_the_first_line() -> None:
    """Compilers say more than their version."""
    assert PLAIN.runtime == "toy 1.0"
    assert PLAIN.availability().available
    assert PLAIN.availability().detail == "toy 1.0"


def test_a_missing_command_is_named_with_its_package() -> None:
    """What is missing comes with how to install it."""
    availability = replace(PLAIN, missing=("toyc",)).availability()
    assert not availability.available
    assert availability.detail == "missing: toyc; apt-get install toy-lang"


def test_python_packages_are_installed_by_pip() -> None:
    """Python packages are hinted at apart from the system's."""
    hint = replace(PLAIN, install=("toy-lang", "pip:numpy", "pip:sympy")).hint
    assert hint == "apt-get install toy-lang and pip install numpy sympy"


@pytest.mark.parametrize("version", [("/nonexistent/toy",), (sys.executable, "-c", "raise SystemExit(1)")])
def test_a_toolchain_that_does_not_answer_is_not_available(version: tuple[str, ...]) -> None:
    """A command that is there and broken is not offered."""
    availability = replace(PLAIN, version=version).availability()
    assert not availability.available
    assert "does not work" in availability.detail


@pytest.mark.parametrize(
    "other",
    [
        replace(PLAIN, version=(sys.executable, "-c", "print('toy 1.1')")),
        replace(PLAIN, compile=("toyc", "-O3", "-o", "{artifact}", "{source}")),
        replace(PLAIN, compile_env={"TOYFLAGS": "-O3"}),
    ],
    ids=["version", "flags", "environment"],
)
def test_what_changes_the_artifact_changes_the_identity(other: Language) -> None:
    """Compiled programs are kept under the compiler's identity."""
    assert other.identity != PLAIN.identity
    assert replace(PLAIN, processes=3).identity == PLAIN.identity
