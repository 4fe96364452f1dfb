"""What a check finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Check:
    """One finding."""

    name: str
    """What was looked at."""
    state: Literal["ok", "warn", "fail"]
    """``warn``: something will be limited; ``fail``: the service cannot run."""
    detail: str
    """What was found."""
    fix: str = ""
    """Command or setting that mends it; empty where nothing need be mended."""
