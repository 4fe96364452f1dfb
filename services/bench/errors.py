"""What ends a measurement."""

from __future__ import annotations


class BenchError(Exception):
    """A measurement cannot be made; the message says why and what to do."""


class Unsupported(BenchError):
    """This target cannot do what a scenario needs; the message says what."""
