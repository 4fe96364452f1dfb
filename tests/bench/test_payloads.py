"""Payloads: fixed sizes, the same bytes in every run."""

import json

import pytest

from guerdon.services.bench.checks import SLEEP, SPIN
from guerdon.services.bench.payloads import Payload, body_of, encode, make_request
from guerdon.v1 import reward_pb2 as pb


@pytest.mark.parametrize(("items", "item_bytes"), [(64, 1000), (3, 4000), (2, 128_000), (1, 700_000)])
def test_sizes(items, item_bytes):
    """So many items, each completion so long."""
    request = make_request(Payload(items=items, item_bytes=item_bytes, rewards=("bench_a",)))
    assert [len(item["completion"].encode()) for item in request["items"]] == [item_bytes] * items
    assert len({item["id"] for item in request["items"]}) == items


def test_seeds():
    """A seed decides the bytes."""
    first, same, other = (Payload(items=4, item_bytes=300, rewards=("bench_a",), seed=seed) for seed in (1, 1, 2))
    assert encode(make_request(first), "http") == encode(make_request(same), "http")
    assert encode(make_request(first), "http") != encode(make_request(other), "http")


def test_both_transports_carry_the_same():
    """The JSON and the message say the same."""
    payload = Payload(items=2, item_bytes=300, rewards=("bench_a", "bench_sleep"), work_ms=5.0)
    plain = json.loads(body_of(payload, "http"))
    message = pb.ScoreRequest.FromString(body_of(payload, "grpc"))
    assert [reward.name for reward in message.rewards] == [reward["name"] for reward in plain["rewards"]]
    assert message.rewards[1].params["ms"] == plain["rewards"][1]["params"]["ms"] == 5.0
    assert message.timeout_ms == plain["timeout_ms"]
    for item, sent in zip(message.items, plain["items"], strict=True):
        assert (item.id, item.prompt, item.completion, item.ground_truth.text, item.group_id) == tuple(
            sent[name] for name in ("id", "prompt", "completion", "ground_truth", "group_id")
        )


@pytest.mark.parametrize(("hang", "marker"), [("spin", SPIN), ("sleep", SLEEP)])
def test_hanging_items(hang, marker):
    """Five per cent of the items hang where asked for, and none otherwise."""
    payload = Payload(items=200, item_bytes=300, rewards=("bench_hang",), hang=hang)
    marked = [item["completion"].startswith(marker) for item in make_request(payload)["items"]]
    assert sum(marked) == payload.hanging == 10
    assert Payload(items=200, item_bytes=300, rewards=("bench_hang",)).hanging == 0


def test_verdicts_owed():
    """One for each item and reward."""
    assert Payload(items=5, item_bytes=300, rewards=("a", "b", "c")).verdicts == 15
