"""Verdict cache: what was judged once under the same verifier version is not judged again."""

from __future__ import annotations

import hashlib
from collections import OrderedDict

import msgspec

from guerdon.services.contract import Item, RewardInfo, Status, Verdict

ENCODER = msgspec.msgpack.Encoder(order="deterministic")


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
        self._verdicts[key] = verdict
        self._verdicts.move_to_end(key)
        if len(self._verdicts) > self._capacity:
            self._verdicts.popitem(last=False)


def cache_key(version: str, info: RewardInfo, item: Item) -> bytes | None:
    """Key of all that decides a verdict, or None where it depends on more than the item.

    The item's id and group do not decide and are left out.
    """
    if not info.deterministic or info.grouping == "group" or info.dependent:
        return None
    anonymous = msgspec.structs.replace(item, id="", group_id="")
    return hashlib.blake2b(ENCODER.encode((version, anonymous)), digest_size=20).digest()
