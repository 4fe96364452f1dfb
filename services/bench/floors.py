"""The floors: the same trivial scoring as a plain function, and behind a bare FastAPI server."""

from __future__ import annotations

from typing import Any

import msgspec

from guerdon.services.bench.checks import check

EXPLANATION = "searched the completion"


def score_function(body: bytes) -> bytes:
    """Score a request of ``POST /score`` with nothing in between: JSON in, checks, JSON of our shape out."""
    request = msgspec.json.decode(body)
    rewards = [reward["name"] for reward in request["rewards"]]
    results = [_result(item, rewards) for item in request["items"]]
    summary = {"items": len(results), "by_status": {"ok": len(results)}, "latency_ms": 0.0, "server_version": "0"}
    return msgspec.json.encode({"request_id": "", "digest": "", "results": results, "summary": summary})


def _result(item: dict[str, Any], rewards: list[str]) -> dict[str, Any]:
    components = [_component(name, check(name, item["completion"])) for name in rewards]
    total = sum(component["score"] for component in components)
    return {"id": item["id"], "status": "ok", "total": total, "components": components, "missing": []}


def _component(name: str, score: float) -> dict[str, Any]:
    return {
        "name": name,
        "status": "ok",
        "score": score,
        "weight": 1.0,
        "reason": "found" if score else "not_found",
        "explanation": EXPLANATION,
        "answer": None,
        "latency_ms": 0.0,
        "queue_ms": 0.0,
        "attempts": 1,
        "cached": False,
        "near_limit": False,
        "verifier_version": "0.0.0+000000000000",
        "details": {},
        "error": None,
    }
