"""Compiling in the jail, and what is taken out of it."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sandbox_slot import FULL, NOBODY, SlotClient

from guerdon.sandbox.program import Case
from guerdon.sandbox.result import Verdict
from guerdon.sandbox.slot.build import plain_file

HELLO = '#include <stdio.h>\nint main(void) { int n; scanf("%d", &n); printf("%d\\n", n * n); return n == 3; }'


@pytest.fixture(scope="module", params=[FULL, NOBODY], ids=str)
def builder(request: pytest.FixtureRequest) -> Iterator[SlotClient]:
    """A slot that compiles C."""
    if shutil.which("gcc") is None:
        pytest.skip("gcc is missing")
    with SlotClient(request.param) as slot:
        yield slot


def test_a_compiled_program_runs(builder: SlotClient) -> None:
    """A build gives an artifact, which the slot keeps and runs for each case."""
    built = builder.build("c", HELLO, "hello")
    assert built.result.verdict is Verdict.OK, built.result.stderr
    assert built.content.startswith(b"\x7fELF")

    cases = [Case(stdin=b"%d" % number) for number in range(1, 4)]
    results = builder.ask(HELLO, cases, language="c", artifact_key="hello").results

    assert [result.stdout for result in results] == [b"1\n", b"4\n", b"9\n"]
    assert [result.verdict for result in results] == [Verdict.OK, Verdict.OK, Verdict.RUNTIME_ERROR]


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("int main(void) { return x; }", b"undeclared"),
        ('#include "/etc/shadow"\nint main(void) { return 0; }', b"/etc/shadow"),
        ("int f(void) { return 0; }", b"main"),
    ],
)
def test_what_does_not_compile_says_why(builder: SlotClient, source: str, words: bytes) -> None:
    """A compiler that fails is a compile error with its messages and no artifact."""
    built = builder.build("c", source, "broken")

    assert built.result.verdict is not Verdict.OK
    assert built.content == b""
    assert words in built.result.stdout + built.result.stderr


def test_a_compiler_is_held_to_limits(builder: SlotClient) -> None:
    """A source that keeps its compiler busy ends by the limit."""
    bomb = "#define A(x) x x x x x x x x\n" + "int main(void) { return 0; }\n"
    bomb += "int a[] = {" + "A(" * 9 + "1," + ")" * 9 + "};"
    built = builder.build("c", bomb, "bomb", cpu_ms=150, idle_ms=5000)

    assert built.result.verdict in (Verdict.TIME_LIMIT, Verdict.MEMORY_LIMIT)
    assert built.content == b""


def test_nothing_of_a_build_is_there_for_a_run(builder: SlotClient) -> None:
    """Sources and objects of a compile step are gone before the program runs."""
    source = (
        "#include <dirent.h>\n#include <stdio.h>\n"
        'int main(void) { DIR *d = opendir("."); struct dirent *e;\n'
        "while ((e = readdir(d))) if (e->d_name[0] != '.') puts(e->d_name); return 0; }"
    )
    builder.build("c", source, "lister")

    assert builder.run(source, language="c", artifact_key="lister").stdout == b""


def test_a_compiled_program_may_not_start_others(builder: SlotClient) -> None:
    """The one exec of a run is its own beginning."""
    source = (
        '#include <unistd.h>\nint main(void) { execl("/bin/sh", "sh", "-c", "echo out", (char *)0); return 0; }'
    )
    builder.build("c", source, "starter")

    result = builder.run(source, language="c", artifact_key="starter")

    assert (result.verdict, result.filter, result.stdout) == (Verdict.SECURITY, "process:exec", b"")


def read(folder: Path, limit: int = 100) -> bytes:
    """Read the file ``program`` of a folder."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        return plain_file(descriptor, "program", limit)
    finally:
        os.close(descriptor)


def test_a_plain_file_is_taken(tmp_path: Path) -> None:
    """A file up to the limit is read whole."""
    (tmp_path / "program").write_bytes(b"x" * 100)

    assert read(tmp_path) == b"x" * 100


@pytest.mark.parametrize("kind", ["missing", "empty", "large", "link", "folder", "fifo", "device link"])
def test_anything_else_is_refused(tmp_path: Path, kind: str) -> None:
    """Links are not followed, pipes not waited for, and sizes are bounded."""
    target = tmp_path / "program"
    (tmp_path / "secret").write_bytes(b"secret")
    if kind == "empty":
        target.touch()
    elif kind == "large":
        target.write_bytes(b"x" * 101)
    elif kind == "link":
        target.symlink_to(tmp_path / "secret")
    elif kind == "folder":
        target.mkdir()
    elif kind == "fifo":
        os.mkfifo(target)
    elif kind == "device link":
        target.symlink_to("/dev/zero")

    with pytest.raises(OSError, match=r".+"):
        read(tmp_path)
