"""Requests that are made to be expensive, to break something, or to hide something."""

import json

import pytest
import toys
from calls import component, request, scores

from guerdon.services.contract import Deadline, Item, Status, Verdict
from guerdon.services.contract.errors import BatchTooLarge, InvalidRequest
from guerdon.services.contract.requests import MAX_ITEMS, MAX_MESSAGES, MAX_REWARDS
from guerdon.services.gateway.core import Gateway
from guerdon.services.gateway.grpc.mapping_in import read_request
from guerdon.services.gateway.parse import parse_body
from guerdon.services.gateway.settings import GatewaySettings
from guerdon.services.runtime.inprocess import InProcessBackend
from guerdon.v1 import reward_pb2 as pb


def body(**fields: object) -> bytes:
    """A JSON body."""
    return json.dumps({"items": [], **fields}).encode()


@pytest.mark.parametrize("item", [{}, 1])
def test_items_beyond_any_limit_are_refused_before_they_are_read(item):
    """A body of tiny items would otherwise become gigabytes of objects."""
    with pytest.raises(BatchTooLarge):
        parse_body(body(items=[item] * (MAX_ITEMS + 1)))


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"rewards": [{"name": "echo"}] * (MAX_REWARDS + 1)}, "/rewards"),
        ({"items": [{"rewards": [{"name": "echo"}] * (MAX_REWARDS + 1)}]}, "/items/0/rewards"),
        ({"items": [{"messages": [{"role": "user"}] * (MAX_MESSAGES + 1)}]}, "/items/0/messages"),
    ],
)
def test_lists_inside_a_request_are_bounded(fields, pointer):
    """Lists of objects have limits of their own."""
    with pytest.raises(InvalidRequest) as refusal:
        parse_body(body(**fields))
    assert refusal.value.pointers[0].pointer == pointer


def test_more_faults_than_anybody_reads_are_counted_and_not_named():
    """Each fault that is named costs far more than the bytes that make it."""
    with pytest.raises(InvalidRequest, match="too many to be named"):
        parse_body(body(**{f"k{i}": 0 for i in range(30_000)}))


@pytest.mark.parametrize(
    "fields",
    [
        {"metadata": {f"k{i}": 0 for i in range(10_001)}},
        {"ground_truths": {f"k{i}": 0 for i in range(30_000)}},
        {"items": [{"extra": {f"k{i}": 0 for i in range(10_001)}}]},
    ],
)
def test_the_first_fault_in_an_object_is_enough(fields):
    """Objects that stand directly in a request are bounded in keys and read no further than their first fault."""
    with pytest.raises(InvalidRequest) as refusal:
        parse_body(body(**fields))
    assert len(refusal.value.pointers) <= 3


def test_parameters_are_no_place_for_data():
    """They are repeated for every item and remembered with the call, so they are small."""
    with pytest.raises(InvalidRequest, match="65536"):
        parse_body(body(rewards=[{"name": "echo", "params": {"k": "x" * 70_000}}]))


def test_texts_that_are_not_unicode_are_named_up_to_a_limit():
    """The search ends with the last place that is told."""
    with pytest.raises(InvalidRequest) as refusal:
        parse_body(b'{"items":[' + b'"\\ud800",' * 5000 + b"1]}")
    assert refusal.value.pointers[0].pointer == "/items/0"
    assert len(refusal.value.pointers) == 64


@pytest.mark.parametrize(
    ("message", "fault"),
    [
        (pb.ScoreRequest(items=[pb.Item()] * (MAX_ITEMS + 1)), BatchTooLarge),
        (pb.ScoreRequest(rewards=[pb.RewardSpec(name="echo")] * (MAX_REWARDS + 1)), InvalidRequest),
        (pb.ScoreRequest(items=[pb.Item(rewards=[pb.RewardSpec()] * (MAX_REWARDS + 1))]), InvalidRequest),
    ],
)
def test_lists_of_empty_messages_are_bounded_too(message, fault):
    """An empty message takes two bytes, so lists are counted before they are written out."""
    with pytest.raises(fault):
        read_request(message)


@pytest.mark.parametrize("fields", [{"extra": {"x": 10**30}}, {"ground_truth": {"value": 10**4000}}])
async def test_integers_of_any_size_are_judged(make_gateway, fields):
    """Numbers that no other format could hold break nothing."""
    gateway = await make_gateway(toys.ReaderVerifier)
    items = [{"completion": "1", **fields}, {"completion": "2"}]
    call = request(rewards="reader", request_id="r1", items=items)
    assert scores(await gateway.score(call)) == [1.0, 1.0]


async def test_the_callers_own_text_is_cut_in_explanations(gateway):
    """An explanation is repeated for every item, so a long name must not be."""
    rewards = [
        {"name": "echo", "params": {"k" * 10_000: 1}},
        {"name": "shortest", "params": {"of": "o" * 10_000}},
    ]
    items = [{"completion": "1", "group_id": "g"}]
    response = await gateway.score(request(rewards=rewards, items=items))
    for index in (0, 1):
        assert component(response, 0, index).status is Status.INVALID
        assert len(component(response, 0, index).explanation) < 500


class FaultyBackend(InProcessBackend):
    """Breaks down on one verifier, in the way it is told."""

    async def score(
        self, verifier: str, items: list[Item], deadline: Deadline, version: str = ""
    ) -> list[Verdict]:
        """Raise, or forget an item."""
        if verifier == "truth":
            raise RuntimeError("as asked")
        verdicts = await super().score(verifier, items, deadline, version)
        return verdicts[1:] if verifier == "reader" else verdicts


@pytest.mark.parametrize(("kind", "reward"), [(toys.TruthVerifier, "truth"), (toys.ReaderVerifier, "reader")])
async def test_a_backend_that_breaks_down_costs_its_chunk_and_not_the_call(kind, reward):
    """What another backend raises or leaves out is `error` with null for its items, beside all other verdicts."""
    backend = FaultyBackend([kind(kind.Settings()) for kind in (toys.EchoVerifier, kind)])
    async with Gateway(backend, GatewaySettings(port=0, grpc_port=0)) as gateway:
        await backend.wait_started()
        response = await gateway.score(request("1", "0.5", rewards=["echo", reward]))
    assert scores(response) == [1.0, 0.5]
    assert {component(response, item, 1).reason for item in (0, 1)} == {"backend_failed"}
    assert component(response, 0, 1).score is None
