"""The whole tier: an engine, a Docker engine, the real slot in the image."""

import asyncio

import pytest

from guerdon.sandbox import (
    Case,
    Engine,
    Limits,
    Program,
    SandboxSettings,
    Tier,
    TierUnavailable,
    UnknownLanguage,
    Verdict,
)
from guerdon.sandbox.container.containers import Containers
from guerdon.sandbox.container.settings import ContainerSettings

pytestmark = [pytest.mark.slow, pytest.mark.timeout(700)]
LIMITS = Limits(cpu_ms=1_000, memory_bytes=256 << 20)


@pytest.fixture
async def engine(image, left):
    """An engine with one slot in a container."""
    settings = SandboxSettings(slots=1)
    async with (
        Containers(ContainerSettings(image=image)) as containers,
        Engine(settings, launch=containers.launch, languages=containers) as engine,
    ):
        yield engine


async def run(engine, source, stdin=b"", entry=""):
    """Run a program on one case."""
    case = Case.of_call(20, b=1) if entry else Case(stdin=stdin)
    result = await engine.run(Program(language="python", source=source, entry=entry), [case], LIMITS)
    return result, result.cases[0]


async def test_an_honest_program_runs_and_the_tier_is_stated(engine):
    """Input comes in, output comes out, and the result says where it ran."""
    result, case = await run(engine, "print(int(input()) + 1)", b"41\n")
    assert (case.verdict, case.stdout, result.tier) == (Verdict.OK, b"42\n", "container")
    assert engine.health().facts["inside"] == "restricted"


REFUSED = {
    "network": ("import socket\nsocket.create_connection(('127.0.0.1', 80))", {Verdict.SECURITY}),
    "fork": ("import os\nos.fork()", {Verdict.SECURITY}),
    "host files": ("open('/etc/passwd')", {Verdict.RUNTIME_ERROR, Verdict.SECURITY}),
    "the service's packages": ("import msgspec", {Verdict.RUNTIME_ERROR}),
    "processes": ("import os\nos.listdir('/proc/1')", {Verdict.RUNTIME_ERROR, Verdict.SECURITY}),
    "memory": ("x = bytearray(1 << 30)\nprint(len(x))", {Verdict.MEMORY_LIMIT}),
    "time": ("while True: pass", {Verdict.TIME_LIMIT}),
}


@pytest.mark.parametrize("what", REFUSED)
async def test_what_is_refused_is_refused_and_the_next_program_is_right(engine, what):
    """No program gets at the network, the container or more than its share, nor spoils what comes after it."""
    source, verdicts = REFUSED[what]
    _, case = await run(engine, source)
    assert case.verdict in verdicts, case
    _, case = await run(engine, "print('right')")
    assert case.stdout == b"right\n"


async def test_a_killed_container_costs_no_verdict_and_capacity_is_back(engine, api, left):
    """Its case is judged elsewhere or not judged, never wrong; a spare takes over at once."""
    running = asyncio.ensure_future(run(engine, "import time\ntime.sleep(1)\nprint('done')"))
    await asyncio.sleep(0.5)
    for container in left():
        await asyncio.to_thread(api.kill, container)
    _, case = await running
    assert case.verdict in {Verdict.OK, Verdict.NOT_JUDGED}
    _, case = await run(engine, "print('right')")
    assert case.stdout == b"right\n"


async def test_tier_full_works_inside_under_the_shipped_profile(image, left, profile):
    """A container with our seccomp profile holds the strongest tier, and calls by plain data work in it."""
    settings = ContainerSettings(
        image=image,
        inner_tier=Tier.FULL,
        seccomp_profile=profile.read_text(),
        apparmor_profile="unconfined",
        spares=0,
    )
    async with (
        Containers(settings) as containers,
        Engine(SandboxSettings(slots=1), launch=containers.launch, languages=containers) as engine,
    ):
        assert engine.health().facts["inside"] == "full"
        _, case = await run(engine, "def f(a, b): return 2 * a + b", entry="f")
        assert case.verdict is Verdict.OK
        _, case = await run(engine, "import os\nprint(sorted(os.listdir('/')))")
        assert b"opt" not in case.stdout


async def test_only_what_the_image_holds_is_offered(engine, image):
    """Toolchains of the host do not count, and the message says how to get more."""
    with pytest.raises(UnknownLanguage, match=f"the image {image} has no rust, only python.*TOOLCHAINS"):
        await engine.run(Program(language="rust", source=""), [Case()])


async def test_an_image_without_the_package_is_named(api, left):
    """A wrong image is found out when the engine starts."""
    settings = ContainerSettings(image="python:3.11-slim-bookworm", spares=0)
    async with Containers(settings) as containers:
        with pytest.raises(TierUnavailable, match=r"python:3\.11-slim-bookworm does not say its languages"):
            await asyncio.to_thread(containers.survey)


async def test_runs_share_a_warm_container(engine, left):
    """A run costs a fork in the container, not the start of one."""
    before = left()
    for _ in range(100):
        _, case = await run(engine, "print(1)")
        assert case.verdict is Verdict.OK
    assert left() <= before
    assert engine.health().slots[0].restarts == 0
