"""Worker processes killed in the middle of a batch."""

import asyncio
import os
import signal
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

import pytest
from calls import request

from guerdon.services.contract import Status

pytestmark = pytest.mark.asyncio(loop_scope="module")


def processes_below(pid: int) -> list[int]:
    """Processes whose ancestor this one is, children first."""
    found = []
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        found += [int(child), *processes_below(int(child))]
    return found


def batch(items: int):
    """Answers that only a parser can judge, every third of them wrong."""
    wanted = [{"completion": f"\\boxed{{\\sqrt{{{4 * (n + 2)}}}}}", "n": n} for n in range(items)]
    return [
        {
            "completion": item["completion"],
            "ground_truth": f"2\\sqrt{{{item['n'] + 2 + (item['n'] % 3 == 0)}}}+0\\cdot x",
        }
        for item in wanted
    ]


async def kill_while(task: asyncio.Task, workers: Callable[[], Iterable[int]], most: int) -> int:
    """SIGKILL workers one after the other until the task is done; the number of processes killed."""
    killed = 0
    while not task.done() and killed < most:
        for pid in workers():
            await asyncio.sleep(0.05)
            if task.done() or killed == most:
                break
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                killed += 1
    return killed


async def test_killing_workers_loses_nothing(service):
    """Every item is answered with the verdict it would have had, however many workers die."""
    undisturbed = await service.score(request(rewards="math", items=batch(300), timeout_ms=120_000))
    items = batch(300)
    for item in items:
        item["completion"] += "\n"
    call = asyncio.create_task(service.score(request(rewards="math", items=items, timeout_ms=120_000)))
    pool = service.backend._runners["math"].verifier.pool
    killed = await kill_while(call, lambda: pool.stats().pids, 40)
    disturbed = await call
    assert killed > 0
    assert len(disturbed.results) == 300
    for result, before in zip(disturbed.results, undisturbed.results, strict=True):
        component = result.components[0]
        assert (component.score is None) == (component.status is not Status.OK)
        if component.status is Status.OK:
            assert component.score == before.components[0].score
        else:
            assert component.reason == "kills_worker"


async def test_killing_everything_is_null_or_right_never_a_wrong_zero(service):
    """Even without the process that makes workers, nothing is scored that was not judged."""
    items = [{**item, "completion": item["completion"] + " "} for item in batch(60)]
    call = asyncio.create_task(service.score(request(rewards=["math", "format"], items=items, timeout_ms=120_000)))
    await asyncio.sleep(0.05)
    for pid in processes_below(os.getpid()):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    for n, result in enumerate((await call).results):
        math = result.components[0]
        if math.status is Status.OK:
            assert math.score == float(n % 3 != 0)
        else:
            assert math.score is None
            assert result.total is None
