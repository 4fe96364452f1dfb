"""Running targets and a load generator, shared by all tests of the bench."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from guerdon.services.bench.generator import Generator
from guerdon.services.bench.jobs import LoadJob, Transport, Window
from guerdon.services.bench.payloads import Payload
from guerdon.services.bench.targets import BareTarget, InProcessTarget, Target


@pytest.fixture(scope="session")
def bare() -> Iterator[BareTarget]:
    """The bare server."""
    target = BareTarget()
    target.start()
    yield target
    target.stop()


@pytest.fixture(scope="session")
def inprocess() -> Iterator[InProcessTarget]:
    """The service in one process, with the stubs and the rewards of a step."""
    target = InProcessTarget(("math", "format"))
    target.start()
    yield target
    target.stop()


@pytest.fixture(scope="session")
def generator() -> Iterator[Generator]:
    """A load generator."""
    with Generator() as running:
        yield running


@pytest.fixture
def send(generator):
    """Sends a payload to a target for a moment."""

    def run(target: Target, payload: Payload, transport: Transport = "http", **options: object) -> Window:
        address = target.grpc if transport == "grpc" else target.http
        job = {"seconds": 0.1, "pids": list(target.pids()), **options}
        return generator.run(LoadJob(transport=transport, address=address, payload=payload, **job))

    return run
