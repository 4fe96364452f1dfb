"""What a sandbox makes of harm done to it: killed processes, full disks, full memory, and its own sudden death.

    python benchmarks/sandbox/faults.py [--times N] [--slots N] [--json FILE]

Under a steady load of programs whose answers are known, slots, zygotes and runs are killed, and hostile programs
fill what they can. What that costs must be ``not_judged``, never another verdict, and everything else right.
Capacity is back when every slot has judged something again. Last, engines in processes of their own are killed:
alone, and together with all their slots; nothing of them may live on, and the next engine removes what they could
not. No other engine should run beside, for files that are left cannot be told from its files.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path

from census import census, groups, grown, litter
from load import load, until
from reporting import Advance, Json, by_comma, circumstances, count, finish, parser_for, progress, table_of, wanted
from rich.table import Table

from guerdon.sandbox import Case, Engine, Limits, Program, SandboxSettings
from guerdon.services.bench.cpu import alive, family

Harm = Callable[[Engine], Awaitable[int]]
"""Does something bad to an engine; returns to how many."""
MAX_BACK_S = 1.0
FULL_DISKS = "disks of the host full"
_GIVE_UP_S = 20.0
_REST_S = 0.3
_RUNS_TO_BE_BACK = 2
_VICTIM = Path(__file__).with_name("victim.py")
_FILL_TMP = """
n = 0
try:
    with open('/tmp/big', 'wb') as file:
        while True: file.write(bytes(1 << 16))
except OSError: pass
try:
    while True:
        open(f'/tmp/small-{n}', 'w').close()
        n += 1
