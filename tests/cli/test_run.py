"""``guerdon run``: one program in the sandbox, by hand."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys

import pytest

from guerdon.sandbox import CaseResult, RunResult, Sandbox, SandboxSettings, TierUnavailable, Verdict
from guerdon.sandbox.languages import ALL, toolchain
from guerdon.services.cli.run_output import show

GUERDON = (sys.executable, "-m", "guerdon.services.cli.main")
ADD = "print(sum(map(int, input().split())))"
CALLS = """
def put(first, rest, times=1):
    print("called")
    return [first] + rest * times

class Solution:
    def put(self, first):
        return {first: (1, 2.5)}
"""


@pytest.fixture(scope="session")
def tier() -> str:
    """The tier of this host."""
    try:
        with Sandbox(SandboxSettings(slots=1, speed_factor=1.0)) as sandbox:
            return sandbox.health().tier
    except TierUnavailable as error:
        pytest.skip(f"programs cannot be run here: {error}")


@pytest.fixture
def written(tmp_path, tier):
    """Writes a file and returns its path."""

    def write(name: str, text: str) -> str:
        (tmp_path / name).write_text(text, encoding="utf-8")
        return str(tmp_path / name)

    return write


def test_an_honest_program(guerdon, written, tier):
    """Its output is all of standard output; one line on standard error says how it ended and what it used."""
    outcome = guerdon("run", written("add.py", ADD), "--stdin", "20 22")
    assert (outcome.code, outcome.out) == (0, "42\n")
    assert outcome.err.startswith("ok; cpu ")
    assert f"; tier {tier}, Python " in outcome.err
    assert outcome.err.count("\n") == 1


def test_input_from_a_file(guerdon, written):
    """@ names a file."""
    outcome = guerdon("run", written("add.py", ADD), "--stdin", f"@{written('input', '1 2')}")
    assert (outcome.code, outcome.out) == (0, "3\n")


def test_piped_input(written):
    """Without a word about it, what is piped to the command is piped to the program."""
    done = subprocess.run(
        [*GUERDON, "run", written("add.py", ADD)],
        input="3 4",
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (0, "7\n")


def test_no_input(guerdon, written, monkeypatch):
    """A terminal, or no standard input at all, is none."""
    monkeypatch.setattr(sys, "stdin", io.StringIO("not a file"))
    outcome = guerdon("run", written("read.py", "import sys; print(len(sys.stdin.read()))"))
    assert (outcome.code, outcome.out) == (0, "0\n")


def test_several_cases(guerdon, written):
    """Each file is a case, named before its output; all have to be ok."""
    program = written("divide.py", "print(6 // int(input()))")
    cases = [written("one", "2"), written("two", "0")]
    outcome = guerdon("run", program, "--case", cases[0], "--case", cases[1])
    assert (outcome.code, outcome.out) == (1, "3\n")
    lines = outcome.err.splitlines()
    assert lines[0] == f"--- {cases[0]}"
    assert f"--- {cases[1]}" in lines
    assert "ZeroDivisionError: integer division or modulo by zero" in lines
    assert lines[-1].startswith("runtime_error: it ended with exit status 1; ")


def test_calls(guerdon, written):
    """A call is written as in Python; its value is shown behind what it printed."""
    program = written("calls.py", CALLS)
    outcome = guerdon("run", program, "--call", "put(1, [2])", "--call", "put('a', [None], times=2)")
    assert outcome.code == 0
    assert outcome.out == "called\nput(1, [2]) = [1, 2]\ncalled\nput('a', [None], times=2) = ['a', None, None]\n"


def test_a_call_of_a_method(guerdon, written):
    """A method is called on an object made without arguments."""
    outcome = guerdon("run", written("calls.py", CALLS), "--call", "Solution.put('q')")
    assert (outcome.code, outcome.out) == (0, "Solution.put('q') = {'q': (1, 2.5)}\n")


def test_json(guerdon, written, tier):
    """One object with everything."""
    found = json.loads(guerdon("run", written("calls.py", CALLS), "--call", "put(1, [2])", "--json").out)
    assert (found["verdict"], found["tier"], found["language"]) == ("ok", tier, "python")
    case = found["cases"][0]
    assert (case["name"], case["verdict"], case["stdout"]) == ("put(1, [2])", "ok", "called\n")
    assert case["value"] == "[1, 2]"
    assert case["cpu_ms"] > 0


@pytest.mark.parametrize(
    ("source", "options", "verdict"),
    [
        ("while True: pass", ("--cpu-ms", "50"), "time_limit: "),
        ("import time; time.sleep(60)", ("--idle-ms", "50"), "idle_limit: "),
        ("x = bytearray(1 << 28)", ("--memory-mb", "32"), "memory_limit: "),
        ("print('x' * 5000)", ("--output-kb", "1"), "output_limit: it wrote more than 1024 bytes"),
        ("import socket; socket.socket()", (), "security (socket:inet): "),
        ("raise SystemExit(3)", (), "runtime_error: it ended with exit status 3"),
        ("def", (), "compile_error: "),
    ],
)
def test_a_program_that_is_not_ok(guerdon, written, source, options, verdict):
    """The verdict is the first word of the line, and the exit code is 1."""
    outcome = guerdon("run", written("bad.py", source), "--stdin", "", *options)
    assert outcome.code == 1
    assert outcome.err.splitlines()[-1].startswith(verdict)


def test_what_was_refused_on_the_way(guerdon, written):
    """Telemetry: every filter that fired and how often."""
    source = "import os\nfor _ in range(2):\n  try: os.setuid(0)\n  except OSError: pass"
    outcome = guerdon("run", written("tries.py", source), "--stdin", "")
    assert outcome.code == 0
    assert outcome.err.endswith("; refused: syscall:setuid x2\n")


def test_a_compiler_that_objects(guerdon, written, tier):
    """The compiler's words are shown, and the verdict is compile_error."""
    if ALL["c"].missing or tier not in ALL["c"].tiers:
        pytest.skip("C cannot be run here")
    outcome = guerdon("run", written("bad.c", "int main() { return x; }"), "--stdin", "")
    assert outcome.code == 1
    assert "undeclared" in outcome.err
    assert outcome.err.splitlines()[-1].startswith("compile_error: it ended with exit status 1; compiler cpu ")


