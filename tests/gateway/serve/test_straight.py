"""Which requests go straight to the gateway of a process, and which take Serve's way."""

import pytest
from starlette.testclient import TestClient

from guerdon.services.gateway.serve import current
from guerdon.services.gateway.serve.current import current_app, current_gateway, set_app, set_gateway
from guerdon.services.gateway.serve.problems import ServeProblems
from guerdon.services.gateway.serve.straight import StraightToGateway, middlewares


def answering(text):
    """An application that answers every request with a text."""

    async def app(scope, receive, send):
        assert scope["type"] == "http"
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
        await send({"type": "http.response.body", "body": text.encode()})

    return app


@pytest.fixture(autouse=True)
def proxy(monkeypatch):
    """A process without a gateway, as it is at first and in proxies."""
    monkeypatch.setattr(current, "_app", None)
    monkeypatch.setattr(current, "_gateway", None)


@pytest.fixture
def client():
    """A client of a server of Serve's."""
    return TestClient(StraightToGateway(answering("Serve")))


def test_in_a_proxy_everything_takes_the_way_of_serve(client):
    """It has no gateway."""
    assert current_app() is None
    assert client.post("/score").text == "Serve"


@pytest.mark.parametrize(
    ("path", "who"),
    [("/score", "gateway"), ("/readyz", "gateway"), ("/-/healthz", "Serve"), ("/-/routes", "Serve")],
)
def test_in_a_replica_only_what_serve_itself_answers_takes_its_way(client, path, who):
    """The load balancer asks Serve for health, everybody else asks the gateway."""
    set_app(answering("gateway"))
    assert client.get(path).text == who


async def test_other_connections_are_left_to_serve():
    """What is no HTTP request is not the gateway's."""
    seen = []

    async def app(scope, receive, send):
        seen.append(scope["type"])

    set_app(answering("gateway"))
    await StraightToGateway(app)({"type": "lifespan"}, None, None)
    assert seen == ["lifespan"]


def test_what_is_put_in_front_of_servers():
    """Straight to the gateway first: what it answers itself needs no translation."""
    assert [middleware.cls for middleware in middlewares()] == [StraightToGateway, ServeProblems]


def test_the_gateway_of_a_process():
    """There is none until one was set."""
    assert current_gateway() is None
    gateway = object()
    set_gateway(gateway)
    assert current_gateway() is gateway
