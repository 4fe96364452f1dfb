"""How a body is read, and how its faults are named."""

import json

import pytest

from guerdon.services.contract.errors import InvalidRequest
from guerdon.services.gateway.idempotency import fingerprint
from guerdon.services.gateway.parse import MAX_POINTERS, parse_body, parse_request


def pointers(body: bytes) -> list[str]:
    """The places a refused body is faulty at."""
    with pytest.raises(InvalidRequest) as refusal:
        parse_body(body)
    return [pointer.pointer for pointer in refusal.value.pointers]


def body(*items: bytes) -> bytes:
    """A body whose items are written as given."""
    return b'{"rewards":[{"name":"echo"}],"items":[' + b",".join(items) + b"]}"


GOOD = b'{"completion":"1"}'


def test_the_friendly_forms_are_read():
    """Prompts and completions may be chats, ground truths strings, lists or objects."""
    request = parse_body(
        body(
            b'{"prompt":[{"role":"user","content":"q","name":"n"}],"completion":"1","ground_truth":["a"]}',
            b'{"completion":[{"role":"assistant","content":"1"}],"ground_truth":{"any_of":["a"]}}',
        )
    )
    assert request.items[0].prompt[0].content == "q"
    assert request.items[1].ground_truth == {"any_of": ["a"]}


def test_invalid_utf8_names_its_item():
    """The item whose bytes no UTF-8 can hold is named."""
    assert pointers(body(GOOD, b'{"completion":"\xff\xfe"}', GOOD)) == ["/items/1/completion"]


def test_every_lone_surrogate_is_named():
    """Escaped halves of characters are named wherever they stand."""
    bad = rb'{"completion":"\ud800","extra":{"k":["\udfff"]}}'
    assert pointers(body(GOOD, bad)) == ["/items/1/completion", "/items/1/extra/k/0"]


def test_a_surrogate_in_a_key_is_named_by_its_object():
    """A key that cannot be written is told by the object that holds it."""
    assert pointers(body(rb'{"completion":"1","extra":{"\ud800":1}}')) == ["/items/0/extra"]


@pytest.mark.parametrize("broken", [b"", b"{", b"nonsense", b"[" * 100_000, b"\xff", b'{"items":NaN'])
def test_what_is_not_json_is_refused(broken):
    """A body that cannot be read at all is refused as a whole."""
    assert pointers(broken) == [""]


def test_all_faults_are_told_at_once():
    """Each faulty item is named, so that one round trip mends a batch."""
    assert pointers(body(b'{"completion":5}', GOOD, b'{"completion":"1","ground_truth":7}')) == [
        "/items/0/completion",
        "/items/2/ground_truth",
    ]


def test_unknown_fields_are_refused():
    """A misspelt field is not a silent default."""
    assert pointers(body(b'{"completion":"1","grund_truth":"x"}')) == ["/items/0/grund_truth"]


def test_pointers_are_bounded():
    """A batch of broken items is not answered with a book."""
    assert len(pointers(body(*[b"{}", b'{"completion":5}'] * 500))) <= MAX_POINTERS


def test_slashes_and_tildes_are_escaped():
    """Pointers follow RFC 6901."""
    with pytest.raises(InvalidRequest) as refusal:
        parse_request({"items": [], "ground_truths": {"a/b~c": 7}})
    assert refusal.value.pointers[0].pointer == "/ground_truths/a~1b~0c"


@pytest.mark.parametrize("weight", ["Infinity", "NaN", "1e9"])
def test_weights_are_finite_and_bounded(weight):
    """A weight that would make totals meaningless is refused."""
    text = json.dumps({"items": [], "rewards": [{"name": "echo", "weight": 0}]}).replace(": 0}", f": {weight}}}")
    assert pointers(text.encode()) in (["/rewards/0/weight"], [""])


@pytest.mark.parametrize("number", ["NaN", "1e999", "-Infinity"])
@pytest.mark.parametrize("place", ["metadata", "items/0/extra", "items/0/ground_truth"])
def test_free_json_holds_only_finite_numbers(number, place):
    """A number that JSON does not have is refused wherever it stands, as over gRPC."""
    free = f'{{"a":[{number}]}}'
    field = place.rpartition("/")[2]
    item = f'{{"completion":"1","{field}":{free}}}' if place.startswith("items") else '{"completion":"1"}'
    metadata = free if place == "metadata" else "{}"
    found = pointers(f'{{"items":[{item}],"metadata":{metadata}}}'.encode())
    assert found[0].startswith(f"/{place}")


def test_equal_requests_have_one_fingerprint():
    """The order of keys and what is spelt out by default make no other call."""
    one = parse_body(b'{"request_id":"a","items":[{"completion":"1","extra":{"x":1,"y":2}}]}')
    two = parse_body(b'{"items":[{"extra":{"y":2,"x":1},"finish_reason":"","completion":"1"}],"timeout_ms":5}')
    assert fingerprint(one) == fingerprint(two)
    assert fingerprint(one) != fingerprint(parse_body(b'{"items":[{"completion":"2"}]}'))


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ({}, {"extra": {}, "prompt": "", "rewards": []}, True),
        ({"extra": {"a": 1, "b": {"c": 2, "d": 3}}}, {"extra": {"b": {"d": 3, "c": 2}, "a": 1}}, True),
        ({"finish_reason": None}, {"finish_reason": ""}, False),
        ({"prompt": "x"}, {"domain": "x"}, False),
        ({"rewards": [{"name": "r"}]}, {"rewards": [{"name": "r", "weight": 2}]}, False),
        ({"messages": [{"role": "user"}]}, {"messages": [{"role": "user", "content": "x"}]}, False),
    ],
)
def test_a_fingerprint_is_of_what_is_meant(one, other, equal):
    """Defaults written out and the order of keys mean nothing; every value in its own field does."""
    first, second = (parse_request({"items": [{"completion": "1", **item}]}) for item in (one, other))
    assert (fingerprint(first) == fingerprint(second)) == equal


def test_name_and_time_of_a_call_are_not_in_its_fingerprint():
    """A call sent again may wait for another time; its name is what it is looked up by."""
    first, second = (
        parse_request({"items": [], "request_id": name, "timeout_ms": ms}) for name, ms in (("a", 1), ("b", 2))
    )
    assert fingerprint(first) == fingerprint(second)
