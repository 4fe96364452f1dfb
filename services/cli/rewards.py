"""Reads ``--reward`` and ``--param`` into the rewards of a request."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

from guerdon.services.cli.errors import CliError


def parse_rewards(rewards: Sequence[str], params: Sequence[str]) -> list[dict[str, Any]]:
    """Rewards of a request, as in ``POST /score``.

    Args:
        rewards: each ``name`` or ``name:weight``.
        params: each ``name.param=value``; the value is JSON, or text where it is not valid JSON.

    Raises:
        CliError: one of them has another form, or a parameter names a reward that is not asked for.
    """
    specs: dict[str, dict[str, Any]] = {}
    for text in rewards:
        name, colon, weight = text.partition(":")
        if not name or name in specs:
            raise CliError(f"--reward {text!r}: {'is given twice' if name in specs else 'has no name'}")
        specs[name] = {"name": name, "weight": _weight(text, weight) if colon else 1.0}
    for text in params:
        path, equals, value = text.partition("=")
        name, dot, param = path.partition(".")
        if not (equals and dot and param):
            raise CliError(f"--param {text!r}: write it as reward.parameter=value, such as math.require_box=true")
        if name not in specs:
            asked = ", ".join(specs) or "none"
            raise CliError(
                f"--param {text!r}: the reward {name!r} is not asked for with --reward (asked for: {asked})"
            )
        specs[name].setdefault("params", {})[param] = _value(value)
    return list(specs.values())


def _weight(text: str, weight: str) -> float:
    try:
        number = float(weight)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise CliError(f"--reward {text!r}: the weight {weight!r} is not a finite number; write it as name:0.2")
    return number


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
