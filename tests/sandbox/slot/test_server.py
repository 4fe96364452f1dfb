"""The slot as a process: its frames, its jobs in turn, its end."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from sandbox_slot import FULL, NOBODY, RESTRICTED, STANDINGS, SlotClient, Standing, descendants, left_of, wait_for

from guerdon.sandbox.program import Case
from guerdon.sandbox.result import Verdict
from guerdon.sandbox.wire import Artifact, Cancel, CaseDone, JobDone

FOREVER = "import time\nprint('begun', flush=True)\ntime.sleep(60)"


def groups(pid: int) -> set[Path]:
    """Return the control groups of a process that belong to a slot."""
    found = set()
    for line in Path(f"/proc/{pid}/cgroup").read_text().splitlines():
        _, names, path = line.split(":", 2)
        if "guerdon-" in path:
            found.add(Path("/sys/fs/cgroup", names.removeprefix("name="), path.lstrip("/")))
    return found


def test_a_slot_says_what_it_is(slot: SlotClient) -> None:
    """Its first message names the tier, its process, what holds here and what is warm."""
    ready = slot.ready

    assert (ready.tier, ready.pid, ready.warm) == (slot.standing.tier, slot.process.pid, ["python"])
    assert set(ready.facts) >= {"cgroups", "listener", "user", "python"}
    assert ready.facts["python"].startswith("Python 3.")


def test_jobs_that_wait_are_run_in_turn(slot: SlotClient) -> None:
    """A second job may be sent while the first runs; each is answered whole before the next."""
    jobs = [slot.job(f"print({number}, input())", [Case(stdin=b"a"), Case(stdin=b"b")]) for number in range(3)]
    slot.send(*jobs)

    for number, job in enumerate(jobs):
        answered = slot.answers(job)
        assert [result.stdout for result in answered.results] == [b"%d a\n" % number, b"%d b\n" % number]
        assert answered.done == JobDone(job=job.id)


def test_a_job_without_cases_is_done_at_once(slot: SlotClient) -> None:
    """Nothing is run, and the job is over."""
    assert slot.ask("print(1)", []).results == []


@pytest.mark.parametrize("count", [1, 4])
def test_stopping_early_leaves_the_rest_out(slot: SlotClient, count: int) -> None:
    """With ``stop_early`` the first case that is not ``ok`` is the last one run."""
    cases = [Case(stdin=b"%d" % max(0, 1 - number)) for number in range(count)] + [Case(stdin=b"1")] * 2

    early = slot.ask("1 / int(input())", cases, stop_early=True).verdicts
    whole = slot.ask("1 / int(input())", cases).verdicts

    if count == 1:
        assert early == whole == [Verdict.OK] * 3
    else:
        assert early == [Verdict.OK, Verdict.RUNTIME_ERROR]
        assert len(whole) == len(cases)


def test_stopping_early_ends_a_snapshot_too(slot: SlotClient) -> None:
    """Calls are left out as well, and nothing of the snapshot is left."""
    cases = [Case.of_call(number) for number in (1, 2, 0, 4, 5)]

    answered = slot.ask("def f(x): return 1 / x", cases, entry="f", stop_early=True)

    assert answered.verdicts == [Verdict.OK, Verdict.OK, Verdict.RUNTIME_ERROR]
    assert slot.call("def f(x): return 1 / x", "f", 1).verdict is Verdict.OK


@pytest.mark.parametrize("cases", [1, 5])
def test_cancelling_kills(slot: SlotClient, cases: int) -> None:
    """A cancelled job's case is killed and not judged, the rest is left out, and the job is over."""
    job = slot.job(FOREVER, [Case()] * cases, idle_ms=50_000)
    slot.send(job)
    slot.send(Cancel(id=job.id))

    answered = slot.answers(job)

    assert answered.done == JobDone(job=job.id, cancelled=True)
    assert answered.verdicts in ([], [Verdict.NOT_JUDGED])


def test_cancelling_one_job_spares_the_next(slot: SlotClient) -> None:
    """Only the job that was named is killed or forgotten."""
    first, second, third = (
        slot.job(source, [Case()], idle_ms=50_000) for source in (FOREVER, FOREVER, "print(3)")
    )
    slot.send(first, second, third)
    slot.send(Cancel(id=second.id), Cancel(id=first.id))

    answers = {message.job: message for message in iter_until_done(slot, third.id) if isinstance(message, JobDone)}

    assert answers[first.id].cancelled
    assert answers[second.id].cancelled
    assert not answers[third.id].cancelled


def iter_until_done(slot: SlotClient, job: int) -> list[object]:
    """Collect messages until a job is done."""
    messages: list[object] = []
    while not (messages and isinstance(messages[-1], JobDone) and messages[-1].job == job):
        messages.append(slot.receive())
    return messages


def test_a_late_cancel_does_nothing(slot: SlotClient) -> None:
    """A job that is over, or was never asked for, cannot be cancelled, and its end disturbs nobody."""
    job = slot.job("print(1)", [Case()])
    slot.send(job)
    slot.answers(job)
    slot.send(Cancel(id=job.id), Cancel(id=987_654))

    assert slot.run("print(2)").stdout == b"2\n"


