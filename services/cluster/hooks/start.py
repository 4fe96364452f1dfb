"""Runs in ``ray start`` of a private Ray, by ``RAY_START_HOOK``."""

from __future__ import annotations

from typing import Any

_NO_SERVER = "--disable-frontend"
_STATISTICS = "--modules-to-load=UsageStatsHead"
_SERVE = "--modules-to-load=ServeHead"


def keep_small(params: Any, head: bool) -> None:
    """Start neither the server for remote drivers nor the dashboard, but for the REST API of Serve.

    Without the dashboard Ray starts the same process with a module that sends usage statistics; with it, ten
    processes. We need one module of those: it replaces the first.

    Args:
        params: what the node will be started with.
        head: whether it is the head.
    """
    from ray._private import ray_constants, services

    # The command line can only move it to another port.
    params.ray_client_server_port = None

    start = services.start_ray_process

    def start_with_serve(command: list[str], process_type: str, *args: Any, **options: Any) -> Any:
        if process_type == ray_constants.PROCESS_TYPE_DASHBOARD:
            command = _with_serve(command)
        return start(command, process_type, *args, **options)

    services.start_ray_process = start_with_serve


def _with_serve(command: list[str]) -> list[str]:
    if not {_NO_SERVER, _STATISTICS} <= set(command):
        raise RuntimeError(f"this version of Ray starts its dashboard in another way: {command}")
    return [_SERVE if word == _STATISTICS else word for word in command if word != _NO_SERVER]
