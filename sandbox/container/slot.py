"""A slot whose process lives in a container; the engine talks to it as to any other."""

import asyncio

import msgspec

from guerdon.sandbox.container.box import Box
from guerdon.sandbox.container.pool import ContainerPool
from guerdon.sandbox.engine.link import SlotEvents, SlotLink
from guerdon.sandbox.tier import Tier
from guerdon.sandbox.wire import (
    ArtifactNeeded,
    Build,
    Built,
    Cancel,
    Frames,
    FromSlot,
    Job,
    JobDone,
    Ready,
    ToSlot,
)


class ContainerSlot(SlotLink):
    """A slot in a container, which is exchanged for a fresh one every so many jobs, between two of them.

    Args:
        pool: where containers come from.
        box: the first of them.
        index: of the slot.
        events: told what it says.
    """

    def __init__(self, pool: ContainerPool, box: Box, index: int, events: SlotEvents) -> None:
        super().__init__(index, self)
        self._engine = events
        self._pool = pool
        self._box = box
        self._next: Box | None = None
        """Where the jobs behind those at hand will run."""
        self._held: list[ToSlot] = []
        self._open = 0
        self._jobs = 0
        self._introduced = False

    @classmethod
    async def start(cls, pool: ContainerPool, index: int, events: SlotEvents) -> "ContainerSlot":
        """Take a container of the pool.

        Raises:
            ContainerFault: none can be started.
            SandboxClosed: the pool is closed.
        """
        slot = cls(pool, await pool.take(), index, events)
        slot._box.listen(slot.received, slot._ended)
        return slot

    @property
    def container(self) -> str:
        """Id of the container that runs the jobs now."""
        return self._box.container

    def send(self, message: ToSlot) -> None:
        """Send one message; jobs that come while the container is about to be exchanged wait for the new one."""
        if self._next is not None and not self._is_for_open_job(message):
            self._held.append(message)
            return
        if isinstance(message, Job | Build):
            self._open += 1
        super().send(message)

    def write(self, data: bytes) -> None:
        """Send bytes; after the end they go nowhere."""
        self._box.write(data)

    def hang_up(self) -> None:
        """Kill and remove the container, which holds nothing that would have to be cleaned up in order."""
        self._box.abandon()

    def kill(self) -> None:
        """Kill and remove the container."""
        self._box.abandon()

    def slot_said(self, message: FromSlot) -> None:
        """Pass a message on to the engine, and see whether the container has done its share.

        Raises:
            ValueError: it makes no sense.
        """
        if isinstance(message, Ready):
            if self._introduced:
                return
            self._introduced = True
            message = self._introduction(message)
        if isinstance(message, JobDone | Built | ArtifactNeeded):
            self._open -= 1
            self._jobs += 1
        self._engine.slot_said(message)
        if self._next is None and self._jobs >= self._pool.settings.recycle_jobs:
            self._next = self._pool.take_spare()
        if self._next is not None and self._open == 0:
            self._exchange(self._next)

    def _introduction(self, ready: Ready) -> Ready:
        settings = self._pool.settings
        facts = {"inside": ready.tier, "image": settings.image, "oci_runtime": settings.runtime or "default"}
        return msgspec.structs.replace(ready, tier=str(Tier.CONTAINER), pid=0, facts=ready.facts | facts)

    def _is_for_open_job(self, message: ToSlot) -> bool:
        held = {each.id for each in self._held if isinstance(each, Job | Build)}
        return isinstance(message, Cancel) and message.id not in held

    def _exchange(self, fresh: Box) -> None:
        self._next = None
        if not fresh.ended:
            worn, self._box = self._box, fresh
            worn.listen(_ignore, _ignore_end)
            worn.abandon()
            self._frames = Frames()
            self._jobs = 0
            fresh.listen(self.received, self._ended)
        held, self._held = self._held, []
        for message in held:
            self.send(message)

    def _ended(self) -> None:
        self.last_lines.extend(self._box.stderr.splitlines())
        if self._next is not None:
            self._next.abandon()
        self.hung_up.set()
        self._box.gone.add_done_callback(self._removed)

    def _removed(self, _: "asyncio.Future[None]") -> None:
        if not self.gone.done():
            self.gone.set_result("its container is removed")


def _ignore(data: bytes) -> None:
    """What a container says that has been replaced."""


def _ignore_end() -> None:
    """The end of a container that has been replaced."""
