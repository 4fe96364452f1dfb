"""What the end of an attempt means for a piece of work."""

import pytest

from guerdon.services.contract import Deadline, Limits
from guerdon.services.workers.job import Ending, Job


def begin(limits: Limits | None = None) -> Job:
    """A job at its first attempt."""
    job = Job(0, b"", limits or Limits(cpu_ms=100), Deadline.never(), alone=False)
    job.begin_attempt()
    return job


def again(job: Job) -> None:
    """Start the next attempt of a job."""
    job.await_attempt()
    job.begin_attempt()


@pytest.mark.parametrize(
    ("cpu_ms", "kind"), [(0, "done"), (79.9, "done"), (120.1, "cpu_limit"), (900, "cpu_limit")]
)
async def test_clear_measurement_decides_at_once(cpu_ms: float, kind: str) -> None:
    """Away from the limit the first measurement decides, however late somebody looked."""
    job = begin()
    assert job.settle(Ending(kind="done", value="result", cpu_ms=cpu_ms))
    outcome = job.outcome.result()
    assert (outcome.kind, outcome.attempts, outcome.near_limit) == (kind, 1, False)
    assert outcome.value == ("result" if kind == "done" else None)


@pytest.mark.parametrize("first_ms", [80.0, 100.0, 120.0])
@pytest.mark.parametrize(("second_ms", "kind"), [(10, "done"), (100.0, "done"), (100.1, "cpu_limit")])
async def test_second_measurement_decides_near_the_limit(first_ms: float, second_ms: float, kind: str) -> None:
    """Within 20 % of the limit the work is done once more alone, and judged at the limit itself."""
    job = begin()
    assert not job.settle(Ending(kind="done", cpu_ms=first_ms))
    assert job.alone
    assert job.cpu_stop_ms == 100
    again(job)
    assert job.settle(Ending(kind="done", cpu_ms=second_ms))
    outcome = job.outcome.result()
    assert (outcome.kind, outcome.cpu_ms, outcome.attempts, outcome.near_limit) == (kind, second_ms, 2, True)


async def test_loss_near_the_limit_is_tried_again() -> None:
    """Work may lose its worker once in whichever attempt; then what it was about goes on."""
    job = begin()
    assert not job.settle(Ending(kind="done", cpu_ms=100))
    again(job)
    assert not job.settle(Ending(kind="lost"))
    again(job)
    assert job.settle(Ending(kind="done", cpu_ms=90))
    assert (job.outcome.result().kind, job.outcome.result().attempts) == ("done", 3)


@pytest.mark.parametrize("kind", ["cpu_limit", "memory_limit", "wall_limit", "deadline"])
async def test_limits_settle_at_once(kind: str) -> None:
    """A limit that was exceeded is not tried again."""
    job = begin()
    assert job.settle(Ending(kind=kind, stage="parse", detail="numbers"))
    outcome = job.outcome.result()
    assert (outcome.kind, outcome.stage, outcome.detail, outcome.attempts) == (kind, "parse", "numbers", 1)


async def test_outage_is_not_a_loss() -> None:
    """A worker lost with its zygote neither makes the work run alone nor counts against it."""
    job = begin()
    assert not job.settle(Ending(kind="unavailable"))
    assert not job.alone
    again(job)
    assert not job.settle(Ending(kind="lost"))
    again(job)
    assert job.settle(Ending(kind="unavailable"))
    assert (job.outcome.result().kind, job.outcome.result().attempts) == ("unavailable", 3)


async def test_first_outcome_stays() -> None:
    """Work that was answered or given up is not answered again."""
    job = begin()
    job.give_up("deadline", "too late")
    assert job.settle(Ending(kind="done"))
    assert job.outcome.result().kind == "deadline"
