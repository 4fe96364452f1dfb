"""How fast this node is, so that a CPU limit means the same amount of work everywhere.

Five short pieces of work in about equal shares: arithmetic (MD5), branches (sorting), hashing (a set), memory
latency (references in random order) and memory bandwidth (a copy). All of it happens inside C functions whose code
hardly differs between CPython releases: on one machine 3.10 to 3.13, and builds with and without
profile-guided optimisation, agree within 3 %, where a loop in Python itself differs by a factor of two. Each piece
counts with its fastest repetition in CPU time, so neighbours, which slow some but not all of them, hardly show.
"""

import hashlib
import random
import time
from collections.abc import Callable

from msgspec import Struct

REFERENCE_MS = 2.7
"""Sum of the five fastest repetitions on the reference node: a quiet virtual machine on an Intel Xeon of 2023."""
MIN_FACTOR = 1.0
"""A node faster than the reference does not shrink limits: what the caller stated is the least any program gets.
Five pieces of work cannot promise that a given program is faster there too, and a limit too tight costs a correct
program its verdict, while one too loose costs some CPU time."""
MAX_FACTOR = 8.0
"""Beyond this it is not a slow processor but a fault, which should not multiply every limit."""
REPETITIONS = 40
_SEED = 20
_FLOATS = 120_000
_SORTED = 6_000
_SET = 12_000
_DIGESTED_BYTES = 256 << 10
_COPIES = 32


class NodeSpeed(Struct, frozen=True, kw_only=True):
    """A node's speed against the reference; CPU limits are multiplied by ``factor``, above 1 on a slow node."""

    factor: float
    measured_ms: float = 0.0
    """0 where the operator gave the factor."""
    reference_ms: float = REFERENCE_MS


def node_speed(factor: float | None = None) -> NodeSpeed:
    """Return this node's speed, measured in 150 to 250 ms of CPU time if no ``factor`` is given.

    A given factor is taken as it is, below 1 too: a fleet in which fast nodes must judge as slow ones do names it.

    Raises:
        ValueError: the factor is not a positive finite number.
    """
    if factor is not None:
        if not 0 < factor < float("inf"):
            raise ValueError(f"the speed factor must be a positive finite number, not {factor}")
        return NodeSpeed(factor=factor)
    measured_ms = measure_ms()
    return NodeSpeed(factor=factor_of(measured_ms), measured_ms=round(measured_ms, 3))


def factor_of(measured_ms: float) -> float:
    """Return the factor for a measurement, within ``MIN_FACTOR`` and ``MAX_FACTOR``, to two decimals."""
    return round(min(MAX_FACTOR, max(MIN_FACTOR, measured_ms / REFERENCE_MS)), 2)


def measure_ms() -> float:
    """Run the pieces of work in turn and return the sum of their fastest repetitions, in ms of CPU time."""
    pieces = _pieces()
    fastest = [float("inf")] * len(pieces)
    for _ in range(REPETITIONS):
        for place, piece in enumerate(pieces):
            start = time.thread_time_ns()
            piece()
            fastest[place] = min(fastest[place], time.thread_time_ns() - start)
    return sum(fastest) / 1e6


def _pieces() -> list[Callable[[], object]]:
    chance = random.Random(_SEED)  # noqa: S311 - a fixed order, no secret
    scattered = [float(number) for number in range(_FLOATS)]
    chance.shuffle(scattered)
    unsorted, distinct = scattered[:_SORTED], scattered[:_SET]
    text = chance.randbytes(_DIGESTED_BYTES)
    source = text * _COPIES
    target = memoryview(bytearray(len(source)))

    def digest() -> object:
        return hashlib.md5(text, usedforsecurity=False).digest()

    def copy() -> None:
        target[:] = source

    return [digest, lambda: sorted(unsorted), lambda: set(distinct), scattered.copy, copy]
