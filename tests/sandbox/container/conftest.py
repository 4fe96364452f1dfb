"""A Docker engine, the sandbox's image, and a slot that only echoes."""

import asyncio
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docker
import pytest
from docker.errors import DockerException

from guerdon.sandbox.container.docker_api import OWNER_LABEL
from guerdon.sandbox.container.pool import ContainerPool
from guerdon.sandbox.container.settings import ContainerSettings
from guerdon.sandbox.program import Case, Limits, Program
from guerdon.sandbox.wire import FromSlot, Job

ROOT = Path(__file__).parents[3]
IMAGE = "guerdon-sandbox:test"
ECHO = """
import os
import time
from guerdon.sandbox.result import CaseResult, Verdict
from guerdon.sandbox.wire import TO_SLOT, CaseDone, Frames, Job, JobDone, Ready, frame

def say(message):
    data = memoryview(frame(message))
    while data:
        data = data[os.write(1, data):]

say(Ready(tier="restricted", pid=os.getpid(), facts={}, warm=[]))
frames = Frames()
while data := os.read(0, 1 << 16):
    for body in frames.feed(data):
        job = TO_SLOT.decode(body)
        if not isinstance(job, Job):
            continue
        os.write(2, b"got a job\\n")
        if job.program.source == "slow":
            time.sleep(1.0)
        if job.program.source == "nonsense":
            os.write(1, b"\\x03\\0\\0\\0abc")
        say(CaseDone(job=job.id, index=0, result=CaseResult(verdict=Verdict.OK, stdout=job.cases[0].stdin)))
        say(JobDone(job=job.id))
if HANGS:
    time.sleep(600)
"""


@pytest.fixture(scope="session")
def api() -> Iterator[Any]:
    """The Docker engine's API."""
    try:
        client = docker.from_env(timeout=60)
        client.ping()
    except (DockerException, OSError):
        pytest.skip("needs a Docker engine")
    yield client.api
    client.close()


@pytest.fixture(scope="session")
def image(api: Any) -> str:
    """The image slots run in, built from this tree."""
    network = os.environ.get("GUERDON_BUILD_NETWORK", "host")
    command = ["docker", "build", "--network", network, "--file", "deploy/docker/Dockerfile"]
    done = subprocess.run(
        [*command, "--target", "sandbox", "--tag", IMAGE, "."],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return IMAGE


@pytest.fixture
def profile() -> Path:
    """The shipped seccomp profile."""
    return ROOT / "deploy" / "docker" / "seccomp-sandbox.json"


@pytest.fixture
def left(api: Any, image: str) -> Iterator[Any]:
    """Ids of the containers that the test has started and that are still there; none may be at its end."""
    before = {each["Id"] for each in api.containers(all=True, filters={"label": OWNER_LABEL})}

    def now() -> set[str]:
        return {each["Id"] for each in api.containers(all=True, filters={"label": OWNER_LABEL})} - before

    yield now
    for _ in range(100):
        if not now():
            return
        time.sleep(0.1)
    raise AssertionError(f"containers are left: {now()}")


@pytest.fixture
def echo(image: str) -> Any:
    """Settings of containers whose slot answers each job with its input."""

    def settings(*, hangs: bool = False, **options: Any) -> ContainerSettings:
        return ContainerSettings(image=image, command=("python", "-c", f"HANGS = {hangs}\n{ECHO}"), **options)

    return settings


@pytest.fixture
async def open_pool(left: Any) -> Any:
    """Opens pools, and closes them after the test."""
    pools: list[ContainerPool] = []

    async def opened(settings: ContainerSettings) -> ContainerPool:
        pools.append(ContainerPool(settings))
        await pools[-1].open()
        return pools[-1]

    yield opened
    for pool in pools:
        await pool.close()


class Heard:
    """What a slot says, in order."""

    def __init__(self) -> None:
        self.messages: asyncio.Queue[FromSlot] = asyncio.Queue()

    def slot_said(self, message: FromSlot) -> None:
        """Note a message."""
        self.messages.put_nowait(message)

    async def next(self) -> Any:
        """Return the next message."""
        return await asyncio.wait_for(self.messages.get(), 30)


@pytest.fixture
def heard() -> Heard:
    """Listens to a slot."""
    return Heard()


@pytest.fixture
def job() -> Any:
    """Makes jobs with one case."""

    def make(number: int, stdin: bytes = b"", source: str = "") -> Job:
        program = Program(language="python", source=source)
        return Job(id=number, program=program, cases=[Case(stdin=stdin)], limits=Limits())

    return make
