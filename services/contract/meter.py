"""CPU time that a piece of work costs, added up wherever it is spent.

Whoever hands work out sets :data:`METER` in the context of the work; whoever spends CPU on it (a slice in the
event loop, a worker, a replica in another process) charges it. So a call knows what its verdicts cost.
"""

from __future__ import annotations

from contextvars import ContextVar


class Meter:
    """Adds up CPU time."""

    __slots__ = ("cpu_ms",)

    def __init__(self) -> None:
        self.cpu_ms = 0.0


METER: ContextVar[Meter | None] = ContextVar("guerdon_meter", default=None)
"""Meter of the work that runs in this context."""


def charge(cpu_ms: float) -> None:
    """Add CPU time in milliseconds to the meter of this context, if there is one."""
    meter = METER.get()
    if meter is not None:
        meter.cpu_ms += cpu_ms
