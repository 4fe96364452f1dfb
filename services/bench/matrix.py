"""The cells that are measured: which payloads, how many verifiers, which transport, how many calls in flight."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from fnmatch import fnmatchcase

import msgspec

from guerdon.services.bench.checks import REWARDS_OF_COUNT
from guerdon.services.bench.jobs import Transport
from guerdon.services.bench.payloads import Payload

SHAPES = {"64x1kB": (64, 1000), "1024x4kB": (1024, 4000), "512x32kB": (512, 32_000), "64x128kB": (64, 128_000)}
"""Items of a call and bytes of each completion, by name."""
CONCURRENCIES = (1, 8, 32)

_SMALL = "64x1kB"
_DEFAULT = (
    *((_SMALL, count, "http", 1) for count in REWARDS_OF_COUNT),
    *((_SMALL, count, "grpc", 1) for count in REWARDS_OF_COUNT),
    *((_SMALL, count, "http", 8) for count in (0, 4)),
    ("1024x4kB", 4, "http", 1),
    ("1024x4kB", 4, "grpc", 1),
    ("512x32kB", 1, "http", 1),
    ("64x128kB", 1, "http", 1),
)


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """One combination to measure."""

    shape: str
    """Name of the payload's size."""
    rewards: tuple[str, ...]
    """Rewards asked for."""
    verifiers: str
    """How the report calls them: ``0`` (all from the cache), ``1``, ``4``, or their names."""
    transport: Transport
    """How calls are sent; the bare server is measured over HTTP only."""
    concurrency: int
    """Calls in flight."""

    @property
    def name(self) -> str:
        """Such as ``http/64x1kB/4v/c8``."""
        return f"{self.transport}/{self.shape}/{self.verifiers}v/c{self.concurrency}"

    def payload(self, timeout_ms: int = 60_000) -> Payload:
        """What one call asks."""
        items, item_bytes = SHAPES[self.shape]
        return Payload(items=items, item_bytes=item_bytes, rewards=self.rewards, timeout_ms=timeout_ms)


def choose_cells(*, full: bool = False, only: Sequence[str] = (), rewards: Sequence[str] = ()) -> list[Cell]:
    """The cells of a run.

    Args:
        full: every combination instead of a subset that takes about a minute.
        only: patterns of names, such as ``http/*``; any may fit, and the whole matrix is searched.
        rewards: ask for these instead of 0, 1 and 4 stubs.
    """
    everything = tuple(itertools.product(SHAPES, REWARDS_OF_COUNT, ("http", "grpc"), CONCURRENCIES))
    chosen = everything if full or only else _DEFAULT
    cells = [
        _cell(shape, count, transport, concurrency, rewards) for shape, count, transport, concurrency in chosen
    ]
    unique = list(dict.fromkeys(cells))
    return [cell for cell in unique if fits(cell.name, only)]


def choose_steps(*, only: Sequence[str] = ()) -> list[Transport]:
    """The transports over which steps are measured; their names are ``step/grpc`` and ``step/http``."""
    transports: tuple[Transport, ...] = ("grpc", "http")
    return [transport for transport in transports if fits(f"step/{transport}", only)]


def fits(name: str, only: Sequence[str]) -> bool:
    """Whether a name fits any of the patterns, or there are none."""
    return not only or any(fnmatchcase(name, pattern) for pattern in only)


def _cell(shape: str, count: int, transport: str, concurrency: int, rewards: Sequence[str]) -> Cell:
    return Cell(
        shape=shape,
        rewards=tuple(rewards) or REWARDS_OF_COUNT[count],
        verifiers="+".join(rewards) or str(count),
        transport="http" if transport == "http" else "grpc",
        concurrency=concurrency,
    )
