"""The pool as its users see it: every call is answered, nothing is left behind."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import uvloop

from guerdon.services.contract import Deadline, Limits
from guerdon.services.workers import PoolError, WorkerPool, wire
from guerdon.services.workers import pool as pool_module

NEVER = Deadline.never()
SLEEPY = Limits(cpu_ms=5000, wall_ms=60_000)


def proc(pid: int, name: str) -> bytes:
    """A file of a process in /proc; empty where there is no such process."""
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def is_alive(pid: int) -> bool:
    """Whether a process exists and is no zombie."""
    return proc(pid, "stat").rpartition(b")")[2].split()[:1] not in ([], [b"Z"])


def read_lines(path: Path) -> list[str]:
    """The lines of a file."""
    return path.read_text().splitlines()


def descriptors() -> list[str]:
    """What this process has open, sockets and pipes without their numbers."""
    return sorted(str(f.readlink()).partition("[")[0] for f in Path("/proc/self/fd").iterdir() if f.exists())


def living_members(group: int) -> list[int]:
    """The processes of a process group that are no zombies."""
    pids = filter(is_alive, (int(path.name) for path in Path("/proc").glob("[0-9]*")))
    return [pid for pid in pids if proc(pid, "stat").rpartition(b")")[2].split()[2:3] == [b"%d" % group]]


async def test_results_come_back_to_their_callers(start_pool: Any) -> None:
    """Each caller gets the result of its own payload."""
    pool = await start_pool()
    outcomes = await asyncio.gather(*(pool.run(["echo", n], deadline=NEVER) for n in range(200)))
    assert [outcome.value for outcome in outcomes] == list(range(200))
    assert {(outcome.kind, outcome.attempts) for outcome in outcomes} == {("done", 1)}


async def test_setup_reaches_the_factory_of_each_pool(start_pool: Any) -> None:
    """Two pools side by side have tasks and workers of their own."""
    first = await start_pool(setup={"greeting": "hello"})
    second = await start_pool(setup={"greeting": "goodbye"})
    outcomes = await asyncio.gather(*(p.run(["greet", "you"], deadline=NEVER) for p in (first, second)))
    assert [outcome.value for outcome in outcomes] == ["hello you", "goodbye you"]
    assert not set(first.stats().pids) & set(second.stats().pids)


@pytest.mark.parametrize("size", [0, 1, 200_000, 2_000_000])
async def test_payloads_and_results_of_any_size(start_pool: Any, size: int) -> None:
    """Payloads and results of megabytes travel through the pipe in pieces."""
    pool = await start_pool()
    text = "ä" * (size // 2)
    assert (await pool.run(["echo", text], deadline=NEVER)).value == text


async def test_neighbours_do_not_wait_for_a_hang(start_pool: Any) -> None:
    """While one task hangs until its limit, everything else passes it by."""
    pool = await start_pool()
    order: list[str] = []

    async def run(name: str, payload: list[Any]) -> None:
        await pool.run(payload, deadline=NEVER, limits=Limits(cpu_ms=1000))
        order.append(name)

    await asyncio.gather(run("hang", ["hang_in_power", None]), *(run("echo", ["echo", n]) for n in range(50)))
    assert order == ["echo"] * 50 + ["hang"]


async def test_deadline_of_waiting_work(start_pool: Any, until: Any) -> None:
    """Work whose deadline comes while it waits is answered then, and was never started."""
    pool = await start_pool(size=1)
    blocker = asyncio.create_task(pool.run(["sleep", 1000], deadline=NEVER, limits=SLEEPY))
    await until(lambda: pool.stats().busy)
    outcome = await pool.run(["echo", 1], deadline=Deadline.after_ms(50))
    assert (outcome.kind, outcome.attempts) == ("deadline", 0)
    assert not blocker.done()
    assert pool.stats().queued == 0
    blocker.cancel()


async def test_deadline_that_has_passed(start_pool: Any) -> None:
    """Work that comes too late is not started."""
    pool = await start_pool()
    outcome = await pool.run(["echo", 1], deadline=Deadline.after_ms(-1))
    assert (outcome.kind, outcome.attempts) == ("deadline", 0)


async def test_deadline_of_running_work(start_pool: Any, until: Any) -> None:
    """Work that runs at its deadline is killed and its worker replaced."""
    pool = await start_pool()
    outcome = await pool.run(["hang_in_power", None], deadline=Deadline.after_ms(100), limits=SLEEPY)
    assert (outcome.kind, outcome.attempts) == ("deadline", 1)
    assert pool.stats().killed == 1
    await until(lambda: len(pool.stats().pids) == 3)


async def test_cancelled_work_is_killed(start_pool: Any, until: Any) -> None:
    """Cancelling a call kills its work, and the pool is whole again."""
    pool = await start_pool(size=1, spares=0)
    (pid,) = pool.stats().pids
    work = asyncio.create_task(pool.run(["sleep", 1000], deadline=NEVER, limits=SLEEPY))
    await until(lambda: pool.stats().busy)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert (await pool.run(["pid", None], deadline=NEVER)).value != pid
    await until(lambda: not is_alive(pid))


async def test_cancelled_work_leaves_the_queue(start_pool: Any, until: Any) -> None:
    """Cancelling a call that waits takes it out of the queue."""
    pool = await start_pool(size=1)
    running, waiting = (
        asyncio.create_task(pool.run(["sleep", 1000], deadline=NEVER, limits=SLEEPY)) for _ in range(2)
    )
    await until(lambda: pool.stats().queued == 1)
    waiting.cancel()
    await until(waiting.done)
    assert (pool.stats().queued, pool.stats().busy) == (0, 1)
    running.cancel()


async def test_work_alone_overlaps_no_other(start_pool: Any, tmp_path: Path) -> None:
    """Work that asks to run alone waits for what runs, and holds back what comes after it."""
    pool = await start_pool()
    spans = tmp_path / "spans"

    def span(name: str, *, alone: bool = False) -> Any:
        return pool.run(["log_span", [str(spans), name, 30]], deadline=NEVER, alone=alone)

    outcomes = await asyncio.gather(
        *(span(n) for n in "ab"), span("alone", alone=True), *(span(n) for n in "cdef")
    )
    assert {outcome.kind for outcome in outcomes} == {"done"}
    times = {name: (float(began), float(ended)) for name, began, ended in map(str.split, read_lines(spans))}
    began, ended = times.pop("alone")
    assert len(times) == 6
    assert all(other_ended <= began or other_began >= ended for other_began, other_ended in times.values())


async def test_no_secrets_in_workers(start_pool: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither workers nor the zygote can read the service's environment."""
    monkeypatch.setenv("GUERDON_API_KEYS", "a-secret-key")
    pool = await start_pool()
    seen = (await pool.run(["environment", None], deadline=NEVER)).value
    assert "PATH" in seen
    assert not any("secret" in text or name.startswith("GUERDON") for name, text in seen.items())
    for pid in (*pool.stats().pids, pool.stats().zygote_pid):
        assert b"a-secret-key" not in proc(pid, "environ")


