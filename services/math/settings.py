"""Settings of the math verifier and parameters of its reward."""

from __future__ import annotations

import os
from typing import Annotated, ClassVar

from pydantic import ConfigDict, Field

from guerdon.services.contract import Params, VerifierSettings


class MathSettings(VerifierSettings):
    """How the verifier works; per service, not per request."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    undecisive: ClassVar[frozenset[str]] = frozenset({"workers"})

    workers: Annotated[int, Field(ge=1, le=256)] = Field(default_factory=lambda: os.cpu_count() or 1)
    """Worker processes for answers that need a parser; by default one per core."""
    cpu_limit_ms: Annotated[float, Field(gt=0)] = 500.0
    """CPU time one comparison may take, in milliseconds; a response that exceeds it scores 0."""
    wall_limit_ms: Annotated[float, Field(gt=0)] = 10_000.0
    """Wall time one comparison may take, in milliseconds; exceeding it is no verdict."""
    memory_limit_bytes: Annotated[int, Field(ge=1 << 26)] = 512 << 20
    """Memory one comparison may take beyond that of the warm worker, in bytes."""
    max_completion_chars: Annotated[int, Field(ge=1)] = 8_000_000
    """Longest completion that is read, in characters; a longer one scores 0."""
    max_expression_chars: Annotated[int, Field(ge=1, le=20_000)] = 1500
    """Longest answer that is given to the parser, in characters after normalisation."""


class MathParams(Params):
    """What a request may ask for."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    require_box: bool = False
    """Read boxed answers only."""
    last_number: bool = True
    """Where nothing announces the answer, take the last value of the closing sentence."""
