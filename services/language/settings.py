"""Settings of the verifier ``language``."""

from __future__ import annotations

import os
from typing import Annotated, ClassVar

from pydantic import ConfigDict, Field

from guerdon.services.contract import VerifierSettings


class LanguageSettings(VerifierSettings):
    """How the verifier works; per service, not per request."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    undecisive: ClassVar[frozenset[str]] = frozenset({"workers", "batch_chars"})

    workers: Annotated[int, Field(ge=1, le=256)] = Field(default_factory=lambda: os.cpu_count() or 1)
    """Worker processes that measure; by default one per core."""
    batch_chars: Annotated[int, Field(ge=1)] = 100_000
    """Characters that are given to a worker at a time, as several completions or as one that is longer."""
    max_completion_chars: Annotated[int, Field(ge=1)] = 4_000_000
    """Longest completion that is read, in characters; a longer one scores 0."""
    cpu_limit_ms: Annotated[float, Field(gt=0)] = 2000.0
    """CPU time a completion of up to ``batch_chars`` characters may take, in milliseconds; longer ones get more in
    proportion. Measuring is linear and takes far less, so that the limit holds off a defect, not a text."""
    wall_limit_ms: Annotated[float, Field(gt=0)] = 60_000.0
    """Wall time the same may take, in milliseconds; exceeding it is no verdict."""
    memory_limit_bytes: Annotated[int, Field(ge=1 << 26)] = 1 << 30
    """Memory it may take beyond that of the warm worker, in bytes."""
