"""Bytes that cannot be read are answered with the place that is at fault."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guerdon.services.contract.errors import InvalidRequest
from guerdon.services.gateway.grpc.wire import MAX_FIELDS, decode, request_id_of
from guerdon.v1 import reward_pb2 as pb

MARK = "MARK"


def spoilt(message: pb.ScoreRequest) -> bytes:
    """The message's bytes with what says MARK replaced by as many bytes that are no UTF-8."""
    return message.SerializeToString().replace(MARK.encode(), b"\xff\xfe\xff\xfe")


def faults(raw: bytes) -> dict[str, str]:
    """Pointers at which the bytes are refused, with what is said there."""
    with pytest.raises(InvalidRequest) as caught:
        decode(pb.ScoreRequest, raw)
    return {pointer.pointer: pointer.detail for pointer in caught.value.pointers}


def item(**fields) -> pb.ScoreRequest:
    """Two items, the second with these fields."""
    return pb.ScoreRequest(items=[pb.Item(completion="sound"), pb.Item(**fields)])


@pytest.mark.parametrize(
    ("message", "pointer"),
    [
        (pb.ScoreRequest(request_id=MARK), "/request_id"),
        (item(completion=MARK), "/items/1/completion"),
        (item(messages={"messages": [{}, {"content": MARK}]}), "/items/1/messages/1/content"),
        (item(completion_messages={"messages": [{"role": MARK}]}), "/items/1/completion_messages/0/role"),
        (item(rewards=[{"name": "a"}, {"name": MARK}]), "/items/1/rewards/1/name"),
        (item(ground_truth={"text": MARK}), "/items/1/ground_truth"),
        (item(ground_truth={"any_of": {"values": ["a", MARK]}}), "/items/1/ground_truth/any_of/1"),
        (item(ground_truth={"tests": {"cases": [{"input": MARK}]}}), "/items/1/ground_truth/cases/0/input"),
        (item(ground_truth={"tests": {"files": {"a/b": MARK}}}), "/items/1/ground_truth/files/a~1b"),
        (item(ground_truth={"tests": {"files": {MARK: "a"}}}), "/items/1/ground_truth/files"),
        (item(extra={"k": ["a", {"deep": MARK}]}), "/items/1/extra/k/1/deep"),
        (item(extra={"k": {MARK: 1}}), "/items/1/extra/k"),
        (pb.ScoreRequest(ground_truths={"g": {"text": MARK}}), "/ground_truths/g"),
    ],
)
def test_text_that_is_no_utf8_is_found(message, pointer):
    """The pointer leads to the very field, by its JSON path."""
    found = faults(spoilt(message))
    assert list(found) == [pointer]
    assert "not UTF-8" in found[pointer]


def test_every_bad_item_is_named():
    """All faulty places are told at once, up to a bound."""
    message = pb.ScoreRequest(items=[pb.Item(completion=MARK if i % 2 else "fine") for i in range(1000)])
    found = list(faults(spoilt(message)))
    assert found[:2] == ["/items/1/completion", "/items/3/completion"]
    assert len(found) == 64


def test_a_cut_off_item_is_named():
    """An item whose inside ends too early is pointed at, although the request around it is whole."""
    inner = pb.Item(completion="a long completion").SerializeToString()[:-3]
    raw = pb.ScoreRequest(items=[pb.Item()]).SerializeToString() + b"\x22" + bytes([len(inner)]) + inner
    assert faults(raw) == {"/items/1": "the bytes end in the middle of a field"}


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"\x0a\x05abc", "in the middle of a field"),
        (b"\x0a", "in the middle of a number"),
        (b"\xff" * 20, "in the middle of a number"),
        (b"\x07", "wire type 7"),
        (b"\x0d\x00", "in the middle of a field"),
        (b"\x00\x00", "not a message of type guerdon.v1.ScoreRequest"),
        (b"\x4a\x03\x0a\x05a", "in the middle of a field"),
    ],
)
def test_bytes_that_are_no_message_say_so(raw, said):
    """What is wrong with the wire format is told."""
    assert said in " ".join(faults(raw).values())


def test_nested_lists_are_refused_with_their_depth():
    """A list in a list in a list … is stopped at protobuf's limit."""
    value = b"\x1a\x01a"
    for _ in range(100):
        value = b"\x32" + _length(b"\x0a" + _length(value))
    raw = b"\x3a" + _length(b"\x0a" + _length(b"\x0a\x01k\x12" + _length(value)))
    ((pointer, detail),) = faults(raw).items()
    assert pointer.startswith("/metadata/k/0/0")
    assert "levels deep" in detail


def test_the_search_ends_after_a_bounded_number_of_fields():
    """Millions of tiny fields before the fault do not keep the service busy."""
    raw = b"\x28\x01" * (2 * MAX_FIELDS) + b"\x0a\x01\xff"
    assert faults(raw) == {"": f"the message is faulty after its first {MAX_FIELDS} fields"}


def test_the_request_id_of_bytes_with_a_fault_elsewhere():
    """A session can name the request it refuses."""
    assert request_id_of(spoilt(pb.ScoreRequest(request_id="mine", profile=MARK))) == "mine"
    assert request_id_of(spoilt(pb.ScoreRequest(request_id=MARK))) == ""
    assert request_id_of(b"\xff") == ""


@given(st.binary(max_size=200))
def test_any_bytes_are_decoded_or_refused(raw):
    """There is no third outcome, and a refusal always names a place."""
    outcome = None
    try:
        outcome = decode(pb.ScoreRequest, raw)
    except InvalidRequest as error:
        outcome = error.pointers
    assert outcome is not None
    assert outcome != ()
    assert isinstance(request_id_of(raw), str)


def _length(payload: bytes) -> bytes:
    """The payload behind its length."""
    size, prefix = len(payload), bytearray()
    while size >= 0x80:
        prefix.append(size & 0x7F | 0x80)
        size >>= 7
    return bytes([*prefix, size]) + payload