async def test_worker_holds_its_own_descriptors_only(start_pool: Any) -> None:
    """A worker has one socket and one stage cell, its own, whatever other workers there are."""
    pool = await start_pool(size=4)
    outcomes = await asyncio.gather(*(pool.run(["descriptors", None], deadline=NEVER) for _ in range(20)))
    for outcome in outcomes:
        assert sum("socket" in name for name in outcome.value) == 1
        assert sum("memfd" in name for name in outcome.value) == 1


@pytest.mark.parametrize("busy", [False, True])
async def test_close_leaves_nothing_behind(busy: bool) -> None:
    """After closing, no process and no descriptor is left, and open work is answered."""
    before = descriptors()
    pool = WorkerPool("tasks:verbs", size=2)
    await pool.start()
    stats = pool.stats()
    work = [
        asyncio.create_task(pool.run(["hang_in_power", None], deadline=NEVER)) for _ in range(5 if busy else 0)
    ]
    await asyncio.sleep(0.05)
    await pool.close()
    await pool.close()
    assert not [pid for pid in (*stats.pids, stats.zygote_pid) if proc(pid, "stat")]
    assert descriptors() == before
    assert {(await task).kind for task in work} <= {"unavailable"}


async def test_replaced_workers_leave_nothing_behind(start_pool: Any, until: Any) -> None:
    """Kills and losses leave neither zombies nor descriptors."""
    pool = await start_pool()
    before = descriptors()
    for verb in ("hang_in_power", "exit", "raise") * 3:
        await pool.run([verb, 1 if verb == "exit" else "x"], deadline=NEVER, limits=Limits(cpu_ms=20))
    await until(lambda: len(pool.stats().pids) == 3)
    siblings = (await pool.run(["sibling_pids", None], deadline=NEVER)).value
    assert sorted(siblings) == sorted(pool.stats().pids)
    assert descriptors() == before


