"""One replica of the gateway as Ray Serve runs it, with HTTP and gRPC on the same core."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from guerdon.services.contract.registry import load_verifiers, rewards_of
from guerdon.services.gateway.core import Gateway
from guerdon.services.gateway.http.app import create_app
from guerdon.services.gateway.serve.current import set_gateway
from guerdon.services.gateway.settings import GatewaySettings
from guerdon.services.runtime.kinds import load_kind
from guerdon.services.runtime.logs import configure_logs
from guerdon.services.runtime.ray.directory import ServeDirectory
from guerdon.services.runtime.remote.backend import RemoteBackend
from guerdon.services.runtime.settings import GATEWAY, load_settings


class GatewayIngress:
    """The gateway; its settings are the deployment's ``user_config``, over environment and defaults.

    Args:
        verifiers: registered names, or ``package.module:Class``, of the verifiers of the deployment.
        settings_file: TOML file with settings, or None.
    """

    async def __init__(self, verifiers: Sequence[str], settings_file: str | None = None) -> None:  # type: ignore[misc]
        configure_logs(json=True)
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
        await backend.start()
        await backend.wait_started()

    def __serve_build_asgi_app__(self) -> FastAPI:
        """Serve's hook: the HTTP application."""
        return create_app(self._gateway)

    async def reconfigure(self, user_config: dict[str, Any] | None) -> None:
        """Serve's hook: the first settings, and every change of them."""
        self._gateway.reconfigure(self._load(user_config or {}))

    def _load(self, overrides: dict[str, Any]) -> GatewaySettings:
        return load_settings(GatewaySettings, GATEWAY, file=self._settings_file, overrides=overrides).value
