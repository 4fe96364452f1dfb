"""More nodes for a private Ray, as if they were other machines."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from guerdon.services.cluster.placement import ray_environment
from guerdon.services.cluster.ports import LOOPBACK
from guerdon.services.cluster.private import PrivateRay
from guerdon.services.cluster.processes import RUN, children_of, sweep


class Node:
    """One more node."""

    def __init__(self, run: str, process: subprocess.Popen[bytes]) -> None:
        self._run = run
        self._process = process

    def kill(self) -> None:
        """End all its processes at once, as when its machine loses power."""
        sweep(self._run)
        self._process.wait()

    def processes(self) -> set[int]:
        """Processes of its raylet."""
        return children_of(self._process.pid)


@contextmanager
def another_node(ray: PrivateRay, resource: str, cpus: int = 1) -> Iterator[Node]:
    """A second node with a resource of its own, for replicas that ask for it."""
    run = f"{ray.run}-{resource}"
    environment = ray_environment(ray.folder, ray.ports, ingress="haproxy", host=LOOPBACK)
    command = [
        *(sys.executable, "-m", "ray.scripts.scripts", "start", "--block", "--disable-usage-stats"),
        *(f"--address={LOOPBACK}:{ray.ports.gcs}", f"--node-ip-address={LOOPBACK}", f"--num-cpus={cpus}"),
        *(f'--resources={{"{resource}": 100}}', "--object-store-memory=80000000"),
        *("--min-worker-port=0", "--max-worker-port=0", "--dashboard-agent-listen-port=0"),
    ]
    process = subprocess.Popen(
        command,
        env={**environment, RUN: run},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    node = Node(run, process)
    try:
        yield node
    finally:
        node.kill()
