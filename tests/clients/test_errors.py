"""What callers are told when a call fails."""

import pickle
import socket
import threading
from concurrent import futures
from http.server import BaseHTTPRequestHandler, HTTPServer

import grpc
import pytest

import guerdon.clients.python as sdk
from guerdon.clients.python import GrpcClient, HttpClient, Pointer, ScoreError

ONE = {"rewards": [{"name": "echo"}], "items": [{"completion": "1"}]}
KEY = "a-key-of-enough-length"


def error_of(client, request, **options) -> ScoreError:
    """The error of a call that must fail."""
    with pytest.raises(ScoreError) as caught:
        client.score(request, **options)
    return caught.value


def test_the_public_names():
    """No message of the protocol is among what the package offers."""
    assert sdk.__all__ == ["GrpcClient", "HttpClient", "Pointer", "ScoreError"]


def test_an_error_survives_pickling():
    """Errors cross the borders of processes with all they say."""
    error = ScoreError("overloaded", "no room", 429, (Pointer("/a", "b"),), retryable=True, retry_after_s=1.5)
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert again.args == error.args
    assert (again.code, again.retry_after_s, str(again)) == ("overloaded", 1.5, "overloaded: no room")


@pytest.mark.parametrize("key", [None, "a-wrong-key"])
def test_a_key_is_sent_and_needed(run_another, key):
    """With the key calls are answered, without it or with another they are refused."""
    with run_another(api_keys=[{"name": "k", "secret": KEY}]) as addresses:
        for make, address in ((HttpClient, addresses.http), (GrpcClient, addresses.grpc)):
            with make(address, KEY) as client:
                assert client.score(ONE)["results"][0]["total"] == 1.0
            with make(address, key) as client:
                assert (error_of(client, ONE).code, error_of(client, ONE).status) == ("unauthenticated", 401)


def test_a_service_that_is_not_there_is_unreachable():
    """Nobody listens: worth another try, but no verdict."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    for client in (HttpClient(f"http://127.0.0.1:{port}"), GrpcClient(f"127.0.0.1:{port}")):
        with client:
            error = error_of(client, ONE, timeout_ms=1000)
            assert (error.code, error.status, error.retryable) == ("unreachable", 503, True)


def test_a_service_that_never_answers_is_given_up(monkeypatch):
    """Some time after the call's own the client stops to wait."""
    monkeypatch.setattr("guerdon.clients.python._base.GRACE_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent, HttpClient(_url(silent)) as client:
        error = error_of(client, ONE, timeout_ms=1)
    assert (error.code, error.status, error.retryable) == ("deadline_exceeded", 504, True)


def test_a_grpc_service_that_never_answers_is_given_up(monkeypatch):
    """The same over gRPC, where the deadline travels."""
    monkeypatch.setattr("guerdon.clients.python._base.GRACE_S", 0.2)
    released = threading.Event()
    with odd_grpc(lambda *_: b"" if released.wait(60) else None) as target, GrpcClient(target) as client:
        error = error_of(client, ONE, timeout_ms=1)
        released.set()
    assert (error.code, error.status) == ("deadline_exceeded", 504)


def test_the_timeout_of_the_call_takes_the_place_of_the_request_s(client):
    """``timeout_ms`` bounds the call; what is done by then is answered."""
    request = {"rewards": [{"name": "sleepy"}], "items": [{"completion": "1"}, {"completion": "90000"}]}
    answer = client.score({**request, "timeout_ms": 60_000}, timeout_ms=100)
    assert [result["status"] for result in answer["results"]] == ["ok", "timeout"]


@pytest.mark.parametrize(
    ("status", "body", "retryable"),
    [(502, b"<html>bad gateway</html>", True), (404, b"{}", False), (500, b"[1]", False)],
)
def test_an_answer_that_is_not_ours_is_told_apart(status, body, retryable):
    """A proxy's page is no verdict of the service on the request."""

    class Odd(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Odd) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        with HttpClient(_url(server.socket)) as client:
            error = error_of(client, ONE)
        thread.join()
    assert (error.code, error.status, error.retryable) == ("unexpected_answer", status, retryable)


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (grpc.StatusCode.RESOURCE_EXHAUSTED, ("batch_too_large", 413, False)),
        (grpc.StatusCode.UNIMPLEMENTED, ("unexpected_answer", 500, False)),
    ],
)
def test_a_status_that_is_not_ours_is_told_apart(code, told):
    """A status without our details comes from the transport or from something in between."""
    with (
        odd_grpc(lambda _request, context: context.abort(code, "as it is")) as target,
        GrpcClient(target) as client,
    ):
        error = error_of(client, ONE)
    assert (error.code, error.status, error.retryable) == told
    assert "as it is" in error.message


class odd_grpc:  # noqa: N801 - used as a context manager
    """A gRPC server that answers Score in one way."""

    def __init__(self, behaviour) -> None:
        handler = grpc.unary_unary_rpc_method_handler(behaviour)
        self.server = grpc.server(futures.ThreadPoolExecutor(1))
        service = grpc.method_handlers_generic_handler("guerdon.v1.RewardService", {"Score": handler})
        self.server.add_generic_rpc_handlers((service,))

    def __enter__(self) -> str:
        port = self.server.add_insecure_port("127.0.0.1:0")
        self.server.start()
        return f"127.0.0.1:{port}"

    def __exit__(self, *_: object) -> None:
        self.server.stop(None).wait()


def _url(listener: socket.socket) -> str:
    return f"http://127.0.0.1:{listener.getsockname()[1]}"
