"""The bundled batch: varied responses of ours and the verdicts that are right for them."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import msgspec

from guerdon.services.contract import Status

FORMAT = "format"
"""The reward that every response is judged by besides the one for what it says."""


class Expected(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The right outcome of one reward."""

    status: Status
    """``ok``, or why there is no verdict."""
    score: float | None
    """The score, or None where the status is not ``ok``."""
    reason: str | None
    """The reason, or None where any will do."""


class DemoItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One response of the batch."""

    item: dict[str, Any]
    """The item as in ``POST /score``."""
    expect: dict[str, Expected]
    """The right outcome by reward: ``math``, ``code`` or ``language`` (the thoughts), and ``format``."""
    note: str
    """Why this response is in the batch."""

    @property
    def judged(self) -> str:
        """The reward for what the response says."""
        return next(name for name in self.expect if name != FORMAT)


def load_demo() -> list[DemoItem]:
    """The batch, in order."""
    lines = (files(__package__) / "batch.jsonl").read_bytes().split(b"\n")
    return [msgspec.json.decode(line, type=DemoItem) for line in lines if line]