except OSError: pass
print('full')
"""
_FILL_MEMORY = "x = []\nwhile True: x.append(bytearray(1 << 20))"


def children(pid: int) -> list[int]:
    """Processes whose parent this is."""
    with suppress(OSError):
        lists = [(task / "children").read_text() for task in Path(f"/proc/{pid}/task").iterdir()]
        return [int(word) for text in lists for word in text.split()]
    return []


def kill_child(pid: int, parent: int) -> bool:
    """Kill a process if it still is the child of that parent, whatever becomes of its number meanwhile."""
    try:
        handle = os.pidfd_open(pid)
    except OSError:
        return False
    try:
        if pid not in children(parent):
            return False
        signal.pidfd_send_signal(handle, signal.SIGKILL)
    except ProcessLookupError:
        return False
    finally:
        os.close(handle)
    return True


def _slots(engine: Engine) -> list[int]:
    return [slot.pid for slot in engine.health().slots]


async def kill_one_slot(engine: Engine) -> int:
    """One slot dies."""
    return sum(kill_child(pid, os.getpid()) for pid in _slots(engine)[:1])


async def kill_all_slots(engine: Engine) -> int:
    """All slots die at once."""
    return sum(kill_child(pid, os.getpid()) for pid in _slots(engine))


async def kill_zygotes(engine: Engine) -> int:
    """Every zygote dies."""
    return sum(kill_child(pid, slot) for slot in _slots(engine) for pid in children(slot))


async def kill_runs(engine: Engine) -> int:
    """Everything that zygotes have forked and that runs dies; tried until something was hit."""
    hit = 0
    deadline = time.monotonic() + 1.0
    while not hit and time.monotonic() < deadline:
        for slot in _slots(engine):
            for zygote in children(slot):
                hit += sum(kill_child(pid, zygote) for pid in children(zygote))
        await asyncio.sleep(0)
    return hit


async def fill_tmp(engine: Engine) -> int:
    """Programs fill their ``/tmp`` with bytes and with files, on as many slots as there are."""
    program, cases = Program(language="python", source=_FILL_TMP), [Case()]
    results = await asyncio.gather(*(engine.run(program, cases) for _ in _slots(engine)))
    return sum(result.cases[0].stdout == b"full\n" for result in results)


async def fill_memory(engine: Engine) -> int:
    """Programs fill their memory, on as many slots as there are."""
    program, cases = Program(language="python", source=_FILL_MEMORY), [Case()]
    results = await asyncio.gather(
        *(engine.run(program, cases, Limits(memory_bytes=96 << 20)) for _ in _slots(engine))
    )
    return sum(result.verdict.value == "memory_limit" for result in results)


HARMS: dict[str, Harm] = {
    "one slot killed": kill_one_slot,
    "all slots killed": kill_all_slots,
    "all zygotes killed": kill_zygotes,
    "runs killed": kill_runs,
    "disks of all jails filled": fill_tmp,
    "memory of all jails filled": fill_memory,
}
_KILLS = ("one slot killed", "all slots killed", "all zygotes killed", "runs killed")


async def capacity_back(engine: Engine, killed: Sequence[int]) -> float:
    """Seconds until every slot has judged something again."""

    def up() -> bool:
        slots = engine.health().slots
        return all(slot.state in ("idle", "busy") and slot.pid not in killed for slot in slots)

    first = await until(up, _GIVE_UP_S)
    runs = {slot.index: slot.runs for slot in engine.health().slots}

    def judged() -> bool:
        return all(slot.runs >= runs[slot.index] + _RUNS_TO_BE_BACK for slot in engine.health().slots)

    return first + await until(judged, _GIVE_UP_S)


async def harm(engine: Engine, name: str, words: argparse.Namespace, advance: Advance) -> Json:
    """Do one kind of harm several times under load."""
    backs: list[float] = []
    hit = 0
    async with load(engine, 2 * engine.settings.slot_count) as outcome:
        await asyncio.sleep(_REST_S)
        for _ in range(words.times):
            before = _slots(engine) if "slot" in name else []
            killed = before[:1] if name == "one slot killed" else before
            hit += await HARMS[name](engine)
            backs.append(await capacity_back(engine, killed))
            await asyncio.sleep(_REST_S)
            advance(1, name)
    return {
        "harm": name,
        "times": words.times,
        "hit": hit,
        "right": outcome.right,
        "not_judged": outcome.not_judged,
        "wrong": outcome.wrong,
        "worst_back_s": max(backs),
        "details": outcome.most(),
    }


def full_disks(words: argparse.Namespace) -> Json:
    """An engine on a host whose folders for temporary files are full, in a mount namespace of its own."""
    report: Json = {"harm": FULL_DISKS, "times": 1, "hit": 3}
    if os.geteuid() != 0 or not shutil.which("unshare"):
        return {**report, "skipped": True, "details": ["skipped: it needs root and the command unshare"]}
    mounts = "; ".join(
        f"mount -t tmpfs -o size=64k full {folder}; head -c 1M /dev/zero > {folder}/full 2>/dev/null"
        for folder in ("/tmp", "/var/tmp", "/dev/shm")  # noqa: S108 - inside a namespace that ends with this
    )
    victim = shlex.join([sys.executable, str(_VICTIM), *_victim_options(words), "--seconds", "2"])
    done = subprocess.run(
        ["unshare", "--mount", "--propagation", "private", "sh", "-c", f"{mounts}; exec {victim}"],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    if not lines or "right" not in lines[-1]:
        why = lines[-1].get("error") if lines else done.stderr[-300:]
        return {**report, "right": 0, "not_judged": 0, "wrong": 0, "details": [f"it did not start: {why}"]}
    return {**report, **lines[-1]}


def sudden_death(words: argparse.Namespace, *, with_slots: bool) -> Json:
    """Kill an engine's process under load, and see what lives on and for how long."""
    with subprocess.Popen(
        [sys.executable, str(_VICTIM), *_victim_options(words)], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL
    ) as victim:
        assert victim.stdout is not None  # noqa: S101 - a pipe was asked for
        slots = json.loads(victim.stdout.readline())["slots"]
        time.sleep(1.0)
        everybody = family([victim.pid])
        victim.kill()
        if with_slots:
            for pid in slots:
                # They were its children a moment ago, and nobody has had the time to reap them.
                os.kill(pid, signal.SIGKILL)
        victim.wait()
    gone_s = _wait_gone(everybody)
    left_groups = groups(victim.pid)
    inside = [pid for folder in left_groups for pid in (folder / "cgroup.procs").read_text().split()]
    asyncio.run(_start_and_stop(words))
    return {
        "killed": "engine and slots" if with_slots else "engine",
        "processes": len(everybody),
        "gone_after_s": gone_s,
        "processes_left": sum(map(alive, everybody)) + len(inside),
        "groups_left": len(left_groups),
        "groups_after_next_engine": len(groups(victim.pid)),
    }


