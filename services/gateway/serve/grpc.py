"""``grpc_servicer_functions: [guerdon.services.gateway.serve.grpc:add_reward_service]``.

In a gateway replica the reward service answers on Serve's server directly: so it sees the client's deadline and
can end calls with details, and callers need not name an application. Only where Serve's Python proxy stands in
front, calls are relayed through it (:mod:`relay`).
"""

from __future__ import annotations

import asyncio
from typing import Any

from guerdon.services.gateway.grpc.server import SERVICES, add_services
from guerdon.services.gateway.serve.current import current_gateway
from guerdon.services.gateway.serve.relay import add_relay


def add_reward_service(servicer: Any, server: Any) -> None:
    """Register the reward service, health and reflection on a server of Serve's.

    Args:
        servicer: what Serve puts there; it answers nothing itself.
        server: ``ray.serve._private.grpc_util.gRPCGenericServer``.
    """
    gateway = current_gateway()
    if gateway is None:
        add_relay(server)
        return
    for service in SERVICES:
        server.add_passthrough_service(service)
    health = add_services(gateway, server)
    # The server keeps a reference, so that the task lives as long as it does.
    server.guerdon_health = asyncio.get_running_loop().create_task(health.keep_current(), name="grpc-health")
