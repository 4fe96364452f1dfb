"""Ground truths that have been parsed: once for all completions that share one."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import Any

from guerdon.services.code.judge.prepared import Prepared, prepare
from guerdon.services.code.suite import TruthError
from guerdon.services.code.truth import parse_suite
from guerdon.services.contract import GroundTruth

_LEAST_BYTES = 4_096
"""What an entry counts at least, for a small one takes memory too."""
_WRITTEN_OUT = ("stdio", "function")
_LOOKED_AT = 400
_SHOWN_CHARS = 200
_BULKY_CHARS = 1 << 18


class Suites:
    """Least recently used suites, bounded by the memory that they take, roughly.

    Args:
        capacity_bytes: of all together.
    """

    def __init__(self, capacity_bytes: int) -> None:
        self.parsed = 0
        """How many ground truths have been parsed."""
        self._capacity_bytes = capacity_bytes
        self._size_bytes = 0
        self._known: OrderedDict[str, tuple[Prepared | TruthError, int]] = OrderedDict()
        self._parsing: dict[str, asyncio.Task[Prepared | TruthError]] = {}

    async def get(self, truth: GroundTruth) -> Prepared:
        """The suite of a ground truth; what may take milliseconds is parsed in a thread.

        Raises:
            TruthError: it is no usable set of tests.
        """
        try:
            key = await asyncio.to_thread(lambda: truth.digest) if _bulky(truth.data) else truth.digest
        except (TypeError, ValueError, RecursionError) as cause:
            raise TruthError(f"it has no JSON form: {cause}") from None
        known = self._known.get(key)
        if known is not None:
            self._known.move_to_end(key)
            found = known[0]
        else:
            found = await self._parse(key, truth)
        if isinstance(found, TruthError):
            raise type(found)(str(found))
        return found

    async def _parse(self, key: str, truth: GroundTruth) -> Prepared | TruthError:
        """Parse a ground truth, unless somebody already does."""
        if _plain(truth) and not truth.large:
            found = _parsed(truth)
            self._keep(key, found, truth.size_bytes)
            return found
        if key not in self._parsing:
            task = self._parsing[key] = asyncio.create_task(asyncio.to_thread(_parsed, truth))
            task.add_done_callback(lambda task: self._settle(key, task, truth.size_bytes))
        return await asyncio.shield(self._parsing[key])

    def _settle(self, key: str, task: asyncio.Task[Prepared | TruthError], size_bytes: int) -> None:
        del self._parsing[key]
        if not task.cancelled() and task.exception() is None:
            self._keep(key, task.result(), size_bytes)

    def _keep(self, key: str, found: Prepared | TruthError, size_bytes: int) -> None:
        """Keep a result and forget the oldest beyond the capacity, but not the one that was just asked for."""
        self.parsed += 1
        size = max(size_bytes, _LEAST_BYTES, found.memory_bytes if isinstance(found, Prepared) else 0)
        self._known[key] = found, size
        self._size_bytes += size
        while self._size_bytes > self._capacity_bytes and len(self._known) > 1:
            _, (_, old) = self._known.popitem(last=False)
            self._size_bytes -= old


def _parsed(truth: GroundTruth) -> Prepared | TruthError:
    try:
        return prepare(parse_suite(truth))
    except TruthError as fault:
        # Not itself: its traceback holds on to all that was parsed.
        return type(fault)(str(fault))
    except (UnicodeError, RecursionError) as fault:
        # Half a character, which JSON can escape, or a value as deep as JSON may be.
        return TruthError(f"it cannot be read: {type(fault).__name__}: {str(fault)[:_SHOWN_CHARS]}")


def _plain(truth: GroundTruth) -> bool:
    """Whether the cases are written out; code has to be parsed, and what is packed may unfold."""
    return isinstance(truth.data, dict) and truth.data.get("kind") in _WRITTEN_OUT


def _bulky(data: Any) -> bool:
    """Whether a digest may take milliseconds; looks at a bounded part of the data."""
    size, seen, level = 0, 0, [data]
    while level:
        member = level.pop()
        seen += 1
        if seen > _LOOKED_AT or size > _BULKY_CHARS:
            return True
        if isinstance(member, str):
            size += len(member)
        elif isinstance(member, dict | list):
            if len(member) > _LOOKED_AT:
                return True
            level += member.values() if isinstance(member, dict) else member
    return False
