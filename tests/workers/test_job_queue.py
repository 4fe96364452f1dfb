"""Whose turn it is."""

from typing import Any

import pytest

from guerdon.services.contract import Deadline, Limits
from guerdon.services.workers.job import Job
from guerdon.services.workers.job_queue import JobQueue


async def jobs(*names: str) -> dict[str, Job]:
    """Jobs by name; those in capitals must run alone."""
    return {name: Job(0, b"", Limits(), Deadline.never(), alone=name.isupper()) for name in names}


def drain(queue: JobQueue, named: dict[str, Job]) -> str:
    """The order in which the jobs start where each ends before the next is asked for."""
    order = ""
    while (job := queue.pop()) is not None:
        order += next(name for name, known in named.items() if known is job)
        queue.leave()
    return order


@pytest.mark.parametrize(
    ("pushed", "order"),
    [
        ("abc", "abc"),
        ("abA", "Aab"),
        ("aAbBcd", "AabBcd"),
        ("ABC", "ABC"),
        ("aABCb", "AabBC"),
    ],
)
async def test_order(pushed: str, order: str) -> None:
    """First come, first served; a job alone goes first, then as many others as there are slots."""
    named = await jobs(*pushed)
    queue = JobQueue(2)
    for job in named.values():
        queue.push(job)
    assert drain(queue, named) == order


async def test_no_more_than_the_slots_run() -> None:
    """Jobs wait while all slots are taken."""
    named = await jobs("a", "b", "c")
    queue = JobQueue(2)
    for job in named.values():
        queue.push(job)
    assert [queue.pop(), queue.pop(), queue.pop()] == [named["a"], named["b"], None]
    assert not queue.has_free_slot
    queue.leave()
    assert queue.pop() is named["c"]


async def test_alone_waits_for_the_others_and_they_for_it() -> None:
    """A job alone starts when nothing runs, and nothing starts until it has ended."""
    named = await jobs("a", "b", "A")
    queue = JobQueue(2)
    queue.push(named["a"])
    assert queue.pop() is named["a"]
    queue.push(named["A"])
    queue.push(named["b"])
    assert queue.pop() is None
    queue.leave()
    assert queue.pop() is named["A"]
    assert queue.pop() is None
    queue.leave()
    assert queue.pop() is named["b"]


async def test_front_discard_and_clear() -> None:
    """Jobs can be put first, taken out, and taken out altogether."""
    named: dict[str, Any] = await jobs("a", "b", "c", "A")
    queue = JobQueue(1)
    for job in named.values():
        queue.push(job)
    queue.discard(named["A"])
    queue.discard(named["b"])
    queue.push(named["b"], front=True)
    assert len(queue) == 3
    assert queue.clear() == [named["b"], named["a"], named["c"]]
    assert queue.pop() is None
