"""CPU time, run delay and memory of a process tree read from /proc and CPU clocks."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from guerdon.sandbox.slot import proctree

BURN = "import os, time\ndef burn(s):\n    while time.process_time() < s: pass\n"
SAY = "print('ready', flush=True); os.read(0, 1)\n"
FORK = "r, w = os.pipe()\npid = os.fork()\n"


@contextmanager
def program(source: str) -> Iterator[int]:
    """Run a Python program until it says it is ready, give its pid, and end it by closing its input."""
    command = [sys.executable, "-S", "-c", BURN + source]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process.pid
        process.communicate()
    assert process.returncode == 0


CHILD = (
    FORK + "if not pid:\n    {act}; os.write(w, b'x'); os.close(w); os.read(0, 1); os._exit(0)\nos.read(r, 1)\n"
)


@pytest.fixture(params=["children files", "walk through /proc"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Either way of finding children; the first only where the kernel offers it."""
    if request.param == "children files" and not proctree._offers_children():
        pytest.skip("this kernel lacks /proc/<pid>/task/<tid>/children (CONFIG_PROC_CHILDREN)")
    monkeypatch.setattr(proctree, "_offers_children", lambda: request.param == "children files")


@pytest.mark.usefixtures("way")
def test_descendants_of_every_generation_are_found() -> None:
    """Children and grandchildren follow their ancestor, parents first."""
    source = CHILD.format(act="a, b = os.pipe(); os.fork() or (os.read(0, 1), os._exit(0))") + SAY
    with program(source) as pid:
        found = proctree.descendants(pid)
        assert found[0] == pid
        assert len(found) == 3
        assert os.getpid() not in found


def test_a_child_of_another_thread_is_found() -> None:
    """What a second thread forked is a descendant all the same."""
    source = (
        "import threading, subprocess\n"
        "def work():\n    global child; child = subprocess.Popen(['sleep', '60'])\n    done.set(); stop.wait()\n"
        "done, stop = threading.Event(), threading.Event()\nthreading.Thread(target=work).start(); done.wait()\n"
        + SAY
        + "child.kill(); child.wait(); stop.set()\n"
    )
    with program(source) as pid:
        assert len(proctree.descendants(pid)) == 2


def test_the_number_of_processes_looked_at_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tree larger than the bound is cut, not followed."""
    monkeypatch.setattr(proctree, "MAX_PROCESSES", 1)
    with program(CHILD.format(act="pass") + SAY) as pid:
        assert proctree.descendants(pid) == [pid]


def test_cpu_time_of_live_descendants_counts() -> None:
    """What a living child burnt is part of the sum and not of the process alone."""
    with program(CHILD.format(act="burn(0.15)") + SAY) as pid:
        assert proctree.cpu_ns(pid, [pid]) < proctree.cpu_ns(pid)
        assert proctree.cpu_ns(pid) >= 150_000_000


def test_cpu_time_of_descendants_that_were_waited_for_counts() -> None:
    """What an ended child burnt stays in the sum, so short-lived children hide nothing."""
    with program("if not os.fork(): burn(0.15); os._exit(0)\nos.wait()\n" + SAY) as pid:
        assert len(proctree.descendants(pid)) == 1
        assert proctree.cpu_ns(pid) >= 140_000_000


def test_resident_memory_of_descendants_counts() -> None:
    """Memory a child touched is in the sum; the process alone is smaller by at least that."""
    with program(CHILD.format(act="held = bytearray(b'x' * (40 << 20))") + SAY) as pid:
        alone = proctree.rss_bytes(pid, [pid])
        assert alone > 1 << 20
        assert proctree.rss_bytes(pid) >= alone + (40 << 20)


def test_run_delay_is_summed_over_threads() -> None:
    """The sum over all threads is no less than the main thread's own figure."""
    source = "import threading\nfor _ in range(3): threading.Thread(target=burn, args=(0.1,)).start()\n" + SAY
    with program(source) as pid:
        main = proctree._numbers(f"/proc/{pid}/schedstat")
        if not main:
            pytest.skip("this kernel keeps no schedstat")
        assert max(proctree.run_delays_ns(pid).values()) >= main[1] >= 0


def test_a_process_that_is_gone_counts_nothing() -> None:
    """After its end a process has no descendants but its own number, and no CPU time, delay or memory."""
    process = subprocess.Popen(["true"])
    process.wait()
    assert proctree.descendants(process.pid) == [process.pid]
    assert proctree.cpu_ns(process.pid) == 0
    assert proctree.cpu_ns(process.pid, [process.pid, process.pid]) == 0
    assert proctree.run_delays_ns(process.pid) == {}
    assert proctree.rss_bytes(process.pid) == 0


def test_a_zombie_keeps_its_cpu_time_and_holds_no_memory() -> None:
    """Until its parent waits, an ended process still tells what it used."""
    source = (
        "p = os.fork()\nif not p: burn(0.1); os._exit(0)\nos.waitid(os.P_PID, p, os.WEXITED | os.WNOWAIT)\n" + SAY
    )
    with program(source) as pid:
        (zombie,) = proctree.descendants(pid)[1:]
        assert proctree.cpu_ns(zombie) >= 100_000_000
        assert proctree.rss_bytes(zombie) == 0
