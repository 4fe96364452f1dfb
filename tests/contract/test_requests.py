"""The request as callers write it."""

from typing import Any

import pytest
from pydantic import ValidationError

from guerdon.services.contract.requests import Aggregation, Priority, ScoreRequest


def request(**fields: Any) -> ScoreRequest:
    """A request with one item, and whatever else is given."""
    return ScoreRequest.model_validate({"items": [{"completion": "42"}], **fields})


def test_little_has_to_be_said():
    """One item is a request; everything else has a default."""
    asked = request()
    assert (asked.priority, asked.aggregation, asked.timeout_ms) == (Priority.TRAIN, None, 0)
    assert asked.items[0].completion == "42"


@pytest.mark.parametrize(
    "item",
    [
        {"completion": "x", "prompt": "q"},
        {"completion": "x", "prompt": [{"role": "user", "content": "q", "name": "ignored"}]},
        {"completion": "x", "messages": [{"role": "user", "content": "q"}]},
        {"completion": [{"role": "assistant", "content": "x", "reasoning_content": "r"}]},
        {"completion_messages": [{"role": "assistant", "content": "x"}]},
        {"completion": "x", "ground_truth": "42"},
        {"completion": "x", "ground_truth": ["42", "6 * 7"]},
        {"completion": "x", "ground_truth": {"kind": "stdio", "cases": []}},
        {"completion": "x", "finish_reason": None},
        {"completion": "x", "rewards": [{"name": "math", "weight": -1, "params": {"a": [1]}, "required": False}]},
    ],
)
def test_friendly_forms_are_accepted(item: dict[str, Any]):
    """Text or messages, string or list or object."""
    assert request(items=[item]).items


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"items": [{"completion": 42}]}, ("items", 0, "completion")),
        ({"items": [{"completion": "x", "ground_truth": 42}]}, ("items", 0, "ground_truth")),
        ({"items": [{"completion": "x", "answer": "42"}]}, ("items", 0, "answer")),
        ({"items": [{"completion": "x", "id": "x" * 257}]}, ("items", 0, "id")),
        ({"items": [{"completion": "x", "completion_ids": [-1]}]}, ("items", 0, "completion_ids", 0)),
        ({"rewards": [{"name": ""}]}, ("rewards", 0, "name")),
        ({"rewards": [{"name": "math", "weight": float("nan")}]}, ("rewards", 0, "weight")),
        ({"rewards": [{"name": "math", "weigth": 1.0}]}, ("rewards", 0, "weigth")),
        ({"timeout_ms": -1}, ("timeout_ms",)),
        ({"aggregation": "product"}, ("aggregation",)),
        ({"priority": "urgent"}, ("priority",)),
        ({"batch": []}, ("batch",)),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_place(fields: dict[str, Any], place: tuple[object, ...]):
    """A misspelt field is not a silent default."""
    with pytest.raises(ValidationError) as caught:
        request(**fields)
    assert any(fault["loc"][: len(place)] == place for fault in caught.value.errors())


def test_a_request_without_items_is_none():
    """There is nothing to answer."""
    with pytest.raises(ValidationError):
        ScoreRequest.model_validate({})


@pytest.mark.parametrize("name", ["weighted_sum", "weighted_mean", "gated_sum"])
def test_ways_to_a_total_are_named(name: str):
    """Each of the promised aggregations can be asked for."""
    assert request(aggregation=name).aggregation == Aggregation(name)


def test_every_field_is_described():
    """The schema that callers read explains each field."""
    schema = ScoreRequest.model_json_schema()
    for model in (schema, *schema["$defs"].values()):
        for name, field in model.get("properties", {}).items():
            named = schema["$defs"].get(field.get("$ref", "").rpartition("/")[2], {})
            assert field.get("description") or named.get("description"), name
