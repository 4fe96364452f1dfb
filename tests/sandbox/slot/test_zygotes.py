"""Zygotes as the slot sees them: killed, broken or worn, they cost one case at most."""

import os
import signal
import time

import pytest
from sandbox_slot import FULL, STANDINGS, SlotClient, Standing, children, kill, left_of, wait_for

from guerdon.sandbox.program import Case
from guerdon.sandbox.result import Verdict

SLEEP = "import time\ntime.sleep(60)"


def test_a_zygote_killed_between_runs_costs_nothing(slot: SlotClient) -> None:
    """The next case is run by a new zygote, right as ever."""
    zygotes = slot.zygotes()
    kill(zygotes)
    assert left_of(zygotes) == []

    assert slot.run("print(1)").stdout == b"1\n"
    assert len(slot.zygotes()) == 1


@pytest.mark.parametrize("cases", [1, 3])
def test_a_zygote_killed_during_a_run_costs_that_case(slot: SlotClient, cases: int) -> None:
    """The case it ran is a fault of ours, to be asked for again; the cases after it are right."""
    source = "import time\nif input() == 'sleep': time.sleep(60)\nprint('awake')"
    job = slot.job(source, [Case(stdin=b"sleep\n")] + [Case(stdin=b"no\n")] * (cases - 1), idle_ms=50_000)
    (zygote,) = slot.zygotes()
    slot.send(job)
    wait_for(lambda: children(zygote))
    kill([zygote])

    answered = slot.answers(job)

    assert answered.verdicts == [Verdict.NOT_JUDGED] + [Verdict.OK] * (cases - 1)
    assert answered.results[0].retryable
    assert answered.done is not None
    assert not answered.done.cancelled


def test_no_zombie_is_left_of_a_killed_zygote(slot: SlotClient) -> None:
    """What became of a lost zygote and its run was waited for."""
    job = slot.job(SLEEP, [Case()], idle_ms=50_000)
    (zygote,) = slot.zygotes()
    slot.send(job)
    wait_for(lambda: children(zygote))
    kill([zygote])
    slot.answers(job)

    assert slot.run("print(1)").stdout == b"1\n"
    assert children(slot.ready.pid) == slot.zygotes()


def test_a_run_killed_from_outside_is_not_judged(slot: SlotClient) -> None:
    """A program that somebody on the host killed is no failure of the program."""
    job = slot.job(SLEEP, [Case()], idle_ms=50_000)
    (zygote,) = slot.zygotes()
    slot.send(job)
    kill(wait_for(lambda: children(zygote)))

    (result,) = slot.answers(job).results

    assert (result.verdict, result.retryable) == (Verdict.NOT_JUDGED, True)


def test_a_zygote_killed_under_a_snapshot_costs_one_case(snapshot_slot: SlotClient) -> None:
    """Cases after the one that was lost are loaded and forked anew."""
    source = "import time\ndef f(x):\n    if x == 1: time.sleep(60)\n    return x"
    job = snapshot_slot.job(source, [Case.of_call(n) for n in range(4)], entry="f", idle_ms=50_000)
    (zygote,) = snapshot_slot.zygotes()
    snapshot_slot.send(job)
    wait_for(lambda: [case for loaded in children(zygote) for case in children(loaded)])
    time.sleep(0.1)
    kill([zygote])

    verdicts = snapshot_slot.answers(job).verdicts

    assert verdicts.count(Verdict.NOT_JUDGED) == 1
    assert verdicts.count(Verdict.OK) == 3


def test_a_stopped_zygote_does_not_stop_the_slot_from_ending() -> None:
    """Even a zygote that answers no more is gone when its slot is told to end."""
    with SlotClient(FULL) as slot:
        (zygote,) = slot.zygotes()
        os.kill(zygote, signal.SIGSTOP)

        assert slot.hang_up() == 0
    with pytest.raises(ProcessLookupError):
        os.kill(zygote, 0)


@pytest.mark.parametrize("standing", STANDINGS, ids=str)
def test_zygotes_are_replaced_when_worn(standing: Standing) -> None:
    """After so many runs a new zygote takes over, and the old one is gone."""
    with SlotClient(standing, "--recycle-runs", "2") as slot:
        seen = []
        for number in range(5):
            assert slot.run(f"print({number})").stdout == b"%d\n" % number
            seen.append(slot.zygotes())

        assert all(len(zygotes) == 1 for zygotes in seen)
        assert seen[0] == seen[1] != seen[2] == seen[3] != seen[4]


def test_children_of_different_zygotes_differ_in_layout() -> None:
    """Recycling changes where things lie in memory, so that what one run learnt is of no use later."""
    with SlotClient(FULL, "--recycle-runs", "1") as slot:
        places = {slot.run("print(id(object()), id(len))").stdout for _ in range(3)}

    assert len(places) == 3


def test_a_program_cannot_see_or_signal_its_zygote(slot: SlotClient) -> None:
    """Nothing a program may send ends, stops or disturbs the process that forked it."""
    (zygote,) = slot.zygotes()
    source = (
        f"import os, signal\n"
        f"for pid in (os.getppid(), {zygote}, {slot.ready.pid}, -1, 1):\n"
        "    for number in (9, 19, 15, 2):\n"
        "        if pid > 1 or pid == -1:\n"
        "            try: os.kill(pid, number)\n"
        "            except OSError: pass\n"
        "print('sent')"
    )

    slot.run(source)

    assert slot.zygotes() == [zygote]
    assert slot.run("print(1)").stdout == b"1\n"
