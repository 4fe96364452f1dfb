"""Clients that leave, flood, or talk ahead of themselves."""

import asyncio
import json
import logging

import pytest
from calls import inflight

STREAM = "Accept: application/x-ndjson\r\n"
ENDLESS = {"rewards": [{"name": "sleepy"}], "items": [{"completion": "60000"}]}


def raw_call(headers: str = "") -> bytes:
    """The bytes of a call that takes a minute."""
    body = json.dumps(ENDLESS)
    head = f"POST /score HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return f"{head}{headers}\r\n{body}".encode()


async def send(client, raw: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Send bytes to the service on a connection of their own."""
    reader, writer = await asyncio.open_connection(client.base_url.host, client.base_url.port)
    writer.write(raw)
    await writer.drain()
    return reader, writer


@pytest.mark.parametrize(
    "raw",
    [raw_call(), raw_call(STREAM), raw_call(STREAM) * 5],
    ids=["whole answer", "stream", "pipelined streams"],
)
async def test_a_client_that_leaves_frees_its_room_and_is_no_error(client, caplog, raw):
    """Whatever it was doing, its work stops and the log stays quiet."""
    caplog.set_level(logging.ERROR)
    _, writer = await send(client, raw)
    await inflight(client, 1)
    writer.close()
    await inflight(client, 0)
    assert [r for r in caplog.records if r.message != "verifier_unhealthy"] == []


async def test_a_client_that_leaves_in_the_middle_of_its_body_is_no_error(client, caplog):
    """Half a request is nobody's fault here."""
    caplog.set_level(logging.ERROR)
    for _ in range(3):
        _, writer = await send(client, raw_call()[:-5])
        await asyncio.sleep(0.01)
        writer.close()
        await writer.wait_closed()
    assert (await client.get("/healthz")).status_code == 200
    assert [r for r in caplog.records if r.message != "verifier_unhealthy"] == []


async def test_headers_without_end_are_refused(client):
    """Headers come before any key is checked, so their size is bounded."""
    reader, writer = await send(client, b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: " + b"a" * 200_000)
    assert b" 400 " in await reader.readline()
    writer.close()
