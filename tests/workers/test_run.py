"""Limits of one piece of work, enforced on real processes."""

import asyncio
import time
from typing import Any

import pytest

from guerdon.services.contract import Deadline, Limits

GENEROUS = Limits(cpu_ms=5000, wall_ms=20_000)
NEVER = Deadline.never()


@pytest.mark.parametrize("hang", ["hang_in_python", "hang_in_power", "hang_in_regex"])
async def test_hang_is_stopped_by_its_cpu_time(start_pool: Any, hang: str) -> None:
    """Work that never returns, in Python or in a C call that holds the interpreter lock, hits its CPU limit."""
    pool = await start_pool()
    outcome = await pool.run([hang, None], deadline=NEVER, limits=Limits(cpu_ms=100))
    assert (outcome.kind, outcome.attempts, outcome.near_limit) == ("cpu_limit", 1, False)
    assert outcome.cpu_ms >= 120
    assert "100 ms allowed" in outcome.detail


async def test_threads_of_a_task_share_one_cpu_limit(start_pool: Any) -> None:
    """CPU time of all threads counts, although the task itself only sleeps."""
    pool = await start_pool()
    outcome = await pool.run(["burn_in_threads", 2], deadline=NEVER, limits=Limits(cpu_ms=100))
    assert outcome.kind == "cpu_limit"


async def test_sleep_is_stopped_by_wall_time(start_pool: Any) -> None:
    """Work that waits uses no CPU time and ends at its wall limit."""
    pool = await start_pool()
    outcome = await pool.run(["sleep", 1000], deadline=NEVER, limits=Limits(cpu_ms=100, wall_ms=150))
    assert outcome.kind == "wall_limit"
    assert outcome.cpu_ms < 100


@pytest.mark.parametrize("verb", ["allocate", "lift_memory_limit"])
async def test_memory_beyond_the_limit(start_pool: Any, verb: str) -> None:
    """Work that takes too much memory is stopped, also where it lifts the limit on its address space."""
    pool = await start_pool()
    outcome = await pool.run([verb, 256 << 20], deadline=NEVER, limits=Limits(cpu_ms=5000, memory_bytes=64 << 20))
    assert outcome.kind == "memory_limit"
    assert "64 MiB" in outcome.detail


async def test_memory_within_the_limit(start_pool: Any) -> None:
    """The limit counts from what the warm worker holds, so the same work fits where it is allowed."""
    pool = await start_pool()
    outcome = await pool.run(["allocate", 256 << 20], deadline=NEVER, limits=Limits(memory_bytes=512 << 20))
    assert outcome.kind == "done"


async def test_long_payload_after_a_tight_memory_limit(start_pool: Any) -> None:
    """A memory limit binds the work it was set for, not the receiving of the next payload."""
    pool = await start_pool(size=1, spares=0)
    await pool.run(["echo", 1], deadline=NEVER, limits=Limits(memory_bytes=1 << 20))
    outcome = await pool.run(["allocate", len("x" * (8 << 20))], deadline=NEVER)
    assert outcome.kind == "done"


async def test_worker_that_ran_out_of_memory_is_replaced(start_pool: Any) -> None:
    """Nothing runs in a process whose memory was exhausted."""
    pool = await start_pool(size=1, spares=0)
    before = await pool.run(["pid", None], deadline=NEVER)
    await pool.run(["allocate", 256 << 20], deadline=NEVER, limits=Limits(memory_bytes=64 << 20))
    after = await pool.run(["pid", None], deadline=NEVER)
    assert before.value != after.value


@pytest.mark.parametrize(("share", "kind"), [(0.9, "done"), (1.1, "cpu_limit")])
async def test_near_limit_is_measured_again_alone(start_pool: Any, share: float, kind: str) -> None:
    """CPU time within 20 % of the limit is measured a second time, and judged at the limit itself."""
    pool = await start_pool()
    outcome = await pool.run(["burn", 200 * share], deadline=NEVER, limits=Limits(cpu_ms=200))
    assert (outcome.kind, outcome.attempts, outcome.near_limit) == (kind, 2, True)


async def test_far_from_the_limit_is_measured_once(start_pool: Any) -> None:
    """CPU time below 80 % of the limit decides at once."""
    pool = await start_pool()
    outcome = await pool.run(["burn", 20], deadline=NEVER, limits=Limits(cpu_ms=200))
    assert (outcome.kind, outcome.attempts, outcome.near_limit) == ("done", 1, False)
    assert 20 <= outcome.cpu_ms < 160


