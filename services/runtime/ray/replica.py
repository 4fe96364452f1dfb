"""One replica of a verifier, or of several light ones in one process, as Ray Serve runs it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import ray
from ray import serve

from guerdon.services.contract import Verifier, VerifierSettings
from guerdon.services.runtime.kinds import load_kinds
from guerdon.services.runtime.names import application_name
from guerdon.services.runtime.ray.logs import configure_replica_logs
from guerdon.services.runtime.ray.metrics import ReplicaMetrics
from guerdon.services.runtime.replica.host import ReplicaHost
from guerdon.services.runtime.settings import SettingsError, load_settings
from guerdon.services.runtime.tracing import configure_tracing

DRAIN_S = 30.0
"""How long a replica that is stopped finishes what it has; Serve's graceful_shutdown_timeout_s must be longer."""


class VerifierReplica:
    """Runs verifiers; their settings are the deployment's ``user_config``, over environment and defaults.

    Args:
        verifiers: a registered name, or ``package.module:Class``; or several, whose settings ``user_config`` then
            holds by their names.
        max_queued_items: items each verifier takes before it refuses more.
        settings_file: TOML file with settings, or None.
    """

    async def __init__(  # type: ignore[misc]  # Serve awaits it
        self, verifiers: str | Sequence[str], max_queued_items: int = 16_384, settings_file: str | None = None
    ) -> None:
        kinds = load_kinds([verifiers] if isinstance(verifiers, str) else verifiers)
        application = application_name(list(kinds))
        configure_replica_logs()
        configure_tracing(f"guerdon-{application}")
        self._alone = isinstance(verifiers, str)
        self._names = list(kinds)
        self._given: Mapping[str, Any] = {}
        self._settings_file = Path(settings_file) if settings_file else None
        slots = _cpus()
        # Libraries that would start a thread for every core of the node, and verifiers that ask for its size.
        os.environ["OMP_NUM_THREADS"] = os.environ["GUERDON_CPUS"] = str(slots)
        self._host = ReplicaHost(
            list(kinds.values()),
            self._settings,
            replica_id=serve.get_replica_context().replica_tag,
            node=ray.get_runtime_context().get_node_id()[:12],
            slots=slots,
            max_queued_items=max_queued_items,
        )
        metrics = ReplicaMetrics(application, self._host.reports)
        self._metrics = asyncio.get_running_loop().create_task(metrics.keep_current(), name="replica-metrics")

    async def reconfigure(self, user_config: dict[str, Any] | None) -> None:
        """Serve's hook: the first settings, and every change of them, which calls in progress do not see.

        Raises:
            SettingsError: there are some for a verifier that does not run here.
            Exception: no verifier can be started under its settings.
        """
        self._given = by_verifier(user_config or {}, self._names, alone=self._alone)
        if not self._host.addresses:
            await self._host.start(ray.util.get_node_ip_address())
        await self._host.configure()

    def _settings(self, kind: type[Verifier]) -> VerifierSettings:
        given = self._given.get(kind.name, {})
        return load_settings(kind.Settings, kind.name, file=self._settings_file, overrides=given).value

    async def address(self, verifier: str) -> dict[str, Any]:
        """Where gateways reach a verifier of this replica."""
        found: dict[str, Any] = msgspec.to_builtins(self._host.addresses[verifier])
        return found

    async def check_health(self) -> None:
        """Serve's hook: at least one verifier proves that it could judge now."""
        await self._host.check_health()

    async def __del__(self) -> None:
        """Serve's hook: finish what is in hand, then stop."""
        await self._host.close(DRAIN_S)
        self._metrics.cancel()


def by_verifier(user_config: Mapping[str, Any], names: Sequence[str], *, alone: bool) -> Mapping[str, Any]:
    """The settings of each verifier that has any, by its name.

    Args:
        user_config: settings, or these by names.
        names: the verifiers that run here.
        alone: whether there is one, whose settings stand there without its name.

    Raises:
        SettingsError: there are settings for a verifier that does not run here.
    """
    if alone:
        return {names[0]: user_config}
    if strangers := sorted(user_config.keys() - set(names)):
        raise SettingsError([f"user_config.{name}: this replica runs {', '.join(names)}" for name in strangers])
    return user_config


def _cpus() -> int:
    """CPUs that Serve has set aside for this replica, at least one."""
    assigned = ray.get_runtime_context().get_assigned_resources()
    return max(1, int(assigned.get("CPU", 1)))
