"""What of the bundled batch a service can judge: some items ask for verifiers that not every host has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from guerdon.services.cli.demo import DemoItem
from guerdon.services.cli.terminal import shortened
from guerdon.services.cluster.gateway import READY, figures

OPTIONAL: Mapping[str, str] = {"code": "items with programs", "language": "items on the language of thoughts"}
"""The rewards whose items are left out where they cannot be had, and what these items are."""

_DETAIL_CHARS = 240


def judgeable(
    batch: Sequence[DemoItem], offers: Sequence[dict[str, Any]]
) -> tuple[list[DemoItem], dict[str, str]]:
    """The items a service can judge, and what keeps it from judging the others.

    Args:
        batch: the items.
        offers: what the service describes over each transport; what one of them lacks is not asked for.

    Returns:
        The items, and ``missing``, ``starting`` or ``unavailable`` by reward that it lacks.
    """
    lacking: dict[str, str] = {}
    for offer in offers:
        states = {reward["name"]: reward["state"] for reward in offer["verifiers"]}
        for name in OPTIONAL:
            if (state := states.get(name, "missing")) != READY:
                lacking.setdefault(name, state)
    return [entry for entry in batch if entry.judged not in lacking], lacking


def left_out(reward: str, count: int, state: str, http: str, api_key: str) -> str:
    """Says in a line how many items are left out and why.

    Args:
        reward: the reward they ask for.
        count: number of items.
        state: what keeps the service from judging them.
        http: URL of its HTTP server, which is asked for the reason.
        api_key: its API key, or empty.
    """
    claim = f"{count} {OPTIONAL[reward]} are left out: "
    if state == "missing":
        return f"{claim}this service runs without the verifier {reward}."
    told = figures(http.rstrip("/"), api_key)
    detail = told[reward].detail if isinstance(told, dict) and reward in told else ""
    reason = f": {shortened(detail, _DETAIL_CHARS)}" if detail else "."
    return f"{claim}the verifier {reward} is {state}{reason}"
