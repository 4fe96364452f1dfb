"""What of the bundled batch is left out on a service that lacks a verifier, and what is said of it."""

import pytest

from guerdon.services.cli.demo import DemoItem, Expected
from guerdon.services.cli.demo_offer import judgeable, left_out
from guerdon.services.contract import Status

RIGHT = Expected(Status.OK, 1.0, None)
SUM = DemoItem(item={"id": "a"}, expect={"math": RIGHT, "format": RIGHT}, note="")
PROGRAM = DemoItem(item={"id": "b"}, expect={"code": RIGHT, "format": RIGHT}, note="")
THOUGHT = DemoItem(item={"id": "c"}, expect={"language": RIGHT, "format": RIGHT}, note="")
BATCH = [SUM, PROGRAM, THOUGHT]


def offer(**states: str) -> dict:
    """What a service with rewards in these states describes."""
    return {"verifiers": [{"name": name, "state": state} for name, state in states.items()]}


READY = offer(math="ready", code="ready", language="ready")


@pytest.mark.parametrize(
    ("over_http", "over_grpc", "judged", "lacking"),
    [
        (READY, READY, BATCH, {}),
        (offer(math="unavailable", code="ready", language="ready"), READY, BATCH, {}),
        (offer(math="ready"), offer(math="ready"), [SUM], {"code": "missing", "language": "missing"}),
        (offer(code="unavailable", language="ready"), READY, [SUM, THOUGHT], {"code": "unavailable"}),
        (READY, offer(code="ready", language="starting"), [SUM, PROGRAM], {"language": "starting"}),
    ],
)
def test_some_items_need_a_verifier_that_is_ready(over_http, over_grpc, judged, lacking):
    """Both transports have to offer it; the other items are always judged."""
    assert judgeable(BATCH, [over_http, over_grpc]) == (judged, lacking)


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("missing", "2 items with programs are left out: this service runs without the verifier code."),
        ("starting", "2 items with programs are left out: the verifier code is starting."),
    ],
)
def test_what_is_left_out_is_said(service, state, said):
    """One line says how many items there are and what is lacking."""
    assert left_out("code", 2, state, service.http, "") == said


def test_a_service_that_tells_no_reason():
    """Where the reason cannot be had the state is told without it."""
    assert left_out("code", 2, "unavailable", "http://127.0.0.1:1", "").endswith(
        "the verifier code is unavailable."
    )
