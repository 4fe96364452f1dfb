"""Refusals over HTTP."""

import asyncio
import json

import pytest
from calls import inflight

from guerdon.services.contract.errors import ERRORS, Pointer
from guerdon.services.gateway.http.problems import problem_response

KEY = "a-key-of-enough-length"
BODY = {"rewards": [{"name": "echo"}], "items": [{"completion": "1"}]}


@pytest.mark.parametrize("error", ERRORS)
def test_every_error_of_the_table_is_a_problem_document(error):
    """Status, code, retryability and places of each error are told as RFC 9457 has it."""
    answer = problem_response(error("what happened", pointers=(Pointer("/a", "b"),), retry_after_s=0.2))
    body = json.loads(answer.body)
    assert answer.status_code == body["status"] == error.row.http
    assert answer.media_type == "application/problem+json"
    assert body["type"] == f"urn:guerdon:error:{error.code()}"
    assert body["retryable"] is error.row.retryable
    assert body["errors"] == [{"pointer": "/a", "detail": "b"}]
    assert answer.headers["retry-after"] == "1"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 422, "invalid_request"),
        (b'{"items":[{"completion":"\\ud800"}]}', 422, "invalid_request"),
        (b'{"items":[{"completion":"\xff"}]}', 422, "invalid_request"),
        (json.dumps(BODY | {"rewards": [{"name": "nope"}]}).encode(), 404, "unknown_verifier"),
        (json.dumps({"profile": "nope", "items": []}).encode(), 404, "unknown_profile"),
        (json.dumps(BODY | {"expect_digest": "sha256:0"}).encode(), 412, "digest_mismatch"),
        (json.dumps(BODY | {"items": [{"completion": "1"}] * 5000}).encode(), 413, "batch_too_large"),
        (json.dumps(BODY | {"rewards": [{"name": "unstartable"}]}).encode(), 503, "verifier_unavailable"),
        (
            b'{"rewards":[{"name":"sleepy"}],"timeout_ms":30,"items":[{"completion":"90000"}]}',
            504,
            "deadline_exceeded",
        ),
    ],
)
async def test_refusals_carry_status_and_code(client, body, status, code):
    """Each way to be refused has its row of the table."""
    answer = await client.post("/score", content=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_a_body_over_the_limit_is_refused(connect):
    """Too many bytes are refused by the declared length and by what arrives."""
    client = await connect(max_body_bytes=1024)

    async def chunks():
        for _ in range(64):
            yield b"x" * 64

    assert (await client.post("/score", content=b"x" * 2000)).status_code == 413
    assert (await client.post("/score", content=chunks())).status_code == 413


async def test_a_body_of_another_type_is_refused(client):
    """Only JSON is read; a form of a web page in the browser is not."""
    answer = await client.post("/score", content=b"a=b", headers={"Content-Type": "text/plain"})
    assert answer.status_code == 415


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nope", 404), ("DELETE", "/score", 405)])
async def test_unknown_paths_and_methods_are_problems_too(client, method, path, status):
    """Even what is no call of ours is answered in the same form."""
    answer = await client.request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/v1/verifiers", "/v1/profiles", "/v1/status", "/metrics"])
async def test_keys_guard_everything_but_health(connect, path):
    """With keys set, only health and the documentation are open."""
    client = await connect(api_keys=[{"name": "k", "secret": KEY}])
    assert (await client.get(path)).status_code == 401
    assert (await client.post("/score", json=BODY)).headers["www-authenticate"] == "Bearer"
    assert (await client.get(path, headers={"X-API-Key": KEY})).status_code == 200
    assert (await client.post("/score", json=BODY, headers={"Authorization": f"Bearer {KEY}"})).status_code == 200
    assert (await client.get("/healthz")).status_code == 200
    assert (await client.get("/readyz")).status_code == 200


async def test_a_key_without_the_right_is_forbidden(connect):
    """A reward outside the key's list is 403."""
    client = await connect(api_keys=[{"name": "k", "secret": KEY, "rewards": ["truth"]}])
    assert (await client.post("/score", json=BODY, headers={"X-API-Key": KEY})).status_code == 403


async def test_overload_is_told_with_a_time_to_come_back(connect):
    """A call without room is 429 with Retry-After."""
    client = await connect(max_inflight_items=1)
    slow = {"rewards": [{"name": "sleepy"}], "items": [{"completion": "60000"}], "timeout_ms": 2000}
    call = asyncio.create_task(client.post("/score", json=slow))
    await inflight(client, 1)
    refused = await client.post("/score", json=BODY)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
    await call
