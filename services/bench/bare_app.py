"""The bare server: FastAPI and pydantic models, as anybody would write it; imports nothing of the service."""

# ruff: noqa: D101 - the fields are those of POST /score
from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel

from guerdon.services.bench.checks import check


class Reward(BaseModel):
    name: str
    weight: float = 1.0
    params: dict[str, Any] = {}


class Item(BaseModel):
    id: str = ""
    prompt: str = ""
    completion: str
    ground_truth: str | None = None
    group_id: str = ""


class Request(BaseModel):
    request_id: str = ""
    rewards: list[Reward]
    items: list[Item]
    timeout_ms: int = 0


class Component(BaseModel):
    name: str
    status: str
    score: float | None
    weight: float
    reason: str
    explanation: str
    answer: str | None = None
    latency_ms: float = 0.0
    queue_ms: float = 0.0
    attempts: int = 1
    cached: bool = False
    near_limit: bool = False
    verifier_version: str = "0.0.0+000000000000"
    details: dict[str, Any] = {}
    error: dict[str, Any] | None = None


class Result(BaseModel):
    id: str
    status: str
    total: float | None
    components: list[Component]
    missing: list[str] = []


class Summary(BaseModel):
    items: int
    by_status: dict[str, int]
    latency_ms: float
    server_version: str


class Response(BaseModel):
    request_id: str
    digest: str
    results: list[Result]
    summary: Summary


app = FastAPI()


@app.post("/score")
async def score(request: Request) -> Response:
    """Run the checks inline."""
    results = [_result(item, request.rewards) for item in request.items]
    summary = Summary(items=len(results), by_status={"ok": len(results)}, latency_ms=0.0, server_version="0")
    return Response(request_id=request.request_id, digest="", results=results, summary=summary)


def _result(item: Item, rewards: list[Reward]) -> Result:
    components = [_component(reward, check(reward.name, item.completion)) for reward in rewards]
    total = sum(component.weight * (component.score or 0.0) for component in components)
    return Result(id=item.id, status="ok", total=total, components=components)


def _component(reward: Reward, score: float) -> Component:
    return Component(
        name=reward.name,
        status="ok",
        score=score,
        weight=reward.weight,
        reason="found" if score else "not_found",
        explanation="searched the completion",
    )
