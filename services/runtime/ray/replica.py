"""One replica of a verifier as Ray Serve runs it."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import msgspec
import ray
from ray import serve

from guerdon.services.contract import Verifier
from guerdon.services.runtime.kinds import load_kind
from guerdon.services.runtime.ray.logs import configure_replica_logs
from guerdon.services.runtime.ray.metrics import ReplicaMetrics
from guerdon.services.runtime.replica.service import ReplicaService
from guerdon.services.runtime.settings import load_settings
from guerdon.services.runtime.tracing import configure_tracing

DRAIN_S = 30.0
"""How long a replica that is stopped finishes what it has; Serve's graceful_shutdown_timeout_s must be longer."""


class VerifierReplica:
    """Runs one verifier; its settings are the deployment's ``user_config``, over environment and defaults.

    Args:
        verifier: a registered name, or ``package.module:Class``.
        max_queued_items: items it takes before it refuses more.
        settings_file: TOML file with settings, or None.
    """

    async def __init__(  # type: ignore[misc]  # Serve awaits it
        self, verifier: str, max_queued_items: int = 16_384, settings_file: str | None = None
    ) -> None:
        configure_replica_logs()
        configure_tracing(f"guerdon-{verifier}")
        self._kind: type[Verifier] = load_kind(verifier)
        self._settings_file = Path(settings_file) if settings_file else None
        slots = _cpus()
        # Libraries that would start a thread for every core of the node, and verifiers that ask for its size.
        os.environ["OMP_NUM_THREADS"] = os.environ["GUERDON_CPUS"] = str(slots)
        context = serve.get_replica_context()
        self._service = ReplicaService(
            self._kind,
            replica_id=context.replica_tag,
            node=ray.get_runtime_context().get_node_id()[:12],
            slots=slots,
            max_queued_items=max_queued_items,
        )
        metrics = ReplicaMetrics(self._kind.name, self._service.report)
        self._metrics = asyncio.get_running_loop().create_task(metrics.keep_current(), name="replica-metrics")

    async def reconfigure(self, user_config: dict[str, Any] | None) -> None:
        """Serve's hook: the first settings, and every change of them, which calls in progress do not see."""
        settings = load_settings(
            self._kind.Settings, self._kind.name, file=self._settings_file, overrides=user_config or {}
        ).value
        if self._service.address is None:
            await self._service.start(ray.util.get_node_ip_address())
        await self._service.configure(settings)

    async def address(self) -> dict[str, Any]:
        """Where gateways reach this replica."""
        found: dict[str, Any] = msgspec.to_builtins(self._service.address)
        return found

    async def check_health(self) -> None:
        """Serve's hook: the verifier proves that it could judge now."""
        await self._service.check_health()

    async def __del__(self) -> None:
        """Serve's hook: finish what is in hand, then stop."""
        await self._service.close(DRAIN_S)
        self._metrics.cancel()


def _cpus() -> int:
    """CPUs that Serve has set aside for this replica, at least one."""
    assigned = ray.get_runtime_context().get_assigned_resources()
    return max(1, int(assigned.get("CPU", 1)))
