"""Back-pressure at the door: a call that finds no room is refused at once instead of queued without bound."""

from __future__ import annotations

import math
from collections import Counter

from guerdon.services.contract import Deadline
from guerdon.services.contract.errors import Overloaded
from guerdon.services.gateway.auth import Caller

RETRY_AFTER_S = 1.0
WAIT_SHARE = 0.5
"""Share of its time that a call may spend on waiting for the work of others before it is refused instead."""
MAX_RETRY_AFTER_S = 60.0


class Admission:
    """Counts what is in flight: items in all and per caller, and the length of their texts.

    Args:
        max_inflight_items: items of all calls together.
        max_inflight_chars: characters of their prompts and completions together.
    """

    def __init__(self, max_inflight_items: int, max_inflight_chars: int) -> None:
        self._max = max_inflight_items
        self._max_chars = max_inflight_chars
        self._inflight: Counter[str] = Counter()
        self._chars = 0

    @property
    def inflight_items(self) -> int:
        """Items of all calls in flight."""
        return self._inflight.total()

    def resize(self, max_inflight_items: int, max_inflight_chars: int) -> None:
        """Let in so much from now on; what is in flight stays and counts."""
        self._max = max_inflight_items
        self._max_chars = max_inflight_chars

    def share_before(self, caller: Caller) -> float:
        """Share of the work in hand, from 0.0 to 1.0, that goes before new work of a caller as callers take turns.

        What a caller has in flight goes first, and beside each item of that one of every other caller.
        """
        total = self.inflight_items
        return min(1.0, self._inflight[caller.name] * len(self._inflight) / total) if total else 1.0

    def enter(self, caller: Caller, items: int, chars: int) -> None:
        """Take room for a call; :meth:`leave` gives it back.

        A call larger than the whole limit is let in when nothing else is in flight, as it could never enter
        otherwise.

        Raises:
            Overloaded: there is no room now.
        """
        self._check(caller, items, chars)
        self._inflight[caller.name] += items
        self._chars += chars

    def check_room(self, caller: Caller) -> None:
        """Refuse where not even a call of one item would find room, which can be told before it is read.

        Raises:
            Overloaded: that is so.
        """
        self._check(caller, 1, 0)

    def leave(self, caller: Caller, items: int, chars: int) -> None:
        """Give back the room of a call."""
        self._chars -= chars
        self._inflight[caller.name] -= items
        if not self._inflight[caller.name]:
            del self._inflight[caller.name]

    def _check(self, caller: Caller, items: int, chars: int) -> None:
        mine = self._inflight[caller.name]
        quota = caller.max_inflight_items
        if quota is not None and mine and mine + items > quota:
            raise Overloaded(
                f"the API key {caller.name!r} has {mine} items in flight and may have {quota}",
                retry_after_s=RETRY_AFTER_S,
            )
        total = self.inflight_items
        if total and total + items > self._max:
            raise Overloaded(
                f"{total} items are in flight; {items} more are over the limit of {self._max}",
                retry_after_s=RETRY_AFTER_S,
            )
        if total and self._chars + chars > self._max_chars:
            raise Overloaded(
                f"{self._chars} characters are in flight; {chars} more are over the limit of {self._max_chars}",
                retry_after_s=RETRY_AFTER_S,
            )


def check_wait(wait_ms: float, deadline: Deadline) -> None:
    """Refuse a call that would spend its time on waiting, while there is still time to go elsewhere.

    Args:
        wait_ms: how long its work would wait for what is in hand, in milliseconds.
        deadline: when its time is over.

    Raises:
        Overloaded: more than half of its time would pass before its work begins.
    """
    allowed_ms = WAIT_SHARE * deadline.remaining_ms()
    if wait_ms > allowed_ms:
        raise Overloaded(
            f"the work in hand would take {wait_ms / 1000:.1f} s before this call's begins, "
            f"which leaves too little of its {deadline.remaining_ms() / 1000:.1f} s",
            # In whole seconds, as HTTP knows no others.
            retry_after_s=float(math.ceil(min(MAX_RETRY_AFTER_S, (wait_ms - allowed_ms) / 1000))),
        )
