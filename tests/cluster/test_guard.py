"""The guard: it ends with its owner and takes with it what it started."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from guerdon.services.cluster.guard import LOG
from guerdon.services.cluster.processes import pids_of, sweep

LEAVES_A_DAEMON = "sleep 600 & echo started"
"""A command that returns and leaves a process, as ``ray start`` does."""
RENAMED = """
import ctypes, os, sys, time
libc = ctypes.CDLL(None)
if os.fork() == 0:
    environ = ctypes.c_void_p.in_dll(libc, "environ")
    start = ctypes.c_void_p.from_address(environ.value).value
    ctypes.memset(start, 0, sum(len(name) + len(value) + 2 for name, value in os.environb.items()))
print("ready", flush=True)
time.sleep(600)
"""
"""A process with a child whose environment cannot be read, as after setting a title."""


def until(condition) -> None:
    """Wait until something is true."""
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.fixture
def start(tmp_path):
    """Starts guards."""
    started = []

    def start(run: str, command: str) -> subprocess.Popen:
        folder = tmp_path / "run"
        folder.mkdir()
        words = [sys.executable, "-m", "guerdon.services.cluster.guard", run, str(folder), "sh", "-c", command]
        started.append(subprocess.Popen(words, stdin=subprocess.PIPE))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_it_ends_with_its_owner(start, tmp_path):
    """When the pipe closes, everything that was started ends and the folder is gone."""
    guard = start("guard-test-owner", LEAVES_A_DAEMON)
    until(lambda: len(pids_of("guard-test-owner")) == 1)
    guard.stdin.close()
    assert guard.wait(10) == 0
    assert pids_of("guard-test-owner") == []
    assert not (tmp_path / "run").exists()


def test_it_ends_by_a_signal(start, tmp_path):
    """SIGTERM is as good as the end of the owner."""
    guard = start("guard-test-signal", LEAVES_A_DAEMON)
    until(lambda: len(pids_of("guard-test-signal")) == 1)
    guard.terminate()
    assert guard.wait(10) == 0
    assert pids_of("guard-test-signal") == []


def test_it_notices_that_a_part_has_ended(start, tmp_path):
    """When one of the processes ends by itself, the others end too and the log is left to be read."""
    guard = start("guard-test-part", f"{LEAVES_A_DAEMON}; sleep 1 &")
    assert guard.wait(10) == 1
    assert pids_of("guard-test-part") == []
    assert (tmp_path / "run" / LOG).read_text() == "started\n"


def test_a_command_that_fails(start, tmp_path):
    """What the command said can be read."""
    assert start("guard-test-fails", "echo no such option; exit 2").wait(10) == 1
    assert (tmp_path / "run" / LOG).read_text() == "no such option\n"


def test_only_processes_of_the_run():
    """Processes of other runs, and of none, live on; those that hide their environment do not."""
    command = [sys.executable, "-c", RENAMED]
    ours = subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "GUERDON_RUN": "guard-test-ours"})
    other = subprocess.Popen(["sleep", "600"], env={**os.environ, "GUERDON_RUN": "guard-test-ours-too"})
    ours.stdout.readline()
    ours.stdout.readline()
    try:
        assert len(pids_of("guard-test-ours")) == 2
        assert sweep("guard-test-ours") == 2
        assert other.poll() is None
        assert pids_of("guard-test-ours") == []
    finally:
        ours.communicate()
        other.kill()
        other.wait()


def test_the_guard_is_small():
    """It lives as long as Ray, so it imports nothing but the standard library."""
    code = "import sys, guerdon.services.cluster.guard; print(*{name.partition('.')[0] for name in sys.modules})"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert set(loaded).isdisjoint({"ray", "pydantic", "msgspec", "httpx2", "grpc"})
