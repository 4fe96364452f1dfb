"""Replicas change, come and go under load, and callers notice nothing."""

import asyncio
import random

from probe import ProbeSettings, ProbeVerifier
from replicas import Stage, items, until

from guerdon.services.contract import Deadline
from guerdon.services.runtime.remote.backend import RemoteBackend

SECOND = ProbeSettings(mark="second")


async def load(backend: RemoteBackend, stop: asyncio.Event, seed: int) -> list[tuple[str | None, ...]]:
    """Calls of two chunks by one version, one after the other; now and then one is given up."""
    chance = random.Random(seed)
    answers = []
    while not stop.is_set():
        version = backend.offered()["probe"].version

        async def chunk(version: str = version) -> str | None:
            await asyncio.sleep(chance.random() / 100)
            verdict = (await backend.score("probe", items("probe", "mark"), Deadline.never(), version))[0]
            return verdict.answer if verdict.score is not None else verdict.reason

        call = asyncio.gather(chunk(), chunk())
        if chance.random() < 0.1:
            await asyncio.sleep(chance.random() / 100)
            call.cancel()
        try:
            answers.append(tuple(await call))
        except asyncio.CancelledError:
            continue
    return answers


async def test_a_rolling_change_loses_and_mixes_nothing(stage: Stage) -> None:
    """New settings on each replica, then each replaced: every call has the verdicts of one version."""
    replicas = [await stage.replica(ProbeVerifier) for _ in range(3)]
    backend = await stage.backend(ProbeVerifier)
    stop = asyncio.Event()
    loads = asyncio.gather(*(load(backend, stop, seed) for seed in range(6)))
    for replica in replicas:
        await asyncio.sleep(0.05)
        await replica.configure(SECOND)
    for replica in replicas:
        await stage.replica(ProbeVerifier, settings=SECOND)
        await until(lambda: len(backend.replicas()["probe"]) == 4)
        stage.directory.addresses.remove(replica.address)
        await replica.close(30)
        await until(lambda: len(backend.replicas()["probe"]) == 3)
    stop.set()
    answers = {answer for part in await loads for answer in part}
    assert answers == {("first", "first"), ("second", "second")}
    assert all(link.outstanding == 0 for link in backend._fleets["probe"].ready())
