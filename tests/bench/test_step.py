"""Steps on a real service."""

import pytest

from guerdon.services.bench.jobs import StepJob
from guerdon.services.bench.step import measure_steps
from guerdon.services.bench.step_load import batches_of
from guerdon.services.bench.targets import InProcessTarget


@pytest.mark.parametrize("transport", ["grpc", "http"])
def test_a_step_gets_every_verdict(inprocess, generator, transport):
    """Each completion is judged once by each reward, and none comes from the cache."""
    (result,) = measure_steps(
        inprocess,
        generator,
        transports=[transport],
        steps=2,
        completions=48,
        span_s=0.2,
        seed={"grpc": 100, "http": 200}[transport],
    )
    assert result.problems.count == 0
    assert (result.transport, result.steps, result.completions) == (transport, 2, 48)
    assert result.cached_share == 0.0
    assert result.core_s_per_1000 > 0


def test_a_transport_that_the_target_does_not_speak(bare, generator):
    """Is left out."""
    assert measure_steps(bare, generator, transports=["grpc"], steps=1) == []


@pytest.fixture(scope="module")
def without_math():
    """A service that has only the stubs."""
    target = InProcessTarget()
    target.start()
    yield target
    target.stop()


@pytest.mark.parametrize("transport", ["grpc", "http"])
def test_what_cannot_be_judged_is_told(generator, without_math, transport):
    """A service without the rewards of a step fails visibly, and every verdict is missing."""
    address = without_math.grpc if transport == "grpc" else without_math.http
    window = generator.run(StepJob(transport=transport, address=address, seed=1, completions=16, span_s=0.1))
    assert window.missing == 32
    assert all("no verifier computes the reward 'math'" in message for message in window.failures)
    assert sum(window.failures.values()) > 0


def test_batches_over_http_are_what_ended_in_a_tick():
    """No completion is sent before it ended, the last ones without waiting for a tick."""
    batches = batches_of(StepJob(transport="http", address="", seed=1, completions=64, span_s=1.03, tick_ms=50.0))
    assert sum(len(batch.endings) for batch in batches) == 64
    for batch in batches:
        assert all(
            batch.due_s - 0.05 <= ending.at_s + 1e-9 and ending.at_s <= batch.due_s for ending in batch.endings
        )
    assert max(batch.due_s for batch in batches) == 1.03


def test_a_session_sends_each_completion_at_once():
    """One request each, when it ends."""
    batches = batches_of(StepJob(transport="grpc", address="", seed=1, completions=64, span_s=1.0))
    assert [(len(batch.endings), batch.endings[0].at_s) for batch in batches] == [(1, b.due_s) for b in batches]
    assert len(batches) == 64
