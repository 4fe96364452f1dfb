"""The connection to a slot, wherever the slot lives: frames both ways, and how it ends."""

import asyncio
import logging
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Protocol

import msgspec

from guerdon.sandbox.wire import FROM_SLOT, Frames, FromSlot, ToSlot, pieces

_log = logging.getLogger(__name__)

_LOG_LINES_KEPT = 20


class SlotEvents(Protocol):
    """Who is told what a slot says."""

    def slot_said(self, message: FromSlot) -> None:
        """A message came.

        Raises:
            ValueError: it makes no sense; the slot is killed.
        """


class SlotLink(ABC):
    """A running slot, as the engine sees it.

    Args:
        index: of the slot.
        events: told what it says.
    """

    pid = 0
    """Process of the slot on this host; 0 where it has none here."""

    def __init__(self, index: int, events: SlotEvents) -> None:
        self.index = index
        self.fault = ""
        """What was wrong with its last message, if anything."""
        self.last_lines: deque[str] = deque(maxlen=_LOG_LINES_KEPT)
        """The end of its log."""
        self.hung_up = asyncio.Event()
        """Set when nothing more will come."""
        self.gone: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        """Set when nothing is left of it, to how it ended."""
        self._events = events
        self._frames = Frames()

    def send(self, message: ToSlot) -> None:
        """Send one message; after the end it goes nowhere."""
        for piece in pieces(message):
            self.write(piece)

    def received(self, data: bytes) -> None:
        """Take in bytes of the slot."""
        try:
            for body in self._frames.feed(data):
                self._events.slot_said(FROM_SLOT.decode(body))
        except (msgspec.DecodeError, ValueError) as error:
            self.fault = f"it sent what makes no sense: {error}"
            _log.error("slot_talks_nonsense", extra={"slot": self.index, "error": str(error)})
            self.kill()
            self.hang_up()

    async def end(self, grace_s: float) -> str:
        """Hang up, wait for it to clean up after itself, kill it where it does not; return how it ended."""
        self.hang_up()
        await asyncio.wait([self.gone], timeout=grace_s)
        return await self.die()

    async def die_soon(self, grace_s: float) -> str:
        """Kill it and return how it ended, or that it did not within the time."""
        self.kill()
        await asyncio.wait([self.gone], timeout=grace_s)
        return self.gone.result() if self.gone.done() else "killed, and not gone yet"

    async def die(self) -> str:
        """Kill it and return how it ended."""
        self.kill()
        # Not the future itself, which would be cancelled together with who waits for it.
        await asyncio.wait([self.gone])
        return self.gone.result()

    @abstractmethod
    def write(self, data: bytes) -> None:
        """Send bytes; after the end they go nowhere."""

    @abstractmethod
    def hang_up(self) -> None:
        """Close the connection, upon which the slot ends by itself."""

    @abstractmethod
    def kill(self) -> None:
        """End it now, with everything below it."""


Launch = Callable[[int, SlotEvents], Awaitable[SlotLink]]
"""Starts the slot of an index; raises OSError or :class:`TierUnavailable`."""
