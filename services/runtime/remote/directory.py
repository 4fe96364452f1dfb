"""Finds the replicas of a verifier."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from guerdon.services.runtime.link.messages import Address


class NotDeployed(Exception):
    """Nothing runs this verifier now; the message says why, as far as that is known."""


class Directory(Protocol):
    """Knows where replicas are."""

    async def find(self, verifier: str) -> Sequence[Address]:
        """Addresses of all replicas of a verifier that run now.

        Raises:
            NotDeployed: there are none.
        """
