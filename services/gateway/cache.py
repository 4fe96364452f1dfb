"""Verdict cache: what was judged once under the same verifier version is not judged again."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from typing import Any

import msgspec

from guerdon.services.contract import Item, RewardInfo, Status, Verdict

# JSON and not msgpack, which has no integers beyond 64 bits.
ENCODER = msgspec.json.Encoder(order="sorted")

MAX_VERDICT_CHARS = 20_000
"""Text of a verdict that is kept; a longer one would make the cache's bound in number meaningless."""


class VerdictCache:
    """Least recently used verdicts, bounded by number."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._verdicts: OrderedDict[bytes, Verdict] = OrderedDict()

    def __len__(self) -> int:
        return len(self._verdicts)

    def get(self, key: bytes) -> Verdict | None:
        """The verdict kept under ``key``, or None."""
        verdict = self._verdicts.get(key)
        if verdict is not None:
            self._verdicts.move_to_end(key)
        return verdict

    def put(self, key: bytes, verdict: Verdict) -> None:
        """Keep a verdict if it will be the same next time: status ``ok`` and away from any limit."""
        if verdict.status is not Status.OK or verdict.near_limit or self._capacity == 0:
            return
        if len(verdict.explanation) + len(verdict.answer or "") > MAX_VERDICT_CHARS:
            return
        self._verdicts[key] = verdict
        self._verdicts.move_to_end(key)
        if len(self._verdicts) > self._capacity:
            self._verdicts.popitem(last=False)


class Keys:
    """Makes the keys of one call; what its items share is read once, however large it is."""

    def __init__(self) -> None:
        self._shared: dict[int, tuple[Any, bytes]] = {}

    def key(self, version: str, info: RewardInfo, params: Any, item: Item) -> bytes | None:
        """Key of all that decides a verdict, or None where it depends on more than the item or has no JSON form.

        The item's id and group do not decide and are left out.

        Args:
            version: version of the verifier.
            info: the reward.
            params: what the item's parameters were made from; one object where items share it.
            item: what the verifier is given.
        """
        if not info.deterministic or info.grouping == "group" or info.dependent:
            return None
        own = msgspec.structs.replace(item, id="", group_id="", params={}, ground_truth=None)
        try:
            shared = (self._digest(params, item.params), self._digest(item.ground_truth, item.ground_truth))
            return _hash(ENCODER.encode((version, *shared, own)))
        except (TypeError, ValueError, OverflowError, RecursionError):
            return None

    def _digest(self, source: Any, value: Any) -> bytes:
        if id(source) not in self._shared:
            # The source is kept along with its digest, so that no other object can come by its id.
            self._shared[id(source)] = source, _hash(ENCODER.encode(value))
        return self._shared[id(source)][1]


def _hash(encoded: bytes) -> bytes:
    return hashlib.blake2b(encoded, digest_size=20).digest()
