"""Runs the service in one process as ``guerdon up`` does, with the stubs and the rewards a step asks for."""

from __future__ import annotations

import argparse
import asyncio
import logging

from guerdon.services.bench.serve import Addresses, announce, when_parent_ends
from guerdon.services.bench.stubs import STUBS, SleepingVerifier, SleepSettings
from guerdon.services.contract import Verifier
from guerdon.services.contract.registry import load_verifiers
from guerdon.services.gateway import service
from guerdon.services.gateway.core import Gateway
from guerdon.services.gateway.settings import GatewaySettings
from guerdon.services.runtime.inprocess import InProcessBackend
from guerdon.services.runtime.logs import configure_logs


def main() -> None:
    """Serve until the parent ends."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--registered", default="", help="registered verifiers beside the stubs, by commas")
    parser.add_argument("--slots", type=int, default=1, help="items bench_sleep works on at once")
    parser.add_argument("--max-inflight-items", type=int, help="items in flight before calls are refused")
    words = parser.parse_args()
    configure_logs(json=False, level=logging.WARNING)
    given = {} if words.max_inflight_items is None else {"max_inflight_items": words.max_inflight_items}
    settings = GatewaySettings(port=0, grpc_port=0, **given)
    names = [name for name in words.registered.split(",") if name]
    asyncio.run(_serve(Gateway(InProcessBackend(verifiers(names, words.slots)), settings)))


def verifiers(registered: list[str], slots: int = 1) -> list[Verifier]:
    """The stubs, and registered verifiers with their default settings."""
    kinds = [*STUBS, *(load_verifiers(registered).values() if registered else ())]
    return [kind(SleepSettings(slots=slots) if kind is SleepingVerifier else kind.Settings()) for kind in kinds]


async def _serve(gateway: Gateway) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stop_soon() -> None:
        loop.call_soon_threadsafe(stop.set)

    def on_ready(addresses: service.Addresses) -> None:
        announce(Addresses(http=addresses.http, grpc=addresses.grpc))
        when_parent_ends(stop_soon)

    await service.run_service(gateway, on_ready, stop)


if __name__ == "__main__":
    main()
