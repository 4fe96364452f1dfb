"""Reads answers for what is missing in them. Called between windows, so that reading costs no measured time."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable

import msgspec

from guerdon.services.bench.jobs import Transport

LATER_BYTES = 128 << 20
"""Answers that are kept to be read after the window; beyond it they are read at once."""


class _Component(msgspec.Struct):
    status: str
    score: float | None = None
    cached: bool = False


class _Result(msgspec.Struct):
    components: list[_Component]


class _Response(msgspec.Struct):
    results: list[_Result]


_DECODER = msgspec.json.Decoder(_Response)
NO_SCORE = "ok without score"


class Tally:
    """Counts verdicts by status."""

    def __init__(self) -> None:
        self.statuses: Counter[str] = Counter()
        self.cached = 0

    def add(self, components: Iterable[tuple[str, float | None, bool]]) -> int:
        """Count the components of an answer; returns how many have a score."""
        scored = 0
        for status, score, cached in components:
            has_score = score is not None and math.isfinite(score)
            scored += status == "ok" and has_score
            self.statuses[NO_SCORE if status == "ok" and not has_score else status] += 1
            self.cached += cached
        return scored


def components_of(transport: Transport, raw: bytes) -> list[tuple[str, float | None, bool]]:
    """Status, score and origin of every component of an answer.

    Raises:
        ValueError: it is no answer.
    """
    if transport == "grpc":
        from guerdon.services.bench.protocol import response_components

        return response_components(raw)
    results = _DECODER.decode(raw).results
    return [(part.status, part.score, part.cached) for result in results for part in result.components]


class Ledger:
    """Keeps answers until there is time to read them.

    Args:
        transport: the form of the answers.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._raw: list[bytes] = []
        self._bytes = 0
        self.tally = Tally()
        self.sizes: list[int] = []
        self.unreadable = 0

    def add(self, raw: bytes) -> None:
        """Keep one answer."""
        self._raw.append(raw)
        self._bytes += len(raw)
        if self._bytes > LATER_BYTES:
            self.settle()

    def settle(self) -> None:
        """Read what is kept."""
        for raw in self._raw:
            try:
                components = components_of(self._transport, raw)
            except ValueError:
                self.unreadable += 1
                components = []
            self.sizes.append(self.tally.add(components))
        self._raw, self._bytes = [], 0
