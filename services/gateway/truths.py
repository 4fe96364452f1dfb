"""Ground truths uploaded once and named by their content's hash."""

from __future__ import annotations

import hashlib
from collections import OrderedDict

import msgspec

from guerdon.services.contract import GroundTruth, parse_ground_truth
from guerdon.services.contract.errors import BatchTooLarge, InvalidRequest, Pointer

PREFIX = "sha256:"


class GroundTruthStore:
    """Least recently used ground truths, bounded by the size of their JSON."""

    def __init__(self, capacity_bytes: int) -> None:
        self._capacity_bytes = capacity_bytes
        self._size_bytes = 0
        self._truths: OrderedDict[str, tuple[GroundTruth, int]] = OrderedDict()

    def put(self, sha256: str, body: bytes) -> bool:
        """Keep a ground truth.

        Args:
            sha256: SHA-256 of ``body`` as 64 lower-case hex digits.
            body: the ground truth as JSON, in any form ``ground_truth`` takes.

        Returns:
            Whether it is new.

        Raises:
            InvalidRequest: the hash is not that of the body, or the body is no ground truth.
            BatchTooLarge: the body is larger than the whole store.
        """
        actual = hashlib.sha256(body).hexdigest()
        if sha256 != actual:
            raise InvalidRequest(f"the body's SHA-256 is {actual}, not {sha256[:80]!r}; hash the bytes as sent")
        if len(body) > self._capacity_bytes:
            raise BatchTooLarge(
                f"the ground truth has {len(body)} bytes; this service keeps {self._capacity_bytes} in all"
            )
        if sha256 in self._truths:
            self._truths.move_to_end(sha256)
            return False
        self._truths[sha256] = (_parse(body), len(body))
        self._size_bytes += len(body)
        self.resize(self._capacity_bytes)
        return True

    def resize(self, capacity_bytes: int) -> None:
        """Keep this many bytes from now on."""
        self._capacity_bytes = capacity_bytes
        while self._size_bytes > capacity_bytes:
            _, (_, size_bytes) = self._truths.popitem(last=False)
            self._size_bytes -= size_bytes

    def get(self, ref: str) -> GroundTruth | None:
        """The ground truth named ``sha256:<hex>``, or None."""
        sha256 = ref.removeprefix(PREFIX)
        kept = self._truths.get(sha256)
        if kept is None:
            return None
        self._truths.move_to_end(sha256)
        return kept[0]


def _parse(body: bytes) -> GroundTruth:
    try:
        return parse_ground_truth(msgspec.json.decode(body))
    except (msgspec.DecodeError, ValueError, RecursionError) as cause:
        message = f"the body is not a ground truth: {cause}"
        raise InvalidRequest(message, pointers=(Pointer("", message),)) from None
