"""What travels between the service, the zygote and the workers.

The control socket (service to zygote) keeps message boundaries and carries one msgpack-encoded Struct per
message; ``Fork`` brings two descriptors along. A worker's channel is a byte stream of frames, a fixed header
and a body: payloads there and results back, msgpack both ways and never pickle, because what a worker sends
is not trusted.
"""

from __future__ import annotations

import struct
from typing import Any

import msgspec

MAX_PAYLOAD_BYTES = 64 << 20
"""Longest encoded payload of a task."""
MAX_RESULT_BYTES = 4 << 20
"""Longest encoded result; decoding takes up to some sixty times as much memory in the service."""
MAX_CONTROL_BYTES = 64 << 10
"""Longest message on the control socket."""
STAGE_BYTES = 64
"""Size of the shared cell that names the stage."""

REQUEST = struct.Struct("<BIQ")
"""Header of a request: kind, bytes of the body, memory allowed in bytes."""
RUN, PING = 0, 1

REPLY = struct.Struct("<BIQ")
"""Header of a reply: kind, bytes of the body, resident memory of the worker in bytes."""
DONE, FAILED, OUT_OF_MEMORY, PONG = 0, 1, 2, 3


class Load(msgspec.Struct, frozen=True, tag=True):
    """First command to a zygote: import a task and build it."""

    task: str
    """``package.module:factory``."""
    setup: dict[str, Any]
    """Keyword arguments of the factory."""


class Fork(msgspec.Struct, frozen=True, tag=True):
    """Fork a worker onto the two descriptors sent along: its channel and its stage cell."""


class Reap(msgspec.Struct, frozen=True, tag=True):
    """Wait for a worker whose death the service has seen; only now may its pid be used again."""

    pid: int
    """The worker, dead or dying."""


class Stop(msgspec.Struct, frozen=True, tag=True):
    """Kill and reap all workers, then exit."""


Command = Load | Fork | Reap | Stop


class Loaded(msgspec.Struct, frozen=True, tag=True):
    """The task is ready to be forked."""

    threads: int
    """Threads of the zygote; more than one is trouble, since a fork keeps only the one that called it."""


class LoadFailed(msgspec.Struct, frozen=True, tag=True):
    """The task could not be imported or built; the zygote exits."""

    traceback: str
    """The end of the traceback."""


class Forked(msgspec.Struct, frozen=True, tag=True):
    """A worker was forked."""

    pid: int
    """Its process and process group."""


class ForkFailed(msgspec.Struct, frozen=True, tag=True):
    """The system refused a fork."""

    message: str
    """The system's reason."""


class Reaped(msgspec.Struct, frozen=True, tag=True):
    """How a worker ended."""

    pid: int
    """The worker."""
    signal: int
    """Signal that killed it, or 0."""
    exit_code: int
    """Its exit code, 0 where a signal killed it."""
    cpu_s: float
    """CPU seconds of its whole life, user and system."""


Report = Loaded | LoadFailed | Forked | ForkFailed | Reaped