def test_a_compiled_program(guerdon, written, tier):
    """It is compiled and run."""
    if ALL["c"].missing or tier not in ALL["c"].tiers:
        pytest.skip("C cannot be run here")
    outcome = guerdon("run", written("hi.c", '#include <stdio.h>\nint main() { puts("hi"); }'), "--stdin", "")
    assert (outcome.code, outcome.out) == (0, "hi\n")


def test_a_missing_toolchain(guerdon, written, monkeypatch):
    """The message says how to install it."""
    from guerdon.sandbox import languages

    monkeypatch.setattr(toolchain.shutil, "which", lambda name: None)
    languages._make.cache_clear()
    try:
        outcome = guerdon("run", written("hi.rs", "fn main() {}"), "--stdin", "")
    finally:
        languages._make.cache_clear()
    assert outcome.code == 2
    assert "rust cannot run here: missing: rustc, cc; apt-get install rustc gcc libc6-dev" in outcome.err


def test_a_tier_that_cannot_be_had(written):
    """It is our fault, not the program's: exit code 3."""
    # In a process of its own, for Docker's client forgets to close what it could not connect.
    done = subprocess.run(
        [*GUERDON, "run", written("add.py", ADD), "--stdin", "1", "--tier", "container"],
        env={**os.environ, "DOCKER_HOST": "unix:///nonexistent.sock"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 3
    assert done.stderr.startswith("guerdon: the sandbox could not run it: ")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("add.zig",), "add.zig: the extension says no language (known: .py, "),
        (("add.py", "--language", "cobol"), "no language is called 'cobol'; there are python, "),
        (("nowhere.py",), "nowhere.py: No such file or directory"),
        (("latin.py",), "latin.py: not UTF-8 text: "),
        (("add.py", "--stdin", "@nowhere"), "nowhere: No such file or directory"),
        (("add.py", "--stdin", "1", "--call", "f(1)"), "--stdin, --case and --call are different ways"),
        (("add.py", "--call", "f(1"), "--call 'f(1': not a call: "),
        (("add.py", "--call", "f"), "--call 'f': not a call; write it as in Python: f(1, [2])"),
        (("add.py", "--call", "f(open('x'))"), "the arguments have to be plain literals"),
        (("add.py", "--call", "f(**{'a': 1})"), "** cannot be used here"),
        (("add.py", "--call", "f(...)"), "--call 'f(...)': "),
        (("add.py", "--call", "f.g.h(1)"), "the function has to be a name, f or Solution.f"),
        (("add.py", "--call", "f(1)", "--call", "g(1)"), "all have to call the same function, not f and g"),
        (("add.sh", "--call", "f(1)"), "--call: programs in bash have no entry point"),
        (("add.py", "--memory-mb", "0"), "--memory-mb: has to be at least 1"),
    ],
)
def test_a_mistake_on_the_command_line(guerdon, written, tmp_path, monkeypatch, words, message):
    """Exit code 2, one line that says what is wrong, and nothing is run."""
    monkeypatch.chdir(tmp_path)
    for name in ("add.py", "add.zig", "add.sh"):
        written(name, ADD)
    (tmp_path / "latin.py").write_bytes(b"\xff")
    outcome = guerdon("run", *words)
    assert outcome.code == 2
    assert outcome.err.startswith("guerdon: ")
    assert message in outcome.err


def test_output_is_passed_on_byte_by_byte(written):
    """Where nobody looks, not one byte is changed."""
    program = written("bytes.py", r"import os; os.write(1, b'\xff\x00\x1b[2J')")
    done = subprocess.run([*GUERDON, "run", program, "--stdin", ""], capture_output=True)
    assert done.stdout == b"\xff\x00\x1b[2J"


def test_output_is_harmless_on_a_terminal(guerdon, written, monkeypatch):
    """Where a person looks, nothing moves the cursor."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    screen = Terminal()
    monkeypatch.setattr(sys, "stdout", screen)
    guerdon("run", written("bytes.py", r"import os; os.write(1, b'a\n\xff\x1b[2J')"), "--stdin", "")
    assert screen.getvalue() == "a\n\ufffd\\x1b[2J\n"


def test_a_program_that_nobody_could_judge():
    """A fault of ours has its own exit code."""
    case = CaseResult(verdict=Verdict.NOT_JUDGED, detail="the host ran out of memory", retryable=True)
    result = RunResult(verdict=Verdict.NOT_JUDGED, cases=(case,), tier="full", language="python")
    assert show(result, [""], as_json=False) == 3
