"""The service on a private Ray, as a target."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence

import httpx2

from guerdon.services.bench.errors import BenchError
from guerdon.services.bench.stubs import STUBS
from guerdon.services.cluster.applications import serve_config, verifier_application
from guerdon.services.cluster.errors import ClusterError
from guerdon.services.cluster.flags import Ingress
from guerdon.services.cluster.private import PrivateRay
from guerdon.services.cluster.rollout import wait_running

CPUS = 1000
"""CPUs that Ray believes in; the replicas share those of the machine."""
READY_S = 60.0
_LOOK_PERIOD_S = 0.05


class RayTarget:
    """Gateway and verifiers as applications of Ray Serve.

    Args:
        registered: registered verifiers to run beside the stubs.
        stubs: stubs to run; None for all.
        max_inflight_items: bound of the gateway, or None for its default.
        ingress: who accepts calls.
    """

    floor = False

    def __init__(
        self,
        registered: Sequence[str],
        stubs: Sequence[str] | None = None,
        max_inflight_items: int | None = None,
        ingress: Ingress = "haproxy",
    ) -> None:
        self.name = "ray" if ingress == "haproxy" else "ray-proxy"
        chosen = [kind for kind in STUBS if stubs is None or kind.name in stubs]
        paths = [f"{kind.__module__}:{kind.__qualname__}" for kind in chosen]
        # As many workers a replica as the service in one process has.
        cpus = float(os.cpu_count() or 1)
        applications = [verifier_application(verifier, cpus=cpus) for verifier in (*paths, *registered)]
        settings = {} if max_inflight_items is None else {"max_inflight_items": max_inflight_items}
        self._verifiers = len(applications)
        self._ray = PrivateRay(serve_config(applications, settings=settings), cpus=CPUS, ingress=ingress)
        self._started = False

    @property
    def http(self) -> str:
        """Its URL."""
        return self._ray.http if self._started else ""

    @property
    def grpc(self) -> str:
        """Its gRPC address."""
        return self._ray.grpc if self._started else ""

    def start(self) -> None:
        """Bring Ray and all applications up.

        Raises:
            BenchError: that fails.
        """
        try:
            self._ray.start()
            self._started = True
            self._ray.deploy()
        except ClusterError as cause:
            self.stop()
            raise BenchError(f"the target {self.name!r} does not start: {cause}") from None
        self._wait_ready({})

    def stop(self) -> None:
        """Stop Ray."""
        self._started = False
        self._ray.stop()

    def pids(self) -> Sequence[int]:
        """All processes of Ray, its own included."""
        return self._ray.pids()

    def scale(self, verifier: str, replicas: int) -> None:
        """Run a verifier on so many replicas.

        Raises:
            BenchError: it does not come to that.
        """
        try:
            self._ray.client.scale(verifier, verifier, replicas)
            wait_running(self._ray.client, [verifier])
        except ClusterError as cause:
            raise BenchError(f"{verifier!r} cannot be scaled to {replicas}: {cause}") from None
        self._wait_ready({verifier: replicas})

    def _wait_ready(self, wanted: dict[str, int]) -> None:
        """Wait until the gateway sees every verifier, and so many replicas of some."""
        until = time.monotonic() + READY_S
        while time.monotonic() < until:
            answer = httpx2.get(f"{self.http}/v1/status", timeout=5.0, trust_env=False)
            verifiers = answer.json()["verifiers"] if answer.is_success else []
            ready = {
                verifier["name"]: sum(replica["condition"] == "ready" for replica in verifier["replicas"])
                for verifier in verifiers
                if verifier["state"] == "ready"
            }
            if len(ready) == self._verifiers and all(ready[name] == count for name, count in wanted.items()):
                return
            time.sleep(_LOOK_PERIOD_S)
        raise BenchError(f"the gateway does not see all replicas of {self.name!r} within {READY_S:.0f} s")
