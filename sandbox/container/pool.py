"""Containers kept started ahead of need."""

import asyncio
import logging

from guerdon.sandbox.container.box import Box
from guerdon.sandbox.container.docker_api import ContainerFault, Docker
from guerdon.sandbox.container.settings import ContainerSettings
from guerdon.sandbox.errors import SandboxClosed

_log = logging.getLogger(__name__)
_SOONEST_RETRY_S = 0.2
_LATEST_RETRY_S = 10.0
_MOST_ENDING = 8
"""Containers that wait for their removal, beyond which none is started: Docker starts faster than it removes."""


class ContainerPool:
    """Starts containers, keeps spares, removes all it started.

    Args:
        settings: what they are made of.
    """

    def __init__(self, settings: ContainerSettings) -> None:
        self.settings = settings
        self._docker: Docker | None = None
        self._spares: list[Box] = []
        self._boxes: set[Box] = set()
        self._starting: set[asyncio.Task[Box]] = set()
        self._stocking: asyncio.Task[None] | None = None
        self._closed = False

    async def open(self) -> None:
        """Find the Docker engine, sweep what dead owners left there, start the first spare.

        Raises:
            TierUnavailable: no Docker engine, image or runtime.
            ContainerFault: the Docker engine failed.
        """
        docker = await asyncio.to_thread(Docker, self.settings)
        try:
            await asyncio.to_thread(docker.check)
            for container in await asyncio.to_thread(docker.sweep):
                _log.warning("orphan_container_removed", extra={"container": container})
        except BaseException:
            docker.close()
            raise
        self._docker = docker
        self._restock()

    def ask(self, *command: str) -> bytes:
        """Run a command in a container of its own and return what it prints; blocks.

        Raises:
            ContainerFault: it cannot be run.
            SandboxClosed: the pool is not open.
        """
        if self._docker is None:
            raise SandboxClosed("the container pool is not open")
        return self._docker.ask(command)

    async def take(self) -> Box:
        """Return a started container: a spare, or else a new one.

        Raises:
            ContainerFault: none can be started.
            SandboxClosed: the pool is closed.
        """
        spare = self.take_spare(ready=False)
        return spare if spare is not None else await self._start()

    def take_spare(self, *, ready: bool = True) -> Box | None:
        """Return a spare, if there is one whose slot has reported ready (or any at all)."""
        self._spares[:] = [box for box in self._spares if not box.ended]
        chosen = next((box for box in self._spares if box.heard or not ready), None)
        if chosen is not None:
            self._spares.remove(chosen)
        self._restock()
        return chosen

    async def close(self) -> None:
        """Remove every container that was started here."""
        self._closed = True
        if self._stocking is not None:
            self._stocking.cancel()
        # A start that has begun is waited for, or its container would stay.
        await asyncio.gather(*self._starting, return_exceptions=True)
        boxes = list(self._boxes)
        for box in boxes:
            box.abandon()
        await asyncio.gather(*(box.gone for box in boxes))
        if self._docker is not None:
            await asyncio.to_thread(self._docker.close)

    async def _start(self) -> Box:
        while len(ending := [box.gone for box in self._boxes if box.ended]) > _MOST_ENDING:
            await asyncio.wait(ending, return_when=asyncio.FIRST_COMPLETED)
        if self._closed or self._docker is None:
            raise SandboxClosed("the container pool is not open")
        start = asyncio.get_running_loop().create_task(Box.start(self._docker))
        self._starting.add(start)
        start.add_done_callback(self._started)
        return await asyncio.shield(start)

    def _started(self, start: "asyncio.Task[Box]") -> None:
        self._starting.discard(start)
        if start.cancelled() or start.exception() is not None:
            return
        box = start.result()
        self._boxes.add(box)
        box.gone.add_done_callback(lambda _: self._boxes.discard(box))

    def _restock(self) -> None:
        if not self._closed and (self._stocking is None or self._stocking.done()):
            self._stocking = asyncio.get_running_loop().create_task(self._stock())

    async def _stock(self) -> None:
        pause_s = _SOONEST_RETRY_S
        while len(self._spares) < self.settings.spares:
            try:
                box = await self._start()
                self._spares.append(box)
                pause_s = _SOONEST_RETRY_S
            except ContainerFault as error:
                _log.error("spare_container_failed", extra={"error": str(error), "retry_s": pause_s})
                await asyncio.sleep(pause_s)
                pause_s = min(2 * pause_s, _LATEST_RETRY_S)
