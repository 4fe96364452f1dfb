"""Containers kept ready, and none left behind."""

import asyncio
import os
import signal
import subprocess
import sys

import pytest

from guerdon.sandbox.container.docker_api import OWNER_LABEL, ContainerFault
from guerdon.sandbox.container.pool import ContainerPool
from guerdon.sandbox.errors import SandboxClosed

pytestmark = [pytest.mark.slow, pytest.mark.timeout(700)]

ENGINE = """
import asyncio, sys
from guerdon.sandbox.container.pool import ContainerPool
from guerdon.sandbox.container.settings import ContainerSettings

async def main():
    pool = ContainerPool(ContainerSettings(image=sys.argv[1], command=("python", "-c", sys.argv[2]), spares=1))
    await pool.open()
    box = await pool.take()
    while not box.heard:
        await asyncio.sleep(0.01)
    print(box.container, flush=True)
    await asyncio.sleep(600)

asyncio.run(main())
"""


async def until(condition, seconds=20.0):
    """Wait for something to become true."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.02)


def killed_engine(echo, **options):
    """Start an engine with a container in use and kill it; return the container's id."""
    settings = echo(**options)
    process = subprocess.Popen(
        [sys.executable, "-c", ENGINE, settings.image, settings.command[-1]], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    container = process.stdout.readline().strip()
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    return container


async def test_a_spare_is_kept_started(open_pool, echo, left):
    """Before anybody asks there is a running container, and a taken one is made up for."""
    pool = await open_pool(echo(spares=1))
    await until(lambda: len(left()) == 1)
    box = await pool.take()
    assert box.container in left()
    await until(lambda: len(left()) == 2)


async def test_a_spare_that_has_died_is_not_handed_out(open_pool, echo, api, left):
    """Somebody may remove a container under us."""
    pool = await open_pool(echo(spares=1))
    await until(lambda: len(left()) == 1)
    (dead,) = left()
    await asyncio.to_thread(api.remove_container, dead, force=True)
    await until(lambda: dead not in left())
    box = await pool.take()
    assert box.container != dead
    assert not box.ended


async def test_closing_removes_what_is_in_use_what_is_spare_and_what_is_starting(echo, left):
    """Nothing outlives the pool, even when it closes at once."""
    pool = ContainerPool(echo(spares=2))
    await pool.open()
    await pool.take()
    await pool.close()
    assert not left()
    with pytest.raises(SandboxClosed):
        await pool.take()


async def test_a_slot_that_ends_takes_its_container_along(open_pool, echo, left):
    """The program's end is the container's end, without the engine having to act."""
    pool = await open_pool(echo(spares=0))
    box = await pool.take()
    box.abandon()
    await asyncio.wait_for(box.gone, 20)
    assert box.container not in left()


async def test_a_container_that_cannot_start_is_a_fault(open_pool, echo):
    """An operator who names a user that cannot be gets an error that can be retried, not a wrong verdict."""
    pool = await open_pool(echo(spares=0, user="no such user"))
    with pytest.raises(ContainerFault, match="cannot start a container"):
        await pool.take()


async def test_no_container_of_a_killed_engine_keeps_running(echo, left):
    """Standard input ends with the engine, the slot with it, and Docker removes what has ended."""
    killed_engine(echo)
    await until(lambda: not left())


async def test_what_a_killed_engine_left_hanging_is_swept_by_the_next(open_pool, echo, api, left):
    """A slot that does not notice the end of its input is removed when another engine starts."""
    hanging = killed_engine(echo, hangs=True)
    assert hanging in left()
    await open_pool(echo(spares=0))
    await until(lambda: hanging not in left())
    await until(lambda: not left())


async def test_containers_of_living_engines_are_left_alone(open_pool, echo, left):
    """Several engines may share a Docker engine."""
    first = await open_pool(echo(spares=0))
    box = await first.take()
    await open_pool(echo(spares=0))
    assert box.container in left()


async def test_containers_are_marked_with_their_owner(open_pool, echo, api):
    """An operator can list them."""
    pool = await open_pool(echo(spares=0))
    box = await pool.take()
    found = api.containers(filters={"label": OWNER_LABEL})
    assert box.container in {each["Id"] for each in found}
