"""Scores rows in batches, in order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from guerdon.services.cli.calls import Entry, Scored, Scorer, score_call
from guerdon.services.cli.groups import Passed, Together
from guerdon.services.cli.rows import BadRow

MAX_BATCH = 4096
"""Items of one call at most, as the service is shipped; only a group that is compared may go beyond it."""


def score_rows(
    scorer: Scorer, request: Mapping[str, Any], rows: Iterable[Together], batch_size: int
) -> Iterator[Scored | BadRow]:
    """Score rows as they are read; a few batches are in memory at most, and what waits for its turn.

    Args:
        scorer: who answers.
        request: the request without its items.
        rows: what to score, as it has to travel together; bad rows are passed on in their place.
        batch_size: items of one call; neighbours of one group stay together beyond it.

    Raises:
        CallError: a call was refused for another reason than one of its items.
    """
    done: dict[int, Scored | BadRow] = {}
    place = 0
    for batch in _batches(rows, batch_size):
        done.update((passed.place, passed.row) for passed in batch if isinstance(passed, Passed))
        done.update(score_call(scorer, request, [entry for entry in batch if isinstance(entry, Entry)]))
        while place in done:
            yield done.pop(place)
            place += 1


def _batches(rows: Iterable[Together], size: int) -> Iterator[list[Entry | Passed]]:
    batch: list[Entry | Passed] = []
    for together in rows:
        full = len(batch) >= size and not _same_group(batch[-1], together[0])
        if full or (batch and len(batch) + len(together) > MAX_BATCH):
            yield batch
            batch = []
        batch.extend(together)
    if batch:
        yield batch


def _same_group(entry: Entry | Passed, other: Entry | Passed) -> bool:
    if isinstance(entry, Passed) or isinstance(other, Passed):
        return False
    group = entry.row.item.get("group_id")
    return bool(group) and group == other.row.item.get("group_id")
