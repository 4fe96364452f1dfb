"""Scoring on a service: what is sent again, and what is not."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from guerdon.services.cli import remote
from guerdon.services.cli.calls import CallError
from guerdon.services.cli.errors import CliError


@pytest.fixture
def refusing(monkeypatch):
    """Starts a server that refuses so many calls before it answers; gives its URL and the caller's waits."""
    servers, waits = [], []
    monkeypatch.setattr(remote.time, "sleep", waits.append)

    def start(refusals: int, code: str, status: int, retry_after: str | None = None):
        problem = {"code": code, "detail": "not now", "errors": [], "retryable": True}
        left = [refusals]

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                refused = left[0] > 0
                left[0] -= 1
                body = json.dumps(problem if refused else {"results": []}).encode()
                self.send_response(status if refused else 200)
                if refused and retry_after:
                    self.send_header("Retry-After", retry_after)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        server = HTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        servers.append((server, thread))
        return f"http://127.0.0.1:{server.server_port}", waits

    yield start
    for server, thread in servers:
        server.shutdown()
        thread.join()
        server.server_close()


def test_no_room_for_a_while(refusing):
    """A call the service has no room for is sent again after the time it asks for, then after ever longer ones."""
    url, waits = refusing(2, "overloaded", 429)
    with remote.connect(url, "") as scorer:
        assert scorer.score({"items": []}) == {"results": []}
    assert waits == [0.5, 1.0]


def test_the_service_says_how_long(refusing):
    """The service's own word on when to come back goes first, within reason."""
    url, waits = refusing(2, "overloaded", 429, "900")
    with remote.connect(url, "") as scorer:
        scorer.score({"items": []})
    assert waits == [30.0, 30.0]


def test_no_room_at_all(refusing):
    """After a few tries the refusal is handed on."""
    url, waits = refusing(99, "verifier_unavailable", 503)
    with remote.connect(url, "") as scorer, pytest.raises(CallError) as caught:
        scorer.score({"items": []})
    assert caught.value.code == "verifier_unavailable"
    assert len(waits) == remote.TRIES - 1


def test_other_refusals_are_final(refusing):
    """What would be refused again is not sent again."""
    url, waits = refusing(1, "invalid_request", 422)
    with remote.connect(url, "") as scorer, pytest.raises(CallError):
        scorer.score({"items": []})
    assert waits == []


@pytest.mark.parametrize("url", ["localhost:8000", "ftp://x", "http://", "grpc://", "grpc://x:1/path", ""])
def test_urls_of_other_forms(url):
    """A URL says which transport it means."""
    with pytest.raises(CliError, match="write it as http://host:port, https://host:port or grpc://host:port"):
        remote.connect(url, "")