async def test_children_of_a_task_die_with_its_worker(start_pool: Any, until: Any) -> None:
    """What a task starts is killed along with it."""
    pool = await start_pool(size=1, spares=0)
    (pid,) = pool.stats().pids
    await pool.run(["start_child", None], deadline=NEVER, limits=Limits(wall_ms=200))
    await until(lambda: not living_members(pid))


def test_service_that_is_killed_takes_its_workers_along() -> None:
    """When the service is killed there is nobody to close the pool; its processes end all the same."""
    script = """
import asyncio
from guerdon.services.contract import Deadline
from guerdon.services.workers import WorkerPool

async def main():
    pool = WorkerPool("tasks:verbs", size=2)
    await pool.start()
    print(pool.stats().zygote_pid, *pool.stats().pids, flush=True)
    await pool.run(["sleep", 1000], deadline=Deadline.never())

asyncio.run(main())
"""
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parent)}
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, env=environment) as service:
        assert service.stdout is not None
        pids = [int(pid) for pid in service.stdout.readline().split()]
        assert len(pids) == 4
        service.kill()
    while any(map(is_alive, pids)):
        time.sleep(0.005)


async def test_healthy_pool(start_pool: Any) -> None:
    """A canary passes through a pool that works, without calling the task."""
    pool = await start_pool(size=1, spares=0)
    await pool.check_health()
    assert (await pool.run(["count", None], deadline=NEVER)).value == 1


async def test_busy_pool_is_healthy(start_pool: Any, monkeypatch: pytest.MonkeyPatch, until: Any) -> None:
    """A pool whose slots are all at work within their limits is not sick."""
    monkeypatch.setattr(pool_module, "_HEALTHY_WITHIN_MS", 50.0)
    pool = await start_pool(size=1)
    work = asyncio.create_task(pool.run(["sleep", 1000], deadline=NEVER, limits=SLEEPY))
    await until(lambda: pool.stats().busy)
    await pool.check_health()
    work.cancel()


async def test_wedged_worker_is_found(start_pool: Any, monkeypatch: pytest.MonkeyPatch, until: Any) -> None:
    """A worker that is alive and answers nothing fails the check once, and is replaced by it."""
    monkeypatch.setattr(pool_module, "_HEALTHY_WITHIN_MS", 50.0)
    pool = await start_pool(size=1, spares=0)
    (pid,) = pool.stats().pids
    os.kill(pid, signal.SIGSTOP)
    with pytest.raises(PoolError, match="no worker answered"):
        await pool.check_health()
    await until(lambda: pool.stats().idle == 1)
    await pool.check_health()


async def test_stats_of_a_fresh_pool(start_pool: Any) -> None:
    """A fresh pool has its size idle and the rest in reserve."""
    stats = (await start_pool(size=2, spares=1)).stats()
    assert (stats.busy, stats.idle, stats.spares, stats.queued) == (0, 2, 1, 0)
    assert (stats.killed, stats.recycled, stats.lost, stats.zygotes_lost) == (0, 0, 0, 0)
    assert len(stats.pids) == 3
    assert stats.zygote_pid > 0


