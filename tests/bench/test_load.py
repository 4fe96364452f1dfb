"""The load generator against real servers."""

import pytest

from guerdon.services.bench.checks import REWARDS_OF_COUNT
from guerdon.services.bench.errors import BenchError
from guerdon.services.bench.generator import Generator, perform
from guerdon.services.bench.jobs import LoadJob
from guerdon.services.bench.payloads import Payload

SMALL = Payload(items=3, item_bytes=300, rewards=("bench_a", "bench_b"))


@pytest.mark.parametrize("transport", ["http", "grpc"])
@pytest.mark.parametrize("concurrency", [1, 4])
def test_every_verdict_of_the_service_is_counted(inprocess, send, transport, concurrency):
    """Answers are read: so many calls, so many verdicts, nothing missing."""
    window = send(inprocess, SMALL, transport, concurrency=concurrency)
    calls = len(window.latencies_ms)
    assert calls >= 3
    assert window.expected == window.statuses["ok"] == 6 * calls
    assert window.sizes == [6] * calls
    assert (window.missing, window.failures, window.refused_ms, window.expired) == (0, {}, [], 0)
    assert window.cpu_s is not None


@pytest.mark.parametrize("count", REWARDS_OF_COUNT)
def test_the_bare_server_answers_in_our_shape(bare, send, count):
    """It is read by the same code."""
    window = send(bare, Payload(items=5, item_bytes=300, rewards=REWARDS_OF_COUNT[count]))
    assert window.missing == 0
    assert window.expected == window.statuses["ok"]


def test_the_plain_function(generator):
    """It needs no server, and its CPU time is its own."""
    window = generator.run(LoadJob(transport="function", payload=SMALL, seconds=0.05))
    assert window.missing == 0
    assert window.cpu_s > 0


@pytest.mark.parametrize("transport", ["http", "grpc"])
def test_no_verifiers_means_from_the_cache(inprocess, send, transport):
    """After the first call all verdicts come from the cache; those of the other stubs never do."""
    cached = send(inprocess, Payload(items=3, item_bytes=300, rewards=REWARDS_OF_COUNT[0]), transport)
    assert cached.cached == cached.expected > 0
    assert send(inprocess, SMALL, transport).cached == 0


@pytest.mark.parametrize("transport", ["http", "grpc"])
def test_calls_that_fail_are_told(inprocess, send, transport):
    """A refusal that is not for want of room is a failure, with the service's words."""
    window = send(inprocess, Payload(items=1, item_bytes=300, rewards=("no_such",)), transport)
    (message,) = window.failures
    assert "no_such" in message
    assert window.latencies_ms == []


@pytest.mark.parametrize("transport", ["http", "grpc"])
def test_missing_verdicts_are_told(inprocess, send, transport):
    """An item that hangs beyond the deadline is missing; it is not a failed call."""
    payload = Payload(
        items=2, item_bytes=300, rewards=("bench_hang",), hang="sleep", hang_share=0.5, timeout_ms=500
    )
    window = send(inprocess, payload, transport, seconds=0.0, min_calls=1, warm_up=0)
    assert window.missing == 1
    assert window.statuses == {"ok": 1, "timeout": 1}


@pytest.mark.parametrize("transport", ["http", "grpc"])
def test_nobody_listens(generator, transport):
    """A server that is not there is a failed call and no error of the generator."""
    address = "http://127.0.0.1:9" if transport == "http" else "127.0.0.1:9"
    window = generator.run(
        LoadJob(transport=transport, address=address, payload=SMALL, seconds=0.0, min_calls=1, warm_up=0)
    )
    assert sum(window.failures.values()) == 1


@pytest.mark.parametrize("transport", ["http", "grpc"])
def test_a_rate_is_kept_whatever_becomes_of_the_calls(inprocess, send, transport):
    """So many calls are begun, though each takes far longer than the time between two."""
    payload = Payload(items=1, item_bytes=300, rewards=("bench_sleep",), work_ms=20.0)
    window = send(inprocess, payload, transport, rate=100.0, seconds=0.2)
    assert len(window.latencies_ms) == 20
    assert window.missing == 0


def test_a_job_can_run_without_a_process(bare):
    """The same work in this process."""
    job = LoadJob(transport="http", address=bare.http, payload=SMALL, seconds=0.05)
    assert perform(job).missing == 0
    assert perform(job).cpu_s is None


def test_a_generator_that_is_gone():
    """Its end is an error that says how it ended."""
    generator = Generator()
    with generator:
        generator._child._process.kill()
        with pytest.raises(BenchError, match="generator ended with exit code -9"):
            generator.run(LoadJob(transport="function", payload=SMALL, seconds=0.05))
