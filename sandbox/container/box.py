"""One running container and the connection to the slot in it."""

import asyncio
import logging
from collections.abc import Callable
from typing import cast

from guerdon.sandbox.container.attach import Demultiplexer, adopt
from guerdon.sandbox.container.docker_api import ContainerFault, Docker
from guerdon.sandbox.engine.outbox import Outbox

_log = logging.getLogger(__name__)


class Box(asyncio.Protocol):
    """A started container. Once its connection ends, from either side, it is killed and removed.

    Args:
        docker: that runs it.
        container: its id.
    """

    def __init__(self, docker: Docker, container: str) -> None:
        self.container = container
        self.gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Set when it is removed."""
        self._docker = docker
        self._early: list[bytes] = []
        self._listener: Callable[[bytes], None] = self._early.append
        self._on_end: Callable[[], None] | None = None
        self._transport: asyncio.Transport | None = None
        self._outbox = Outbox()
        self._pieces: Demultiplexer | None = None
        self._removal: asyncio.Task[None] | None = None

    @classmethod
    async def start(cls, docker: Docker) -> "Box":
        """Start a container.

        Raises:
            ContainerFault: it cannot be started.
        """
        container, connection = await asyncio.to_thread(docker.start_slot)
        box = cls(docker, container)
        box._pieces = await adopt(connection, box)
        return box

    @property
    def ended(self) -> bool:
        """Whether the connection is over."""
        return self._removal is not None

    @property
    def heard(self) -> bool:
        """Whether the slot in it has said anything yet, which it does when it is ready."""
        return bool(self._early)

    @property
    def stderr(self) -> str:
        """The last of what the slot wrote to standard error."""
        return self._pieces.stderr if self._pieces is not None else ""

    def listen(self, listener: Callable[[bytes], None], on_end: Callable[[], None]) -> None:
        """Hand on what the slot has said so far and will say, and tell when the connection is over."""
        self._listener, self._on_end = listener, on_end
        early, self._early = self._early, []
        for data in early:
            listener(data)
        if self.ended:
            on_end()

    def write(self, data: bytes) -> None:
        """Send bytes to the slot; after the end they go nowhere."""
        self._outbox.send(data)

    def pause_writing(self) -> None:
        """Wait until the slot has taken in what was sent."""
        self._outbox.pause()

    def resume_writing(self) -> None:
        """Send on."""
        self._outbox.resume()

    def abandon(self) -> None:
        """Kill and remove the container."""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection."""
        self._transport = cast("asyncio.Transport", transport)
        self._outbox.connect(self._transport)

    def data_received(self, data: bytes) -> None:
        """Hand on what the slot said."""
        self._listener(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Remove the container, whoever hung up: it holds nothing worth keeping."""
        self._outbox.close()
        self._removal = asyncio.get_running_loop().create_task(self._remove())
        if self._on_end is not None:
            self._on_end()

    async def _remove(self) -> None:
        try:
            await asyncio.to_thread(self._docker.remove, self.container)
        except ContainerFault as error:
            # Its standard input is closed, so it ends by itself, and the next engine sweeps what did not.
            _log.error("container_not_removed", extra={"container": self.container, "error": str(error)})
        finally:
            self.gone.set_result(None)
