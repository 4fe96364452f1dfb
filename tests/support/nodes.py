"""More nodes for a private Ray, as if they were other machines."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from guerdon.services.cluster.placement import OBJECT_STORE_BYTES, ray_environment
from guerdon.services.cluster.ports import LOOPBACK
from guerdon.services.cluster.private import PrivateRay
from guerdon.services.cluster.processes import RUN, sweep


class Node:
    """One more node."""

    def __init__(self, run: str, process: subprocess.Popen[bytes]) -> None:
        self._run = run
        self._process = process

    def kill(self) -> None:
        """End all its processes at once, as when its machine loses power."""
        sweep(self._run)
        self._process.wait()


@contextmanager
def another_node(ray: PrivateRay, resource: str, cpus: int = 1) -> Iterator[Node]:
    """A second node with a resource of its own, for replicas that ask for it; it may still be starting."""
    run = f"{ray.run}-{resource}"
    options = {
        "gcs_address": f"{LOOPBACK}:{ray.ports.gcs}",
        "node_ip_address": LOOPBACK,
        "num_cpus": cpus,
        "resources": {resource: 100},
        "object_store_memory": OBJECT_STORE_BYTES,
        "min_worker_port": 0,
        "max_worker_port": 0,
        "node_manager_port": 0,
        "dashboard_agent_listen_port": 0,
        "include_log_monitor": False,
    }
    process = subprocess.Popen(
        [sys.executable, __file__, json.dumps(options)],
        env={**ray_environment(ray.folder, ray.ports, ingress="haproxy", host=LOOPBACK), RUN: run},
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    node = Node(run, process)
    try:
        yield node
    finally:
        node.kill()


def _run_node(options: dict[str, Any]) -> None:
    """Be a node until this process ends; ``ray start`` would refuse a second one on loopback."""
    from ray._private.node import Node as RayNode
    from ray._private.parameter import RayParams

    # Kept, as it stops its processes when it is forgotten.
    node = RayNode(RayParams(**options), head=False, shutdown_at_exit=True, spawn_reaper=True)
    while node.remaining_processes_alive():
        time.sleep(1)


if __name__ == "__main__":
    _run_node(json.loads(sys.argv[1]))
