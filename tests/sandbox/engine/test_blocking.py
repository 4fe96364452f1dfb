"""The engine for threads, and the one that a whole process shares."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sandbox_engines
from sandbox_engines import ONE, StubLanguages, script, stub_settings

import guerdon.sandbox
from guerdon.sandbox import Limits, Program, Request, RunResult, Sandbox, SandboxClosed, TierUnavailable, Verdict

PYTHON = Program(language="python", source="print(input())")


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A sandbox with stub slots."""
    with Sandbox(stub_settings(), languages=StubLanguages()) as sandbox:
        yield sandbox


def python(code: str) -> subprocess.CompletedProcess[str]:
    """Run a script that finds what supports these tests."""
    path = os.pathsep.join((str(Path(sandbox_engines.__file__).parent), *filter(None, sys.path)))
    command = (sys.executable, "-c", code)
    return subprocess.run(
        command, capture_output=True, text=True, timeout=60, env=os.environ | {"PYTHONPATH": path}
    )


def alive(pid: int) -> bool:
    """Whether a process runs."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_threads_share_a_sandbox(sandbox: Sandbox) -> None:
    """Each caller gets its own result."""
    seen: dict[int, bytes] = {}

    def call(number: int) -> None:
        seen[number] = sandbox.run(script(f"say {number}"), ONE).cases[0].stdout

    threads = [threading.Thread(target=call, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == {number: str(number).encode() for number in range(20)}


def test_options_limits_and_batches_pass_through(sandbox: Sandbox) -> None:
    """The blocking form takes what the engine takes."""
    result = sandbox.run(script("limits"), ONE, Limits(cpu_ms=77), tenant="a", priority=1, stop_early=True)
    assert result.cases[0].stdout == b"77"
    (item,) = sandbox.run_batch([Request(program=script("say x"), cases=ONE)], tenant="b")
    assert isinstance(item, RunResult)
    assert sandbox.health().ready


def test_a_closed_sandbox_refuses(sandbox: Sandbox) -> None:
    """Closing twice is fine, calling afterwards is not."""
    pids = [slot.pid for slot in sandbox.health().slots]
    sandbox.close()
    sandbox.close()
    with pytest.raises(SandboxClosed):
        sandbox.run(script("say x"), ONE)
    assert not any(alive(pid) for pid in pids)


def test_a_sandbox_that_cannot_start_leaves_no_thread() -> None:
    """The error of the start comes out of the constructor."""
    with pytest.raises(TierUnavailable):
        Sandbox(stub_settings("--claims", "none"), languages=StubLanguages())
    assert "guerdon-sandbox" not in [thread.name for thread in threading.enumerate()]


def test_slots_end_with_the_process_that_started_them_though_a_fork_of_it_lives() -> None:
    """A fork holds no slot's connection open, and cannot use its parent's sandbox."""
    done = python(
        """
import os, sys
from sandbox_engines import *
from guerdon.sandbox import Sandbox, SandboxClosed
sandbox = Sandbox(stub_settings(), languages=StubLanguages())
if os.fork() == 0:
    os.close(1)
    os.close(2)
    try:
        sandbox.run(script("say x"), ONE)
    except SandboxClosed:
        import time
        time.sleep(20)
    os._exit(1)
print(*(slot.pid for slot in sandbox.health().slots), flush=True)
os._exit(0)
"""
    )
    pids = [int(pid) for pid in done.stdout.split()]
    assert len(pids) == 2
    for _ in range(500):
        if not any(alive(pid) for pid in pids):
            return
        time.sleep(0.01)
    pytest.fail("a slot outlived its engine")


def test_the_shared_sandbox_serves_forks_too_and_ends_with_the_process() -> None:
    """The short way works in a parent, in its fork, and leaves nothing when they end."""
    done = python(
        """
import os, sys
from guerdon.sandbox import Case, Program, TierUnavailable, run
program = Program(language="python", source="print(input())")
try:
    print(run(program, [Case(stdin=b"parent")]).cases[0].stdout_text, end="")
except TierUnavailable as error:
    sys.exit(f"no tier: {error}")
child = os.fork()
if child == 0:
    print(run(program, [Case(stdin=b"fork")]).cases[0].stdout_text, end="", flush=True)
    sys.exit(0)
assert os.waitpid(child, 0)[1] == 0
print(run(program, [Case(stdin=b"again")]).cases[0].stdout_text, end="")
"""
    )
    if "no tier" in done.stderr:
        pytest.skip(f"this host offers no isolation: {done.stderr}")
    assert done.stdout.split() == ["parent", "fork", "again"], done.stderr
    assert done.stderr == ""


def test_names_are_loaded_on_first_use() -> None:
    """The jail pays for nothing of the engine, and a wrong name is an ordinary error."""
    done = python(
        "import sys, guerdon.sandbox.jail.values; print(sorted({'asyncio', 'msgspec'} & set(sys.modules)))"
    )
    assert done.stdout.strip() == "[]"
    assert all(hasattr(guerdon.sandbox, name) for name in guerdon.sandbox.__all__)
    with pytest.raises(AttributeError, match="nothing"):
        _ = guerdon.sandbox.nothing  # type: ignore[attr-defined]
    assert guerdon.sandbox.Verdict is Verdict
