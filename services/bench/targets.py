"""What is measured: servers behind one protocol, and those of them that a bench starts in processes of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import msgspec

from guerdon.services.bench.checks import SLEEPING
from guerdon.services.bench.errors import Unsupported
from guerdon.services.bench.process import Child
from guerdon.services.bench.serve import Addresses

START_S = 120.0


class Target(Protocol):
    """A server to measure."""

    name: str
    """Its name in reports: ``bare``, ``inprocess``, ``ray`` …"""
    floor: bool
    """Whether it is no service: only HTTP, only trivial checks, no steps and no scenarios."""

    @property
    def http(self) -> str:
        """``http://host:port`` once started, or empty where it does not speak HTTP."""

    @property
    def grpc(self) -> str:
        """``host:port`` once started, or empty where it does not speak gRPC."""

    def start(self) -> None:
        """Bring it up and return once every verifier answers.

        Raises:
            BenchError: it does not come up; the message says why.
        """

    def stop(self) -> None:
        """Stop it and every process it started; harmless where it was never started."""

    def pids(self) -> Sequence[int]:
        """The processes whose CPU time is counted, each with all its living descendants; empty for not counted.

        Asked again before each cell, step and measurement of a scenario, so it may change.
        """

    def scale(self, verifier: str, replicas: int) -> None:
        """Run a verifier on so many replicas from now on, and return once they answer; addresses may change.

        Raises:
            Unsupported: this target cannot.
        """


class _ChildTarget:
    """A server in a child process of the bench."""

    floor = False

    def __init__(self, name: str, module: str) -> None:
        self.name = name
        self._module = module
        self._child: Child | None = None
        self._addresses = Addresses(http="")

    @property
    def http(self) -> str:
        return self._addresses.http

    @property
    def grpc(self) -> str:
        return self._addresses.grpc

    def words(self) -> list[str]:
        """Arguments of the module."""
        return []

    def start(self) -> None:
        self._child = Child(self._module, *self.words())
        try:
            self._addresses = msgspec.json.decode(self._child.receive(START_S), type=Addresses)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        if self._child is not None:
            self._child.close()
            self._child = None

    def pids(self) -> Sequence[int]:
        return [] if self._child is None else [self._child.pid]

    def scale(self, verifier: str, replicas: int) -> None:
        raise Unsupported(f"{self.name} has no replicas")


class BareTarget(_ChildTarget):
    """A bare FastAPI app under uvicorn."""

    floor = True

    def __init__(self) -> None:
        super().__init__("bare", "guerdon.services.bench.serve_bare")


class InProcessTarget(_ChildTarget):
    """The service in one process, with the stubs.

    Args:
        registered: registered verifiers to run beside the stubs.
        max_inflight_items: items in flight before calls are refused; the gateway's default if None.
    """

    def __init__(self, registered: Sequence[str] = (), max_inflight_items: int | None = None) -> None:
        super().__init__("inprocess", "guerdon.services.bench.serve_inprocess")
        self._registered = registered
        self._max_inflight_items = max_inflight_items
        self._slots = 1

    def words(self) -> list[str]:
        """Arguments of the server."""
        bound = [] if self._max_inflight_items is None else ["--max-inflight-items", str(self._max_inflight_items)]
        return ["--registered", ",".join(self._registered), "--slots", str(self._slots), *bound]

    def scale(self, verifier: str, replicas: int) -> None:
        """Start again with as many slots of the sleeping verifier: what the gateway itself costs a scaling."""
        if verifier != SLEEPING:
            raise Unsupported(f"in one process only {SLEEPING} has slots that stand in for replicas")
        self.stop()
        self._slots = replicas
        self.start()
