"""HTTP and gRPC answer alike: the same verdicts, and the same refusals from the one error table."""

import threading
import time
from collections.abc import Mapping
from contextlib import ExitStack

import httpx2
import msgspec
import pytest
import toys
from background import running

from guerdon.clients.python import GrpcClient, HttpClient, ScoreError
from guerdon.services.contract.errors import ERRORS, InternalError, UnsupportedMediaType
from guerdon.services.contract.requests import Priority
from guerdon.services.gateway.core import RANKS, Gateway
from guerdon.services.gateway.settings import GatewaySettings
from guerdon.services.runtime.backend import OfferedVerifier
from guerdon.services.runtime.inprocess import InProcessBackend

KEY, LIMITED = "a-key-of-enough-length", "another-key-that-may-less"
ECHO = {"rewards": [{"name": "echo"}], "items": [{"completion": "1"}]}

REFUSALS = {
    "invalid_request": {"items": [{"id": "a"}], "rewards": [{"name": "echo"}]},
    "unknown_verifier": {**ECHO, "rewards": [{"name": "nope"}]},
    "unknown_profile": {"profile": "nope", "items": []},
    "batch_too_large": {**ECHO, "items": [{"completion": "1"}] * 65},
    "digest_mismatch": {**ECHO, "expect_digest": "sha256:0"},
    "verifier_unavailable": {**ECHO, "rewards": [{"name": "unstartable"}]},
    "deadline_exceeded": {"rewards": [{"name": "sleepy"}], "items": [{"completion": "90000"}], "timeout_ms": 100},
}
"""A body that is refused with each error."""

ANSWERS = {
    "a batch": ECHO,
    "nothing": {**ECHO, "items": []},
    "every kind of failure": {
        "rewards": [
            {"name": "broken", "weight": 0.5},
            {"name": "unstartable", "required": False},
            {"name": "truth"},
        ],
        "items": [
            {"id": text, "completion": text, "ground_truth": truth, "group_id": "g"}
            for text, truth in (("raise", "raise"), ("range", ["x", "y"]), ("fine", {"any_of": ["fine"]}))
        ]
        + [{"completion": "x"}, {"completion": "x", "ground_truth_ref": "nope"}],
    },
    "chats, groups and dependent rewards": {
        "aggregation": "weighted_mean",
        "metadata": {"run": "r", "step": 3},
        "ground_truths": {"t": {"all_of": ["1"]}},
        "rewards": [{"name": "truth"}, {"name": "shortest", "params": {"of": "truth"}, "weight": 2}],
        "items": [
            {
                "messages": [{"role": "user", "content": "q"}],
                "completion": [{"role": "assistant", "content": text}],
                "ground_truth_ref": "t",
                "group_id": "g",
                "finish_reason": "stop",
                "extra": {"a": [1, 2.5, None, True, {"b": "c"}]},
            }
            for text in ("1", "2", "1")
        ],
    },
    "gates": {**ECHO, "aggregation": "gated_sum", "rewards": [{"name": "echo", "gate": True}]},
}


class PressedBackend(InProcessBackend):
    """Has long work in hand before batch work, and one verifier whose version nobody knows yet."""

    def expected_wait_ms(self, verifier: str, rank: int) -> float:
        """Long for batch work."""
        return 40_500.0 if rank == RANKS[Priority.BATCH] else 0.0

    def offered(self) -> Mapping[str, OfferedVerifier]:
        """One is without version."""
        if "group" in self._offered and self._offered["group"].version:
            unknown = msgspec.structs.replace(self._offered["group"], version="")
            self._offered = {**self._offered, "group": unknown}
        return self._offered


def make_gateway(backend_kind=InProcessBackend) -> Gateway:
    """A gateway with keys and small limits."""
    backend = backend_kind([kind(kind.Settings()) for kind in toys.QUICK])
    keys = [{"name": "k", "secret": KEY}, {"name": "limited", "secret": LIMITED, "rewards": ["truth"]}]
    settings = {"port": 0, "grpc_port": 0, "api_keys": keys, "max_items": 64, "max_inflight_items": 64}
    return Gateway(backend, GatewaySettings.model_validate(settings))


@pytest.fixture(scope="module")
def addresses():
    """Where the service answers on both transports."""
    with running(make_gateway) as found:
        yield found


@pytest.fixture
def clients(addresses):
    """Makes one client per transport with a key."""
    with ExitStack() as stack:

        def make(key):
            http = stack.enter_context(HttpClient(addresses.http, api_key=key))
            return http, stack.enter_context(GrpcClient(addresses.grpc, api_key=key))

        yield make


