"""What Serve's proxy says about an HTTP call becomes a problem document; what the gateway says stays as it is."""

import json

import pytest
from starlette.responses import JSONResponse, PlainTextResponse

from guerdon.services.gateway.serve.problems import ServeProblems


async def answer(app, path="/score"):
    """Status, headers and body that a client receives."""
    sent = []

    async def send(message):
        sent.append(message)

    await ServeProblems(app)({"type": "http", "path": path, "headers": []}, None, send)
    body = b"".join(message.get("body", b"") for message in sent[1:])
    return sent[0]["status"], {key.decode(): value.decode() for key, value in sent[0]["headers"]}, body


@pytest.mark.parametrize(("said", "told"), [(404, 503), (408, 504), (429, 429), (500, 503), (503, 503)])
async def test_a_refusal_of_the_proxy_is_worth_another_try(said, told):
    """Callers hear that, and when."""
    status, headers, body = await answer(PlainTextResponse("said by Serve", said))
    assert status == told
    assert headers["content-type"] == "application/problem+json"
    assert headers["retry-after"] == "1"
    assert json.loads(body)["retryable"] is True


async def test_silence_of_the_proxy_means_that_the_replica_is_gone():
    """Serve starts no answer when a replica dies."""

    async def silent(scope, receive, send):
        """Send nothing."""

    status, _, body = await answer(silent)
    assert status == 503
    assert "gone" in json.loads(body)["detail"]


@pytest.mark.parametrize(
    "response",
    [
        JSONResponse({"type": "about:blank"}, 404, media_type="application/problem+json"),
        PlainTextResponse("guerdon_calls 1"),
    ],
)
async def test_what_the_gateway_answers_is_not_changed(response):
    """Neither its refusals nor its plain text."""
    status, headers, body = await answer(response)
    assert (status, headers["content-type"], body) == (
        response.status_code,
        response.headers["content-type"],
        response.body,
    )


async def test_serves_own_paths_are_left_alone():
    """A load balancer understands Serve's health."""
    assert (await answer(PlainTextResponse("draining", 503), "/-/healthz"))[2] == b"draining"
