"""Whose work goes first."""

import pytest

from guerdon.services.contract import Deadline, Limits
from guerdon.services.contract.urgency import URGENCY, Urgency
from guerdon.services.workers.fair_queue import FairQueue
from guerdon.services.workers.job import Job


def job(name: str) -> Job:
    """A job called by its class, its owner and its number: `0a1`."""
    before = URGENCY.set(Urgency(int(name[0]), name[1]))
    made = Job(0, name.encode(), Limits(), Deadline.never(), alone=False)
    URGENCY.reset(before)
    return made


def queue_of(names: str) -> FairQueue:
    """A queue with these jobs pushed in order."""
    queue = FairQueue()
    for name in names.split():
        queue.push(job(name))
    return queue


def drain(queue: FairQueue) -> str:
    """The order in which jobs come out."""
    return " ".join(queue.pop().body.decode() for _ in range(len(queue)))


@pytest.mark.parametrize(
    ("pushed", "popped"),
    [
        ("0a1 0a2 0a3", "0a1 0a2 0a3"),
        ("2a1 1a1 0a1", "0a1 1a1 2a1"),
        ("0a1 0a2 0a3 0b1 0b2", "0a1 0b1 0a2 0b2 0a3"),
        ("1a1 1a2 0b1 1c1", "0b1 1a1 1c1 1a2"),
    ],
)
async def test_classes_go_in_order_and_owners_take_turns(pushed, popped):
    """A lower class goes first; within a class no owner waits for all of another's."""
    assert drain(queue_of(pushed)) == popped


async def test_a_job_put_in_front_is_first_of_its_class():
    """A job that lost its worker does not queue again behind everybody, nor before a more urgent class."""
    queue = queue_of("0a1 1a1 1b1")
    queue.push(job("1b9"), front=True)
    assert drain(queue) == "0a1 1b9 1a1 1b1"


async def test_a_job_taken_out_is_forgotten():
    """What was withdrawn does not come out, and withdrawing it twice is no fault."""
    queue = queue_of("0a1")
    waiting = job("0b1")
    queue.push(waiting)
    queue.discard(waiting)
    queue.discard(waiting)
    assert drain(queue) == "0a1"
    with pytest.raises(IndexError):
        queue.pop()


async def test_all_can_be_taken_out_at_once():
    """Clearing returns every job that waits."""
    queue = queue_of("0a1 1b1")
    assert len(queue.clear()) == 2
    assert len(queue) == 0
