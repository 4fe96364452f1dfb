"""The OpenAPI document: schemas of requests from pydantic, of answers from msgspec."""

from __future__ import annotations

from typing import Any

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from guerdon.services.contract import ScoreResponse
from guerdon.services.contract.errors import ERRORS
from guerdon.services.contract.requests import ScoreRequest
from guerdon.services.gateway.describe import ProfileDescription, ServiceDescription, ServiceStatus
from guerdon.services.gateway.http.problems import MEDIA_TYPE, Problem
from guerdon.services.gateway.http.score import NDJSON, ScoreEvent
from guerdon.services.runtime.backend import VerifierState

TEMPLATE = "#/components/schemas/{name}"
EXAMPLE: dict[str, Any] = {
    "profile": "r1_zero",
    "items": [
        {
            "id": "p3-g0",
            "prompt": "What is 12 + 30?",
            "completion": "<think>12 + 30 = 42</think><answer>\\boxed{42}</answer>",
            "ground_truth": "42",
            "group_id": "p3",
        }
    ],
}


def _ref(kind: type) -> dict[str, Any]:
    return {"$ref": TEMPLATE.format(name=kind.__name__)}


def _content(schema: dict[str, Any], media_type: str = "application/json") -> dict[str, Any]:
    return {"content": {media_type: {"schema": schema}}}


def _problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    found: dict[int | str, dict[str, Any]] = {}
    for error in ERRORS:
        if error.row.http in statuses:
            earlier = f"{found[error.row.http]['description']} or " if error.row.http in found else ""
            found[error.row.http] = {"description": earlier + error.title, **_content(_ref(Problem), MEDIA_TYPE)}
    return found


_TRUTH: dict[str, Any] = {
    "oneOf": [
        {"type": "string"},
        {"type": "array", "items": {"type": "string"}, "minItems": 1},
        {"type": "object", "minProperties": 1},
    ]
}
_STATE = {"type": "string", "enum": ["ready", "degraded", "unavailable"]}
_READY = {
    "type": "object",
    "required": ["status", "digest", "verifiers"],
    "properties": {
        "status": _STATE,
        "digest": {"type": "string"},
        "verifiers": {"type": "object", "additionalProperties": _ref(VerifierState)},
    },
}

SCORE: dict[str, Any] = {
    "responses": {
        200: {
            "description": "One result per item, in order",
            "content": {
                "application/json": {"schema": _ref(ScoreResponse)},
                NDJSON: {"schema": _ref(ScoreEvent)},
            },
        },
        **_problems(401, 403, 404, 409, 412, 413, 415, 422, 429, 500, 503, 504),
    },
    "openapi_extra": {
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": _ref(ScoreRequest), "example": EXAMPLE}},
        },
        "parameters": [
            {
                "name": "X-Request-Timeout-Ms",
                "in": "header",
                "required": False,
                "description": "Time the caller waits, in milliseconds.",
                "schema": {"type": "integer", "minimum": 1, "maximum": 86_400_000},
            },
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": False,
                "description": "Name of the call, in place of `request_id`.",
                "schema": {"type": "string", "minLength": 1, "maxLength": 256},
            },
        ],
    },
}
GROUND_TRUTH: dict[str, Any] = {
    "responses": {
        200: {"description": "Known already", **_content({"type": "object"})},
        201: {"description": "Kept", **_content({"type": "object"})},
        **_problems(401, 413, 415, 422, 500),
    },
    "openapi_extra": {"requestBody": {"required": True, **_content(_TRUTH)}},
}
VERIFIERS: dict[str, Any] = {
    "responses": {
        200: {"description": "What the service offers", **_content(_ref(ServiceDescription))},
        **_problems(401),
    }
}
STATUS: dict[str, Any] = {
    "responses": {200: {"description": "What runs now", **_content(_ref(ServiceStatus))}, **_problems(401)}
}
PROFILES: dict[str, Any] = {
    "responses": {
        200: {
            "description": "Profiles by name",
            **_content(
                {
                    "type": "object",
                    "properties": {"profiles": {"type": "array", "items": _ref(ProfileDescription)}},
                }
            ),
        },
        **_problems(401),
    }
}
METRICS: dict[str, Any] = {
    "responses": {200: {"description": "Metrics", **_content({"type": "string"}, "text/plain")}, **_problems(401)}
}
HEALTH: dict[str, Any] = {"responses": {200: {"description": "Alive", **_content({"type": "object"})}}}
READY: dict[str, Any] = {
    "responses": {
        200: {"description": "At least one verifier is ready", **_content(_READY)},
        503: {"description": "No verifier is ready", **_content(_READY)},
    }
}


def install(app: FastAPI) -> None:
    """Give the application a document with all schemas; the 422 of FastAPI's own validation is not ours."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            made = get_openapi(
                title=app.title, version=app.version, description=app.description, routes=app.routes
            )
            made.setdefault("components", {})["schemas"] = _schemas()
            made["components"]["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
            made["security"] = [{"bearer": []}, {}]
            app.openapi_schema = made
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def _schemas() -> dict[str, Any]:
    kinds = [ScoreResponse, ScoreEvent, Problem, ServiceDescription, ServiceStatus, VerifierState]
    _, answers = msgspec.json.schema_components(kinds, ref_template=TEMPLATE)
    request = ScoreRequest.model_json_schema(ref_template=TEMPLATE.replace("{name}", "{model}"))
    return {**answers, **request.pop("$defs"), "ScoreRequest": request}