def _wait_gone(pids: Sequence[int]) -> float | None:
    begun = time.monotonic()
    while any(map(alive, pids)):
        if time.monotonic() - begun > _GIVE_UP_S:
            return None
        time.sleep(0.002)
    return time.monotonic() - begun


async def _start_and_stop(words: argparse.Namespace) -> None:
    async with Engine(SandboxSettings(slots=1, tier=words.tier)):
        pass


def _victim_options(words: argparse.Namespace) -> list[str]:
    return ["--slots", str(words.slots), "--tier", words.tier]


async def harms(words: argparse.Namespace, advance: Advance) -> Json:
    """Do all that an engine is to survive."""
    before = census([], words.tier)
    async with Engine(SandboxSettings(slots=words.slots, tier=words.tier)) as engine:
        around = circumstances(engine)
        results = [await harm(engine, name, words, advance) for name in HARMS if wanted(name, words.only)]
    await asyncio.sleep(_REST_S)
    return {
        "circumstances": around,
        "harms": results,
        "counts": {"before": before, "closed": census([], words.tier)},
    }


def problems_of(report: Json) -> list[str]:
    """What must not be."""
    found = []
    for each in report["harms"]:
        if each.get("wrong"):
            found.append(f"{each['harm']}: {each['wrong']} wrong; {'; '.join(each['details'])}")
        if each.get("worst_back_s", 0.0) > MAX_BACK_S:
            found.append(f"{each['harm']}: capacity was back after {each['worst_back_s']:.2f} s")
        if each["harm"] not in _KILLS and each.get("not_judged"):
            found.append(f"{each['harm']}: {each['not_judged']} not judged; {'; '.join(each['details'])}")
        if "right" in each and not each["right"]:
            found.append(f"{each['harm']}: nothing was judged; {'; '.join(each['details'])}")
    for death in report["deaths"]:
        # Slots that were killed too cannot clean up; the next engine must.
        never = ("processes_left", "groups_left" if death["killed"] == "engine" else "groups_after_next_engine")
        found += [
            f"{death['killed']} killed: {what.replace('_', ' ')}: {death[what]}" for what in never if death[what]
        ]
    found += grown(report["counts"]["before"], report["counts"]["closed"])
    return found + [f"left: {path}" for path in report["left"]]


def tables_of(report: Json) -> list[Table]:
    """What people want to see."""
    shown = ("times", "hit", "right", "not_judged", "wrong", "worst_back_s")
    deaths = ("processes", "gone_after_s", "processes_left", "groups_left", "groups_after_next_engine")
    harmed, faults = report["harms"], []
    for each in harmed:
        faults += [(f"{each['harm']}: {detail}",) for detail in each.get("details", ())]
    return [
        table_of(
            ("harm", "times", "hit", "right", "not judged", "wrong", "worst back, s"),
            [(each["harm"], *(each.get(name) for name in shown)) for each in harmed],
        ),
        table_of(
            ("killed", "processes", "gone after, s", "left", "groups left", "after next engine"),
            [(death["killed"], *(death[name] for name in deaths)) for death in report["deaths"]],
        ),
        table_of(("what was not judged, or not done",), faults),
    ]


def main() -> int:
    """Do harm and show."""
    parser = parser_for(__doc__)
    parser.add_argument("--times", type=count, default=10, help="each harm (default 10)")
    parser.add_argument("--slots", type=int, default=0, help="default: one a usable core")
    parser.add_argument(
        "--only", type=by_comma, default=(), metavar="WORD,…", help="harms with one of these in their name"
    )
    parser.add_argument("--tier", default="full", help="default full")
    words = parser.parse_args()
    # It says a line for each slot that is killed here.
    logging.getLogger("guerdon").addHandler(logging.NullHandler())
    litter_before = set(litter(words.tier))
    with progress(len(HARMS) * words.times + 3) as advance:
        report = asyncio.run(harms(words, advance))
        advance(1, "full disks")
        if wanted(FULL_DISKS, words.only):
            report["harms"].append(full_disks(words))
        report["deaths"] = []
        for with_slots in (False, True):
            advance(1, "an engine's death")
            report["deaths"].append(sudden_death(words, with_slots=with_slots))
        report["left"] = [str(path) for path in litter(words.tier) if path not in litter_before]
    return finish(report, words, tables_of(report), problems_of(report))


if __name__ == "__main__":
    sys.exit(main())
