"""The worker-side half of pooled execution: builds a verifier in the warm zygote and scores units with it.

A unit is what one work limit applies to: one item, or all items of a group.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import msgspec

from guerdon.services.contract import Deadline, Item, Verifier
from guerdon.services.runtime.boundary import guard


def target_of(verifier: type[Verifier]) -> str:
    """Import path of a verifier class, such as ``package.module:Class``."""
    return f"{verifier.__module__}:{verifier.__qualname__}"


def make_scorer(target: str, settings: dict[str, Any]) -> Callable[[Any], Any]:
    """Build the verifier and return a function from a unit's items to its verdicts, both as plain values."""
    module, _, name = target.partition(":")
    kind: type[Verifier] = getattr(import_module(module), name)
    verifier = kind(kind.Settings.model_validate(settings))
    rewards = {reward.name: reward for reward in kind.rewards}

    def score(payload: Any) -> Any:
        items = msgspec.convert(payload, list[Item])
        verdicts = guard(lambda: verifier.score_batch(items, Deadline.never()), items, rewards)  # type: ignore[return-value,arg-type]
        return msgspec.to_builtins(verdicts)

    return score
