"""Options of the engine."""

import os
from typing import Annotated

from msgspec import Meta, Struct

from guerdon.sandbox.program import MEBIBYTE, CompileLimits, Natural, Positive
from guerdon.sandbox.tier import Tier

AUTO = "auto"
"""The strongest tier that the host allows."""


def usable_cores() -> int:
    """Processors this process may run on."""
    return len(os.sched_getaffinity(0))


class SandboxSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How an engine runs programs. The defaults suit a node of its own."""

    slots: Natural = 0
    """Cases that run at a time; 0 is one a usable core."""
    tier: str = AUTO
    """``auto``, or the one tier to use. ``none`` is never chosen, it must be named here and in ``min_tier``."""
    min_tier: Tier = Tier.RESTRICTED
    """The engine refuses to start below this strength."""
    max_open_cases: Positive = 65_536
    """Cases accepted and not finished, waiting and running together, beyond which calls are refused."""
    max_open_bytes: Positive = 512 * MEBIBYTE
    """Bytes of their sources and inputs."""
    recycle_runs: Positive = 2_000
    """Runs after which a slot replaces a zygote."""
    warm: tuple[str, ...] = ("python",)
    """Runtimes whose zygote is started with the engine; others start on first use."""
    artifact_cache_bytes: Natural = 256 * MEBIBYTE
    """Compiled programs and compilers' messages kept in memory."""
    compile_limits: CompileLimits = CompileLimits()
    rerun: bool = True
    """Whether a case that used up its CPU time beside others is run once more, alone on the node."""
    rerun_share: Annotated[float, Meta(ge=0.0, le=1.0)] = 0.1
    """Most of the wall time that such reruns may take from everybody else, averaged over the last minutes."""
    toolchains: str = AUTO
    """Folder for what is made once a host to make compile steps cheaper: a precompiled header, compiled libraries.
    ``auto`` is one in the user's cache, empty is none. Not below ``/tmp``: jails have one of their own."""
    speed_factor: Annotated[float, Meta(gt=0.0)] | None = None
    """By how much CPU limits are stretched on this node; None measures it at start."""
    start_timeout_s: Annotated[float, Meta(gt=0.0)] = 60.0
    """Seconds a slot may take until it is ready."""
    answer_margin_s: Annotated[float, Meta(gt=0.0)] = 10.0
    """Seconds a slot may stay silent beyond a case's wall limit before it is taken for dead and replaced."""
    cancel_margin_s: Annotated[float, Meta(gt=0.0)] = 2.0
    """Seconds a slot may take to kill a cancelled case before it is taken for dead and replaced."""
    slot_command: tuple[str, ...] = ()
    """Program that speaks a slot's frames on its standard input; empty is this package's own."""

    @property
    def slot_count(self) -> int:
        """How many slots there are to be."""
        return self.slots or usable_cores()