def test_an_artifact_the_slot_lacks_is_asked_for(slot: SlotClient) -> None:
    """Nothing is run until the compiled program was sent; then the job is."""
    script = "print('from the artifact')"
    job = slot.job("", [Case()], artifact_key="key")
    slot.send(job)
    needed = slot.answers(job).needed
    assert needed is not None
    assert needed.key == "key"

    slot.send(Artifact(key="key", content=script.encode()), job)

    assert slot.answers(job).results[0].stdout == b"from the artifact\n"
    again = slot.ask("", [Case()], artifact_key="key")
    assert again.results[0].stdout == b"from the artifact\n"


def test_answers_come_before_the_job_is_over() -> None:
    """A case's answer does not wait for the cases after it when those take their time."""
    with SlotClient(FULL) as slot:
        job = slot.job(
            "import time; time.sleep(float(input()))", [Case(stdin=b"0"), Case(stdin=b"60")], idle_ms=50_000
        )
        slot.send(job)

        first = slot.receive()
        assert isinstance(first, CaseDone)
        assert first.result.verdict is Verdict.OK
        slot.send(Cancel(id=job.id))


@pytest.mark.parametrize("standing", STANDINGS, ids=str)
@pytest.mark.parametrize("source", ["print(1)", FOREVER])
def test_a_slot_ends_when_its_engine_hangs_up(standing: Standing, source: str, tmp_path: Path) -> None:
    """Idle or in the middle of a run, it ends and leaves no process, group, folder or mount."""
    before = set(Path("/tmp").glob("guerdon-run-*"))
    mounts = Path("/proc/self/mounts").read_text()
    with SlotClient(standing) as slot:
        mine = set(Path("/tmp").glob("guerdon-run-*")) - before
        own_groups = groups(slot.zygotes()[0])
        job = slot.job(source, [Case()], idle_ms=50_000)
        slot.send(job)
        if source != FOREVER:
            slot.answers(job)
        below = descendants(slot.ready.pid)

        assert slot.hang_up() == 0, slot.log()

    assert below
    assert left_of(below) == []
    assert [group for group in own_groups if group.exists()] == []
    assert [folder for folder in mine if folder.exists() and standing is RESTRICTED] == []
    assert Path("/proc/self/mounts").read_text() == mounts


@pytest.mark.parametrize("standing", STANDINGS, ids=str)
def test_nothing_outlives_a_killed_slot(standing: Standing) -> None:
    """A slot that is killed takes its zygotes and what they run along."""
    with SlotClient(standing) as slot:
        job = slot.job(FOREVER, [Case()], idle_ms=50_000)
        slot.send(job)
        below = wait_for(lambda: descendants(slot.ready.pid), 2)
        slot.process.kill()
        slot.process.wait()

        assert left_of(below) == []


def test_an_interrupt_from_the_terminal_is_the_engines_affair(slot: SlotClient) -> None:
    """Ctrl-C reaches every process of the terminal; a slot goes on until its engine hangs up."""
    os.kill(slot.ready.pid, signal.SIGINT)

    assert slot.run("print(1)").stdout == b"1\n"


@pytest.mark.parametrize("nonsense", [b"\x05\0\0\0hello", b"\xff\xff\xff\xff", b"\x01\0\0\0\xc0"])
def test_nonsense_ends_the_slot(nonsense: bytes) -> None:
    """A slot that does not understand its engine stops instead of guessing."""
    with SlotClient(FULL) as slot:
        below = descendants(slot.ready.pid)
        slot._socket.sendall(nonsense)

        assert slot.process.wait(60) != 0
        assert left_of(below) == []


def test_a_tier_that_cannot_be_had_is_said_so() -> None:
    """A slot that can offer no isolation ends with a status of its own and the reason."""
    no_more = 'echo 0 > /proc/sys/user/max_user_namespaces && exec "$@"'
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ended = subprocess.run(
            [
                *("unshare", "--user", "--map-root-user", "sh", "-c", no_more, "sh"),
                *(sys.executable, "-m", "guerdon.sandbox.slot", "--tier", "full"),
            ],
            stdin=theirs,
            stdout=theirs,
            stderr=subprocess.PIPE,
            text=True,
            cwd="/",
        )

    assert ended.returncode == 3, ended.stderr
    assert "no tier can be had here: full: " in ended.stderr


def test_slots_side_by_side_do_not_meet() -> None:
    """Two slots each run their own program at a time, with folders, processes and groups of their own."""
    with SlotClient(FULL) as one, SlotClient(NOBODY) as two:
        jobs = [
            s.job("import os, time\nopen('f', 'x')\ntime.sleep(.05)\nprint(os.listdir())", [Case()])
            for s in (one, two)
        ]
        one.send(jobs[0])
        two.send(jobs[1])

        for slot, job in zip((one, two), jobs, strict=True):
            assert slot.answers(job).results[0].stdout == b"['f']\n"
