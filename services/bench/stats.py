"""The few statistics of the reports."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that at least ``percent`` % of the values do not exceed (nearest rank).

    Raises:
        ValueError: there are no values, or ``percent`` is not in (0, 100].
    """
    if not values or not 0 < percent <= 100:
        raise ValueError(f"no percentile {percent} of {len(values)} values")
    return sorted(values)[math.ceil(len(values) * percent / 100) - 1]


def median_of(things: Sequence[T], key: Callable[[T], float]) -> T:
    """The thing in the middle when sorted by ``key``; of an even number the lower of the two.

    Raises:
        ValueError: there are none.
    """
    if not things:
        raise ValueError("no median of nothing")
    return sorted(things, key=key)[(len(things) - 1) // 2]
