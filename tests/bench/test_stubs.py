"""The verifiers for load, as the service runs them."""

import pytest

from guerdon.services.bench.checks import CHECKS, REWARDS_OF_COUNT, check
from guerdon.services.bench.payloads import Payload, make_request
from guerdon.services.bench.serve_inprocess import verifiers
from guerdon.services.bench.stubs import STUBS, WorkParams
from guerdon.services.contract.registry import load_verifiers


def test_stubs_are_not_registered():
    """A deployment never offers them by itself."""
    assert not {stub.name for stub in STUBS} & set(load_verifiers())


def test_only_the_cached_stub_may_be_cached():
    """All others are asked each time."""
    assert [stub.name for stub in STUBS if stub.rewards[0].deterministic] == list(REWARDS_OF_COUNT[0])


@pytest.mark.parametrize("reward", CHECKS)
def test_checks_find_what_payloads_hold(reward):
    """Each expression is searched to the end of a completion, and found there."""
    request = make_request(Payload(items=4, item_bytes=2000, rewards=(reward,)))
    assert [check(reward, item["completion"]) for item in request["items"]] == [1.0] * 4
    assert check(reward, "nothing of the kind") == 0.0


def test_other_rewards_are_checked_like_the_first():
    """So that the floors can stand beside a service with rewards of its own."""
    assert check("format", "\\boxed{1}") == 1.0
    assert check("format", "1") == 0.0


def test_the_service_has_the_stubs_and_what_is_asked_for():
    """Registered verifiers stand beside the stubs."""
    names = [verifier.name for verifier in verifiers(["format"], slots=3)]
    assert names == [*(stub.name for stub in STUBS), "format"]


def test_sleeping_items_are_judged_one_after_the_other(inprocess, send):
    """One slot: a batch takes the sum of its items' times."""
    window = send(
        inprocess,
        Payload(items=4, item_bytes=200, rewards=("bench_sleep",), work_ms=20.0),
        min_calls=1,
        seconds=0.0,
    )
    assert window.statuses == {"ok": 4}
    assert min(window.latencies_ms) >= 80.0


def test_sleeping_stops_at_the_deadline(inprocess, send):
    """What is not slept for in time has no verdict."""
    payload = Payload(items=4, item_bytes=200, rewards=("bench_sleep",), work_ms=60_000.0, timeout_ms=100)
    window = send(inprocess, payload, seconds=0.0, min_calls=1, warm_up=0)
    assert "ok" not in window.statuses
    assert WorkParams().ms == 100.0
