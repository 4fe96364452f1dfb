"""Short ways to write calls and to look at their answers."""

import asyncio
from typing import Any

import httpx2

from guerdon.services.contract import ComponentResult, ScoreResponse
from guerdon.services.contract.requests import ScoreRequest
from guerdon.services.gateway.parse import parse_request


def request(*completions: str, rewards: Any = "echo", **fields: Any) -> ScoreRequest:
    """A request for these completions; ``rewards`` is a name, or a list of names and specs."""
    listed = [rewards] if isinstance(rewards, str) else rewards
    specs = [{"name": spec} if isinstance(spec, str) else spec for spec in listed]
    body = {"items": [{"completion": text} for text in completions], **fields}
    return parse_request({"rewards": specs, **body} if specs else body)


def component(response: ScoreResponse, item: int = 0, index: int = 0) -> ComponentResult:
    """One component of an answer."""
    return response.results[item].components[index]


def scores(response: ScoreResponse) -> list[float | None]:
    """The first component's score of every item."""
    return [result.components[0].score for result in response.results]


async def inflight(client: httpx2.AsyncClient, items: int) -> None:
    """Wait until a service has this many items in flight."""
    while f"guerdon_inflight_items {float(items)}" not in (await client.get("/metrics")).text:
        await asyncio.sleep(0.01)