async def test_stage_of_a_kill_is_known(start_pool: Any) -> None:
    """The last stage a task marked is told with its kill, and does not leak into the next work."""
    pool = await start_pool(size=1, spares=0)
    outcome = await pool.run(["stages", ["completion", "ground_truth"]], deadline=NEVER, limits=Limits(cpu_ms=50))
    assert (outcome.kind, outcome.stage) == ("cpu_limit", "ground_truth")
    assert (await pool.run(["echo", 1], deadline=NEVER)).stage == ""


async def test_queue_time_is_not_work_time(start_pool: Any) -> None:
    """A thousand tasks on two workers wait longer than their wall limit, and all get done."""
    pool = await start_pool()
    limits = Limits(cpu_ms=1000, wall_ms=1000)
    outcomes = await asyncio.gather(*(pool.run(["burn", 3], deadline=NEVER, limits=limits) for _ in range(1000)))
    assert {outcome.kind for outcome in outcomes} == {"done"}
    assert max(outcome.queue_ms for outcome in outcomes) > 1000


@pytest.mark.parametrize("what", ["wall", "deadline"])
async def test_answer_that_came_while_the_loop_was_stalled_counts(start_pool: Any, what: str) -> None:
    """A stall of the event loop does not turn an answer that is already there into a kill."""
    pool = await start_pool()
    limits = Limits(wall_ms=50) if what == "wall" else GENEROUS
    deadline = Deadline.after_ms(50) if what == "deadline" else NEVER
    work = asyncio.create_task(pool.run(["echo", 1], deadline=deadline, limits=limits))
    await asyncio.sleep(0)
    time.sleep(0.2)  # noqa: ASYNC251 - the stall
    assert (await work).kind == "done"


async def test_errors_of_a_task_are_told(start_pool: Any) -> None:
    """An exception comes back as text with its type and place, and the worker works on."""
    pool = await start_pool(size=1, spares=0)
    before = await pool.run(["pid", None], deadline=NEVER)
    outcome = await pool.run(["raise", "no such thing"], deadline=NEVER)
    after = await pool.run(["pid", None], deadline=NEVER)
    assert outcome.kind == "failed"
    assert outcome.detail.startswith("ValueError: no such thing (tasks.py:")
    assert before.value == after.value


@pytest.mark.parametrize(
    ("verb", "argument", "detail"),
    [("sys_exit", 3, "SystemExit"), ("object", None, "TypeError"), ("oversized", 5 << 20, "at most")],
)
async def test_unusable_results_are_failures(start_pool: Any, verb: str, argument: Any, detail: str) -> None:
    """What cannot be sent back, or tries to leave, is a failure of the task."""
    pool = await start_pool(size=1)
    outcome = await pool.run([verb, argument], deadline=NEVER)
    assert outcome.kind == "failed"
    assert detail in outcome.detail


def frame(kind: int, body: bytes, size: int | None = None) -> bytes:
    """A reply as a worker would send it, with whatever in it."""
    return bytes([kind]) + (len(body) if size is None else size).to_bytes(4, "little") + bytes(8) + body


@pytest.mark.parametrize(
    "raw",
    [
        b"\xff" * 40,
        frame(0, b"\xc1"),
        frame(0, b""),
        frame(0, b"\x91" * 100_000),
        frame(0, b"\xdd\xff\xff\xff\xff"),
        frame(0, b"\xd9\x02\xff\xff"),
        frame(0, b"", size=0xFFFFFFFF),
        frame(0, b"\x01") + b"more",
        frame(9, b"\x01"),
        frame(3, b""),
    ],
)
async def test_malformed_replies_are_failures(start_pool: Any, raw: bytes) -> None:
    """Whatever a broken worker sends, it is a failed outcome and a new worker, never an error in the service."""
    pool = await start_pool(size=1)
    outcome = await pool.run(["garbage", raw], deadline=NEVER, limits=GENEROUS)
    assert outcome.kind == "failed"
    assert (await pool.run(["echo", 1], deadline=NEVER)).value == 1
    assert pool.stats().killed == 0


async def test_incomplete_reply_is_waited_for(start_pool: Any) -> None:
    """A reply that stops halfway is no reply: the wall limit ends the wait."""
    pool = await start_pool(size=1)
    raw = frame(0, b"\x01", size=1000)
    outcome = await pool.run(["garbage", raw], deadline=NEVER, limits=Limits(wall_ms=200))
    assert outcome.kind == "wall_limit"