def refusal(client, body) -> dict:
    """What a refused call is told."""
    with pytest.raises(ScoreError) as caught:
        client.score(body)
    error = caught.value
    return {
        "code": error.code,
        "status": error.status,
        "message": error.message,
        "pointers": error.pointers,
        "retryable": error.retryable,
        "retry_after_s": error.retry_after_s,
    }


def both_refuse(pair, body) -> dict:
    """What both transports say, which must be the same."""
    over_http, over_grpc = (refusal(client, body) for client in pair)
    assert over_http == over_grpc
    return over_http


@pytest.mark.parametrize("code", REFUSALS)
def test_refusals_are_the_same(clients, code):
    """Code, status, message and places of a refusal do not depend on the transport."""
    told = both_refuse(clients(KEY), REFUSALS[code])
    row = next(error.row for error in ERRORS if error.code() == code)
    assert (told["code"], told["status"], told["retryable"]) == (code, row.http, row.retryable)


@pytest.mark.parametrize(
    ("key", "code"), [(None, "unauthenticated"), ("wrong", "unauthenticated"), (LIMITED, "forbidden")]
)
def test_rights_are_the_same(clients, key, code):
    """A key opens and closes the same doors on both."""
    assert both_refuse(clients(key), ECHO)["code"] == code


def test_conflicts_are_the_same_across_transports(clients):
    """A call named over HTTP is known over gRPC."""
    http, grpc = clients(KEY)
    first = http.score({**ECHO, "request_id": "across"})
    assert grpc.score({**ECHO, "request_id": "across"})["results"] == first["results"]
    assert both_refuse((http, grpc), {**ECHO, "items": [], "request_id": "across"})["code"] == "conflict"


def test_overload_is_the_same(clients, addresses):
    """A full service turns both away with a time to come back."""
    pair = clients(KEY)
    body = {
        "rewards": [{"name": "sleepy"}],
        "items": [{"completion": "90000"}, {"completion": "1"}] * 32,
        "timeout_ms": 3000,
    }
    with HttpClient(addresses.http, api_key=KEY) as other:
        busy = threading.Thread(target=other.score, args=(body,))
        busy.start()
        while (
            "guerdon_inflight_items 64.0"
            not in httpx2.get(f"{addresses.http}/metrics", headers={"X-API-Key": KEY}).text
        ):
            time.sleep(0.01)
        told = both_refuse(pair, ECHO)
        busy.join()
    assert (told["code"], told["retry_after_s"]) == ("overloaded", 1.0)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"priority": "batch", "timeout_ms": 60_000}, "overloaded"),
        ({"expect_digest": "sha256:0"}, "verifier_unavailable"),
    ],
)
def test_refusals_with_a_time_to_come_back_are_the_same(fields, code):
    """Work that would wait too long, and a digest that nobody can tell yet."""
    with running(lambda: make_gateway(PressedBackend)) as addresses, ExitStack() as stack:
        http = stack.enter_context(HttpClient(addresses.http, api_key=KEY))
        grpc = stack.enter_context(GrpcClient(addresses.grpc, api_key=KEY))
        told = both_refuse((http, grpc), {**ECHO, **fields})
    assert told["code"] == code
    assert told["retryable"]
    assert told["retry_after_s"] in {1.0, 11.0}


def test_every_error_of_the_table_is_compared():
    """No row is left out but those one transport alone can meet."""
    compared = {*REFUSALS, "unauthenticated", "forbidden", "conflict", "overloaded"}
    elsewhere = {InternalError.code(), UnsupportedMediaType.code()}
    assert compared | elsewhere == {error.code() for error in ERRORS}


@pytest.mark.parametrize("name", ANSWERS)
def test_answers_are_the_same(clients, name):
    """Every field of an answer but its times and its made-up name is the same."""
    answers = [client.score(ANSWERS[name]) for client in clients(KEY)]
    for answer in answers:
        del answer["request_id"], answer["summary"]["latency_ms"]
        for result in answer["results"]:
            for component in result["components"]:
                del component["latency_ms"], component["queue_ms"], component["cached"], component["attempts"]
    assert answers[0] == answers[1]
    assert [r["id"] for r in answers[0]["results"]] == [
        i.get("id", str(n)) for n, i in enumerate(ANSWERS[name]["items"])
    ]


def test_descriptions_are_the_same(clients):
    """Both tell the same of rewards, profiles and limits."""
    http, grpc = clients(KEY)
    assert http.describe() == grpc.describe()