async def test_cpu_time_of_dead_workers_counts(start_pool: Any, until: Any) -> None:
    """CPU time is summed over all workers, those killed among them."""
    pool = await start_pool()
    await pool.run(["hang_in_python", None], deadline=NEVER, limits=Limits(cpu_ms=100))
    await until(lambda: pool.stats().cpu_seconds >= 0.12)


async def test_misuse_is_refused(start_pool: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wrong use raises at the caller instead of becoming an outcome."""
    with pytest.raises(ValueError, match="size >= 1"):
        WorkerPool("tasks:verbs", size=0)
    idle = WorkerPool("tasks:verbs", size=1)
    with pytest.raises(PoolError, match="start the pool"):
        await idle.run(1, deadline=NEVER)
    with pytest.raises(PoolError, match="not started"):
        await idle.check_health()
    pool = await start_pool()
    with pytest.raises(PoolError, match="already"):
        await pool.start()
    with pytest.raises(TypeError):
        await pool.run(object(), deadline=NEVER)
    monkeypatch.setattr(wire, "MAX_PAYLOAD_BYTES", 1000)
    with pytest.raises(ValueError, match="payload of"):
        await pool.run("x" * 1001, deadline=NEVER)


async def test_closed_pool_answers(start_pool: Any) -> None:
    """Work given to a closed pool is answered as unavailable, and health checks fail."""
    pool = await start_pool()
    await pool.close()
    outcome = await pool.run(["echo", 1], deadline=NEVER)
    assert (outcome.kind, outcome.attempts) == ("unavailable", 0)
    with pytest.raises(PoolError, match="closed"):
        await pool.check_health()


def test_runs_on_uvloop() -> None:
    """The pool works on uvloop as it does on asyncio's own loop."""

    async def main() -> list[str]:
        async with WorkerPool("tasks:verbs", size=2) as pool:
            payloads = [["echo", "x" * 300_000], ["hang_in_power", None], ["exit", 1], ["sleep", 1000]]
            limits = Limits(cpu_ms=50, wall_ms=300)
            work = [pool.run(payload, deadline=NEVER, limits=limits) for payload in payloads]
            return [outcome.kind for outcome in await asyncio.gather(*work)]

    assert uvloop.run(main()) == ["done", "cpu_limit", "lost", "wall_limit"]


def test_clock_of_a_process_is_monotonic_in_work() -> None:
    """The kernel's clock for another process, which decides all limits, is readable from outside."""
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as process:
        first = time.clock_gettime((~process.pid << 3) | 2)
        while time.clock_gettime((~process.pid << 3) | 2) <= first:
            pass
        process.kill()


async def test_second_measurement_is_alone(start_pool: Any, tmp_path: Path) -> None:
    """Work near its CPU limit is measured again while nothing else runs."""
    pool = await start_pool()
    spans = tmp_path / "spans"

    def span(name: str, cpu_ms: float) -> Any:
        return pool.run(["log_span", [str(spans), name, cpu_ms]], deadline=NEVER, limits=Limits(cpu_ms=100))

    outcome, *_ = await asyncio.gather(span("near", 86), *(span("far", 10) for _ in range(20)))
    assert (outcome.near_limit, outcome.attempts) == (True, 2)
    times = [(name, float(began), float(ended)) for name, began, ended in map(str.split, read_lines(spans))]
    _, began, ended = next(span for span in reversed(times) if span[0] == "near")
    others = [span for span in times if span[0] == "far"]
    assert len(others) == 20
    assert all(other_ended <= began or other_began >= ended for _, other_began, other_ended in others)


async def test_a_pool_that_could_not_start_can_be_started_again(tmp_path: Path) -> None:
    """Once what was missing is there, the same pool comes up."""
    file = tmp_path / "model"
    pool = WorkerPool("tasks:needs_file", setup={"path": str(file)}, size=1)
    with pytest.raises(PoolError, match="FileNotFoundError"):
        await pool.start()
    file.touch()
    async with pool:
        assert (await pool.run("back", deadline=Deadline.never())).value == "back"
