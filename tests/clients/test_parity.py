"""The same request gives the same answer over both transports."""

import copy
import json

import pytest

from guerdon.clients.python import ScoreError

CHAT = [
    {"role": "user", "content": "say 1", "name": "ignored"},
    {"role": "assistant", "content": "1", "reasoning_content": "hm"},
]
REQUESTS = {
    "scores": {"rewards": [{"name": "echo"}], "items": [{"completion": "0.5"}, {"completion": "no number"}]},
    "no verdict": {
        "rewards": [{"name": "echo", "weight": 0.5}, {"name": "unstartable", "required": False}],
        "items": [{"id": "a", "completion": "1"}],
    },
    "every status": {
        "items": [
            {"completion": "1", "rewards": [{"name": "truth"}]},
            {"completion": "raise", "rewards": [{"name": "broken"}]},
            {"completion": "1", "rewards": [{"name": "rank"}]},
            {"completion": "1", "rewards": [{"name": "echo", "params": {"typo": 1}}]},
        ]
    },
    "ground truths": {
        "rewards": [{"name": "truth"}],
        "ground_truths": {"g": ["1", "2"]},
        "items": [
            {"completion": "1", "ground_truth": "1"},
            {"completion": "1", "ground_truth": {"text": "1"}},
            {"completion": "2", "ground_truth": ["1", "2"]},
            {"completion": "1", "ground_truth": {"all_of": ["1", "2"]}},
            {"completion": "2", "ground_truth_ref": "g"},
            {"completion": "2", "ground_truth_ref": "unknown"},
        ],
    },
    "chats": {
        "rewards": [{"name": "echo"}],
        "items": [
            {"messages": CHAT[:1], "completion": "1"},
            {"prompt": CHAT[:1], "completion": CHAT},
            {"prompt": "say 1", "completion_messages": CHAT},
            {"prompt": [], "messages": [], "completion_messages": [], "completion": "1"},
        ],
    },
    "groups with details": {
        "aggregation": "weighted_mean",
        "priority": "eval",
        "metadata": {"run": "a", "step": 1},
        "rewards": [{"name": "echo"}, {"name": "rank"}, {"name": "shortest", "params": {"of": "echo"}}],
        "items": [
            {"completion": "1", "group_id": "g", "extra": {"any": [1, None]}, "completion_ids": [1]},
            {"completion": "0.25", "group_id": "g", "finish_reason": None, "language": "en", "domain": "safety"},
        ],
    },
    "gates": {
        "aggregation": "gated_sum",
        "rewards": [{"name": "echo", "gate": True}],
        "items": [{"completion": "0.5"}, {"completion": "1"}],
    },
    "nothing": {"rewards": [{"name": "echo"}], "items": []},
}


def without_times(answer):
    """An answer without what differs between two calls of the same request."""
    answer = copy.deepcopy(answer)
    del answer["request_id"], answer["summary"]["latency_ms"]
    for result in answer["results"]:
        for component in result["components"]:
            for name in ("latency_ms", "queue_ms", "cached", "attempts"):
                del component[name]
    return answer


@pytest.mark.parametrize("name", REQUESTS)
def test_answers_are_identical(clients, name):
    """Down to the last JSON character, apart from times and what the cache saved."""
    over_http = without_times(clients["http"].score(REQUESTS[name]))
    over_grpc = without_times(clients["grpc"].score(REQUESTS[name]))
    assert over_grpc == over_http
    assert json.dumps(over_grpc, sort_keys=True) == json.dumps(over_http, sort_keys=True)


def test_a_call_repeated_over_the_other_transport_is_the_same_call(clients):
    """The same request_id and body are one call, whatever carries it."""
    request = {"request_id": "both-ways", "metadata": {"run": "a", "step": 1}, **REQUESTS["scores"]}
    assert clients["grpc"].score(request) == clients["http"].score(request)


def test_descriptions_are_identical(clients):
    """Both transports tell the same rewards, profiles and limits."""
    over_http, over_grpc = clients["http"].describe(), clients["grpc"].describe()
    assert json.dumps(over_grpc, sort_keys=True) == json.dumps(over_http, sort_keys=True)
    assert {verifier["name"] for verifier in over_grpc["verifiers"]} >= {"echo", "truth"}


def test_a_missing_verdict_is_none(client):
    """Never 0."""
    result = client.score(REQUESTS["no verdict"])["results"][0]
    assert (result["status"], result["total"], result["missing"]) == ("partial", 0.5, ["unstartable"])
    assert result["components"][1]["score"] is None
    assert result["components"][0]["error"] is None


REFUSED = {
    "no rewards": {"items": [{"completion": "1"}]},
    "bad field": {"rewards": [{"name": "echo"}], "items": [{"completion": "1", "completion_ids": [-1]}]},
    "unknown reward": {"rewards": [{"name": "nope"}], "items": [{"completion": "1"}]},
    "unknown profile": {"profile": "nope", "items": []},
    "other digest": {"rewards": [{"name": "echo"}], "items": [], "expect_digest": "sha256:0"},
    "too many": {"rewards": [{"name": "echo"}], "items": [{"completion": "1"}] * 4097},
    "nobody there": {"rewards": [{"name": "unstartable"}], "items": [{"completion": "1"}]},
    "too late": {"rewards": [{"name": "sleepy"}], "items": [{"completion": "90000"}], "timeout_ms": 30},
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals_are_identical(clients, name):
    """Code, message, places, retry advice and status are the same."""
    over_http, over_grpc = (caught(clients[transport], REFUSED[name]) for transport in ("http", "grpc"))
    assert over_grpc.args == over_http.args
    assert over_grpc.status >= 400


def caught(client, request):
    """The error of a call that must fail."""
    with pytest.raises(ScoreError) as error:
        client.score(request)
    return error.value
