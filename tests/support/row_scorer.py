"""A scorer that answers rows of a file, and keeps what it was sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from guerdon.services.cli.batches import score_rows
from guerdon.services.cli.calls import CallError, Scored
from guerdon.services.cli.groups import Compared, gather
from guerdon.services.cli.rows import BadRow, Row

_SAME = object()


class RowScorer:
    """Computes the reward ``plain``, always 1, and ``rank``, which tells the size of the group it compared.

    Args:
        max_items: items of one call at most.
        refused: completions that make the call be refused.
    """

    def __init__(self, max_items: int = 100_000, refused: Iterable[str] = ()) -> None:
        self.calls: list[list[str]] = []
        self.descriptions = 0
        self._max_items = max_items
        self._refused = frozenset(refused)

    def score(self, request: dict[str, Any]) -> dict[str, Any]:
        """One result per item, as the service forms it."""
        items = request["items"]
        self.calls.append([item["completion"] for item in items])
        if len(items) > self._max_items:
            raise CallError("batch_too_large", f"{len(items)} items are too many")
        faults = {at: "is odd" for at, item in enumerate(items) if item["completion"] in self._refused}
        if faults:
            raise CallError("invalid_request", "an item is odd", faults)
        sizes = Counter(item.get("group_id", "") for item in items)
        return {"results": [self._result(item, request, sizes) for item in items]}

    def describe(self) -> dict[str, Any]:
        """Both rewards, and profiles of them."""
        self.descriptions += 1
        return {
            "verifiers": [{"name": "plain", "group_wise": False}, {"name": "rank", "group_wise": True}],
            "profiles": [
                {"name": "both", "rewards": [{"name": "plain"}, {"name": "rank"}]},
                {"name": "one", "rewards": [{"name": "plain"}]},
                {"name": "short of one", "rewards": [{"name": "plain"}, {"name": "not installed"}]},
            ],
        }

    def _result(self, item: dict[str, Any], request: dict[str, Any], sizes: Counter[str]) -> dict[str, Any]:
        names = [spec["name"] for spec in item.get("rewards") or request["rewards"]]
        return {"id": item["id"], "components": [self._component(name, item, sizes) for name in names]}

    def _component(self, name: str, item: dict[str, Any], sizes: Counter[str]) -> dict[str, Any]:
        group = item.get("group_id", "")
        if name == "plain":
            return {"name": name, "score": 1.0, "reason": "fine", "explanation": "fine"}
        if not group:
            return {"name": name, "score": None, "reason": "no_group_id", "explanation": "give it a group_id"}
        return {"name": name, "score": sizes[group], "reason": "compared", "explanation": "compared"}


def rows(*groups: str, start: int = 0) -> list[Row]:
    """One row per group name; the completion is its place."""
    return [
        Row(line=number, field=None, item={"id": "same", "completion": str(number), "group_id": group})
        for number, group in enumerate(groups, start=start)
    ]


def outcomes_of(
    scorer: RowScorer,
    given: Iterable[Row | BadRow],
    *rewards: str,
    batch_size: int = 256,
    again: object = _SAME,
) -> list[Scored | BadRow]:
    """Score rows as the command does; ``again`` is None for rows that can be read only once."""
    request = {"rewards": [{"name": name} for name in rewards]}
    reread = (lambda: given) if again is _SAME else None
    return list(score_rows(scorer, request, gather(given, Compared(scorer, request), reread), batch_size))


def reasons(outcomes: Sequence[Scored | BadRow], reward: int = 0) -> list[str]:
    """What became of each row under one reward: the size it was compared in, a reason, or ``bad``."""
    told = []
    for outcome in outcomes:
        component = None if isinstance(outcome, BadRow) else outcome.result["components"][reward]
        told.append("bad" if component is None else str(component["score"] or component["reason"]))
    return told
