"""Replicas and gateways' backends over them, in this loop or in processes of their own; no cluster."""

import asyncio
import itertools
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from guerdon.services.contract import Item, Verdict, Verifier
from guerdon.services.runtime.kinds import load_kind
from guerdon.services.runtime.link.messages import Address
from guerdon.services.runtime.remote.backend import RemoteBackend
from guerdon.services.runtime.remote.directory import NotDeployed
from guerdon.services.runtime.replica.service import ReplicaService

HOST = "127.0.0.1"


class ListDirectory:
    """Knows the addresses it was told."""

    def __init__(self, addresses: Sequence[Address] = ()) -> None:
        self.addresses = list(addresses)
        self.fault: Exception | None = None

    async def find(self, verifier: str) -> Sequence[Address]:
        """All addresses, or the fault it was told to have."""
        if self.fault is not None:
            raise self.fault
        if not self.addresses:
            raise NotDeployed(f"nobody has deployed {verifier!r}")
        return self.addresses


class Stage:
    """Starts replicas and backends, and closes them all in the end."""

    def __init__(self, stack: AsyncExitStack) -> None:
        self.directory = ListDirectory()
        self._stack = stack
        self._numbers = itertools.count()

    async def replica(self, kind: type[Verifier], *, settings: Any = None, **options: Any) -> ReplicaService:
        """A replica in this loop, listed in the directory."""
        name = options.pop("replica_id", f"r{next(self._numbers)}")
        service = ReplicaService(kind, replica_id=name, node="here", **options)
        self._stack.push_async_callback(service.close)
        await service.start(HOST)
        await service.configure(settings or kind.Settings())
        assert service.address is not None
        self.directory.addresses.append(service.address)
        return service

    async def process(self, kind: type[Verifier]) -> "ReplicaProcess":
        """A replica in a process of its own, listed in the directory."""
        replica = await ReplicaProcess.start(kind, f"p{next(self._numbers)}")
        self._stack.push_async_callback(replica.end)
        self.directory.addresses.append(replica.address)
        return replica

    async def backend(self, *kinds: type[Verifier]) -> RemoteBackend:
        """A backend that has looked for its replicas once."""
        backend = RemoteBackend(kinds, self.directory)
        self._stack.push_async_callback(backend.close)
        await backend.start()
        await backend.wait_started()
        return backend


@asynccontextmanager
async def staged() -> AsyncIterator[Stage]:
    """A stage that is cleared when the block ends."""
    async with AsyncExitStack() as stack:
        yield Stage(stack)


class ReplicaProcess:
    """A replica in a process of its own."""

    def __init__(self, process: asyncio.subprocess.Process, address: Address) -> None:
        self.address = address
        self._process = process

    @classmethod
    async def start(cls, kind: type[Verifier], name: str) -> "ReplicaProcess":
        """Start it and wait until it listens."""
        command = (sys.executable, "-u", __file__, f"{kind.__module__}:{kind.__qualname__}", name)
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
        process = await asyncio.create_subprocess_exec(
            *command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, env=environment
        )
        assert process.stdout is not None
        line = await process.stdout.readline()
        return cls(process, msgspec.json.decode(line, type=Address))

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self._process.send_signal(number)

    async def end(self) -> None:
        """Kill it, if it lives."""
        if self._process.returncode is None:
            self._process.kill()
        await self._process.communicate()


def pace(service: ReplicaService, item_ms: float) -> None:
    """Make a replica believe that each of its items takes so long."""
    workload = service._workload
    workload._work.clear()
    workload._departures.clear()
    workload.take(0, 1)
    workload._departed -= item_ms / 1000
    workload.put_down(0, 1)
    verdict = msgspec.structs.replace(Verdict.ok(1.0, "fine", "fine"), latency_ms=item_ms)
    workload.note([verdict], call_ms=item_ms, cpu_ms=item_ms)


def items(reward: str, *completions: str, **fields: Any) -> list[Item]:
    """Items of one reward."""
    return [Item(id=str(i), reward=reward, completion=text, **fields) for i, text in enumerate(completions)]


def plain(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Verdicts without their times."""
    return [msgspec.structs.replace(verdict, latency_ms=0.0, queue_ms=0.0) for verdict in verdicts]


async def until(condition: Callable[[], object]) -> None:
    """Wait for something that must become true."""
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.005)


async def _serve(kind: type[Verifier], name: str) -> None:
    service = ReplicaService(kind, replica_id=name, node="here")
    await service.start(HOST)
    await service.configure(kind.Settings())
    print(msgspec.json.encode(service.address).decode(), flush=True)  # noqa: T201
    # Ends with the process that started it, whose end of this pipe closes then.
    await asyncio.to_thread(sys.stdin.read)
    await service.close()


if __name__ == "__main__":
    asyncio.run(_serve(load_kind(sys.argv[1]), sys.argv[2]))
