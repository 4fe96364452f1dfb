"""`POST /score` over a real server."""

import asyncio
import hashlib
import json

import pytest
from calls import inflight

BODY = {"rewards": [{"name": "echo"}], "items": [{"completion": "0.5"}, {"completion": "1"}]}
NDJSON = {"Accept": "application/x-ndjson"}


@pytest.mark.parametrize("path", ["/score", "/v1/score"])
async def test_a_batch_is_scored(client, path):
    """Both paths answer with one result per item."""
    answer = await client.post(path, json=BODY)
    assert answer.status_code == 200
    body = answer.json()
    assert [r["components"][0]["score"] for r in body["results"]] == [0.5, 1.0]
    assert body["digest"].startswith("sha256:")
    assert body["summary"]["by_status"] == {"ok": 2}


async def test_no_verdict_is_null_in_json(client):
    """Score and total are null, never 0, where there is no verdict."""
    body = {"rewards": [{"name": "echo"}, {"name": "unstartable"}], "items": [{"completion": "1"}]}
    result = (await client.post("/score", json=body)).json()["results"][0]
    assert result["total"] is None
    assert result["components"][1]["score"] is None
    assert result["components"][1]["error"]["code"] == 14


async def test_streamed_lines_end_with_the_summary(client):
    """With `Accept: application/x-ndjson` each item is a line as it is done, and the summary is the last."""
    body = {"rewards": [{"name": "sleepy"}], "items": [{"completion": "150"}, {"completion": "1"}]}
    async with client.stream("POST", "/score", json=body, headers=NDJSON) as answer:
        assert answer.headers["content-type"] == "application/x-ndjson"
        lines = [json.loads(line) async for line in answer.aiter_lines()]
    assert [line["result"]["id"] for line in lines[:-1]] == ["1", "0"]
    assert lines[-1]["summary"]["items"] == 2


async def test_a_refused_stream_is_an_ordinary_problem(client):
    """What is refused before the first line has its HTTP status."""
    answer = await client.post("/score", json={"items": [{}]}, headers=NDJSON)
    assert answer.status_code == 422


@pytest.mark.parametrize("name", ["Idempotency-Key"])
async def test_the_idempotency_header_names_the_call(client, name):
    """The header is the request_id; another one in the body contradicts it."""
    first = await client.post("/score", json=BODY, headers={name: "call-1"})
    assert first.json()["request_id"] == "call-1"
    other = await client.post("/score", json={**BODY, "items": []}, headers={name: "call-1"})
    assert other.status_code == 409
    both = await client.post("/score", json={**BODY, "request_id": "x"}, headers={name: "call-1"})
    assert both.status_code == 422


async def test_the_timeout_header_bounds_the_call(client):
    """The shorter of header and body holds, and what is done is answered."""
    body = {"rewards": [{"name": "sleepy"}], "items": [{"completion": "1"}, {"completion": "30000"}]}
    answer = await client.post("/score", json=body, headers={"X-Request-Timeout-Ms": "100"})
    assert [r["status"] for r in answer.json()["results"]] == ["ok", "timeout"]


@pytest.mark.parametrize("value", ["0", "-1", "soon", "1.5", "9" * 400])
async def test_a_timeout_that_cannot_be_read_is_refused(client, value):
    """A header nobody can obey is told, not ignored."""
    answer = await client.post("/score", json=BODY, headers={"X-Request-Timeout-Ms": value})
    assert answer.status_code == 422


async def test_a_client_that_leaves_frees_its_room(connect):
    """Work nobody waits for is stopped."""
    client = await connect(max_inflight_items=1)
    body = {"rewards": [{"name": "sleepy"}], "items": [{"completion": "60000"}]}
    call = asyncio.create_task(client.post("/score", json=body))
    await inflight(client, 1)
    assert (await client.post("/score", json=BODY)).status_code == 429
    call.cancel()
    await asyncio.gather(call, return_exceptions=True)
    await inflight(client, 0)
    assert (await client.post("/score", json=BODY)).status_code == 200


async def test_a_batch_of_33_mb_fits_with_defaults(client):
    """1,024 completions of 32 kB are one call."""
    text = "x" * 32_000
    body = {"rewards": [{"name": "echo"}], "items": [{"completion": text}] * 1024}
    answer = await client.post("/score", json=body)
    assert answer.status_code == 200
    assert len(answer.json()["results"]) == 1024


async def test_an_uploaded_ground_truth_is_used_by_reference(client):
    """A ground truth travels once and is named by its hash from then on."""
    body = b'{"any_of": ["4", "four"]}'
    sha256 = hashlib.sha256(body).hexdigest()
    kept = await client.put(f"/v1/ground-truth/{sha256}", content=body)
    assert (kept.status_code, kept.json()["created"]) == (201, True)
    assert (await client.put(f"/v1/ground-truth/{sha256}", content=body)).status_code == 200
    call = {
        "rewards": [{"name": "truth"}],
        "items": [{"completion": "four", "ground_truth_ref": kept.json()["ref"]}],
    }
    assert (await client.post("/score", json=call)).json()["results"][0]["total"] == 1.0
