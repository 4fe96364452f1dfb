"""Messages of the gRPC interface, as a client of it reads and writes them."""

from __future__ import annotations

from typing import Any

from google.protobuf.message import DecodeError

from guerdon.v1 import reward_pb2 as pb

Component = tuple[str, float | None, bool]


def request_bytes(request: dict[str, Any]) -> bytes:
    """The bytes of a ``ScoreRequest`` that says what a body of ``POST /score`` says."""
    message = pb.ScoreRequest(timeout_ms=request["timeout_ms"])
    for reward in request["rewards"]:
        message.rewards.add(name=reward["name"]).params.update(reward.get("params", {}))
    for item in request["items"]:
        fields = {name: value for name, value in item.items() if name != "ground_truth"}
        message.items.add(**fields).ground_truth.text = item["ground_truth"]
    return message.SerializeToString()


def response_components(raw: bytes) -> list[Component]:
    """Status, score and origin of every component of a ``ScoreResponse``.

    Raises:
        ValueError: these bytes are none.
    """
    try:
        response = pb.ScoreResponse.FromString(raw)
    except DecodeError as cause:
        raise ValueError(str(cause)) from None
    return [component for result in response.results for component in _components(result)]


def event_components(raw: bytes) -> list[Component] | str | None:
    """What a ``ScoreEvent`` brings: the components of a result, the message of an error, or None for a summary."""
    event = pb.ScoreEvent.FromString(raw)
    if event.HasField("error"):
        return str(event.error.message)
    return _components(event.result) if event.HasField("result") else None


def event_item(raw: bytes) -> str:
    """The id of the item that a ``ScoreEvent`` tells of."""
    return pb.ScoreEvent.FromString(raw).result.id


def _components(result: pb.ItemResult) -> list[Component]:
    return [
        (
            pb.ResultStatus.Name(part.status).removeprefix("RESULT_STATUS_").lower(),
            part.score if part.HasField("score") else None,
            part.cached,
        )
        for part in result.components
    ]
