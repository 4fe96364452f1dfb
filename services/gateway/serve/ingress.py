"""One replica of the gateway as Ray Serve runs it, with HTTP and gRPC on the same core."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from functools import cached_property
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from guerdon.services.contract.registry import load_verifiers, rewards_of
from guerdon.services.gateway.core import Gateway
from guerdon.services.gateway.http.app import create_app
from guerdon.services.gateway.serve.calls import Answer, Ending, RelayedCall
from guerdon.services.gateway.serve.current import set_app, set_gateway
from guerdon.services.gateway.serve.listening import listening_host
from guerdon.services.gateway.serve.metrics import RayMetrics
from guerdon.services.gateway.serve.relayed import RelayedServices
from guerdon.services.gateway.service import check_bind
from guerdon.services.gateway.settings import GatewaySettings
from guerdon.services.runtime.collector import calm_collector
from guerdon.services.runtime.kinds import load_kind
from guerdon.services.runtime.ray.directory import ServeDirectory
from guerdon.services.runtime.ray.logs import configure_replica_logs
from guerdon.services.runtime.remote.backend import RemoteBackend
from guerdon.services.runtime.settings import GATEWAY, load_settings
from guerdon.services.runtime.tracing import configure_tracing


class GatewayIngress:
    """The gateway; its settings are the deployment's ``user_config``, over environment and defaults.

    Args:
        verifiers: registered names, or ``package.module:Class``, of the verifiers of the deployment.
        settings_file: TOML file with settings, or None.
    """

    async def __init__(self, verifiers: Sequence[str], settings_file: str | None = None) -> None:  # type: ignore[misc]
        configure_replica_logs()
        configure_tracing("guerdon-gateway")
        self._settings_file = Path(settings_file) if settings_file else None
        kinds = [load_kind(name) for name in verifiers]
        absent = {
            reward: name
            for reward, name in rewards_of(load_verifiers()).items()
            if name not in {kind.name for kind in kinds}
        }
        backend = RemoteBackend(kinds, ServeDirectory(), absent)
        self._gateway = Gateway(backend, self._load({}))
        set_gateway(self._gateway)
        mirror = RayMetrics(self._gateway.observer.registry)
        self._metrics = asyncio.create_task(mirror.mirror(), name="ray-metrics")
        await backend.start()
        await backend.wait_started()
        calm_collector()

    def __serve_build_asgi_app__(self) -> FastAPI:
        """Serve's hook: the HTTP application."""
        app = create_app(self._gateway)
        set_app(app)
        return app

    async def relay(self, call: RelayedCall) -> Answer:
        """Answer a gRPC call with one answer that a proxy relays."""
        return await self._relayed.unary(call)

    async def relay_stream(self, call: RelayedCall) -> AsyncGenerator[list[bytes] | Ending]:
        """Answer a gRPC call with many answers that a proxy relays."""
        async with aclosing(self._relayed.stream(call)) as parts:
            async for part in parts:
                yield part

    @cached_property
    def _relayed(self) -> RelayedServices:
        """Made by the first call: behind HAProxy none is relayed."""
        return RelayedServices(self._gateway)

    async def reconfigure(self, user_config: dict[str, Any] | None) -> None:
        """Serve's hook: the first settings, and every change of them.

        Raises:
            SettingsError: they cannot be read.
            ServiceError: Serve listens beyond loopback and there is no API key.
        """
        settings = self._load(user_config or {})
        host = await asyncio.to_thread(listening_host)
        check_bind(settings.model_copy(update={"host": host}))
        self._gateway.reconfigure(settings)

    def _load(self, overrides: dict[str, Any]) -> GatewaySettings:
        return load_settings(GatewaySettings, GATEWAY, file=self._settings_file, overrides=overrides).value
