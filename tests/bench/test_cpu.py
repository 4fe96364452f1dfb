"""CPU time of processes and of what they start."""

import os
import subprocess
import sys

from guerdon.services.bench.cpu import alive, cpu_s, family

BURN = "import time\nwhile time.process_time() < 0.15: pass\n"


def start(code: str) -> subprocess.Popen:
    """A process that says when its code is through, and then waits."""
    code = f"{code}\nprint('through', flush=True)\ninput()"
    process = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    process.stdout.readline()
    return process


def end(process: subprocess.Popen) -> None:
    """Let it go."""
    process.communicate(b"\n")


def test_a_process_that_computes():
    """What it used counts, to a tick."""
    process = start(BURN)
    assert cpu_s([process.pid]) >= 0.14
    end(process)


def test_living_children_count():
    """A family is counted by naming its head."""
    process = start(
        f"import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', {BURN + 'time.sleep(30)'!r}])"
    )
    children = [pid for pid in family([process.pid]) if pid != process.pid]
    assert len(children) == 1
    while cpu_s([process.pid]) < 0.14:
        pass
    assert cpu_s(children) < cpu_s([process.pid])
    os.kill(children[0], 9)
    end(process)


def test_reaped_children_count():
    """What an ended child used is not lost."""
    process = start(f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {BURN!r}])")
    assert family([process.pid]) == [process.pid]
    assert cpu_s([process.pid]) >= 0.14
    end(process)


def test_nobody():
    """No process, or one that is gone, has used nothing."""
    process = start("")
    end(process)
    assert cpu_s([]) == 0.0
    assert cpu_s([process.pid]) == 0.0
    assert not alive(process.pid)
    assert alive(os.getpid())
