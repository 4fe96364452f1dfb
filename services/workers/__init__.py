"""A pool of killable worker processes for verifiers that compute on hostile text.

A task is named ``package.module:factory``. The factory is called once, in a process of its own (the zygote)
that then forks workers; it returns the callable that answers one payload. A task that hangs, even inside a C
call that holds the interpreter lock, is killed by the service at its limit and its worker is replaced; a
task that is merely waiting for a worker spends none of its limits.

The service imports :class:`WorkerPool`; tasks import :func:`mark_stage` and nothing else. The names below
are therefore loaded on first use: a zygote pays neither for asyncio nor for the contract's pydantic.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from guerdon.services.workers.stage import mark_stage

if TYPE_CHECKING:
    from guerdon.services.workers.errors import PoolError
    from guerdon.services.workers.lane import SliceLane
    from guerdon.services.workers.outcome import Outcome, verdict_of_outcome
    from guerdon.services.workers.pool import WorkerPool
    from guerdon.services.workers.stats import PoolStats
else:
    _HOMES = {
        "Outcome": "outcome",
        "PoolError": "errors",
        "PoolStats": "stats",
        "SliceLane": "lane",
        "WorkerPool": "pool",
        "verdict_of_outcome": "outcome",
    }

    def __getattr__(name: str) -> object:
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


__all__ = [
    "Outcome",
    "PoolError",
    "PoolStats",
    "SliceLane",
    "WorkerPool",
    "mark_stage",
    "verdict_of_outcome",
]
