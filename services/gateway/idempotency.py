"""Remembers calls by their request_id, so that a call sent again is executed once.

The memory belongs to this process: with several gateway replicas a call is joined only where it was begun.
"""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

import msgspec
from pydantic import BaseModel

from guerdon.services.contract.errors import Conflict
from guerdon.services.contract.requests import ChatMessage, RewardSpec, ScoreItem, ScoreRequest
from guerdon.services.gateway.plan import Plan
from guerdon.services.gateway.run import Run

Name = tuple[str, str]
"""A caller and its request_id."""


@dataclass(slots=True)
class Call:
    """One remembered call."""

    fingerprint: bytes
    run: Run
    plan: Plan
    begun: float


class CallMemory:
    """Calls of the last minutes, bounded by their number of items."""

    def __init__(self, ttl_s: float, max_items: int) -> None:
        self._ttl_s = ttl_s
        self._max_items = max_items
        self._items = 0
        self._calls: OrderedDict[Name, Call] = OrderedDict()

    def resize(self, ttl_s: float, max_items: int) -> None:
        """Remember calls so long and so many from now on."""
        self._ttl_s = ttl_s
        self._max_items = max_items
        self._forget_old()

    def find(self, name: Name, asked: bytes) -> Call | None:
        """The call this one repeats, or None.

        Args:
            name: the caller and its request_id.
            asked: fingerprint of the request.

        Raises:
            Conflict: the request_id was used for another body.
        """
        self._forget_old()
        call = self._calls.get(name)
        if call is not None and call.fingerprint != asked:
            raise Conflict(f"the request_id {name[1]!r} was used for another body; make a new one for every call")
        return call

    def remember(self, name: Name, asked: bytes, run: Run, plan: Plan) -> None:
        """Remember a call, in place of an earlier one of the same name."""
        self._drop(name)
        self._calls[name] = Call(asked, run, plan, time.monotonic())
        self._items += _weight(run)
        self._forget_old()

    def _forget_old(self) -> None:
        oldest_kept = time.monotonic() - self._ttl_s
        old = []
        left = self._items
        for name, call in self._calls.items():
            if call.begun >= oldest_kept and left <= self._max_items:
                break
            if not call.run.alive:
                old.append(name)
                left -= _weight(call.run)
        for name in old:
            self._drop(name)

    def _drop(self, name: Name) -> None:
        if (call := self._calls.pop(name, None)) is not None:
            self._items -= _weight(call.run)


def _weight(run: Run) -> int:
    """A call without items costs memory as well."""
    return max(1, run.items)


def fingerprint(request: ScoreRequest) -> bytes:
    """Hash of what a request asks for, however its keys are ordered; its name and its time do not belong to it."""
    return hashlib.sha256(_ENCODER.encode(_asked_of(request))).digest()


def _values(model: type[BaseModel], *left_out: str) -> Callable[[Any], object]:
    """Reads the values of all fields but some, in the order of their declaration."""
    return attrgetter(*(name for name in model.model_fields if name not in left_out))


_asked_of = _values(ScoreRequest, "request_id", "timeout_ms")
_parts: dict[type, Callable[[Any], object]] = {
    kind: _values(kind) for kind in (ScoreItem, RewardSpec, ChatMessage)
}


def _parts_of(value: object) -> object:
    return _parts[type(value)](value)


_ENCODER = msgspec.json.Encoder(order="sorted", enc_hook=_parts_of)
