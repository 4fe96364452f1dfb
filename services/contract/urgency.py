"""Whose work goes first where there is not room for all: carried along with the work, not in its items.

The gateway sets it for a call; whatever queues work on the way (a worker pool) orders its queue by it. It
travels with asyncio's context; a backend that crosses processes sends it along.
"""

from __future__ import annotations

from contextvars import ContextVar

import msgspec


class Urgency(msgspec.Struct, frozen=True):
    """Priority class and owner of a piece of work."""

    rank: int = 0
    """Class: a lower one goes first, always."""
    owner: str = ""
    """Who asks; within a class owners take turns, so that no one's large batch holds back another's."""


URGENCY: ContextVar[Urgency] = ContextVar("guerdon_urgency", default=Urgency())  # noqa: B039 - frozen
"""Urgency of the work that runs in this context."""
