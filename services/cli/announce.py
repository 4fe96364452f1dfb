"""Tells how a service comes up: each verifier when it is ready, then the addresses."""

from __future__ import annotations

import asyncio
import time

from rich.table import Table

from guerdon.services.cli.terminal import cell, console, visible
from guerdon.services.gateway.core import Gateway
from guerdon.services.gateway.service import Addresses

_LOOK_PERIOD_S = 0.05
_STYLES = {"ready": "green", "starting": "yellow", "unavailable": "red"}
_EVERY_ADDRESS = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}  # noqa: S104 - recognised, not bound


class Announcer:
    """Prints each verifier's state when its first start is over."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._started = time.monotonic()
        self._waiting = sorted(gateway.states())

    async def watch(self) -> None:
        """Look again and again until no verifier is starting any more."""
        while self._waiting:
            self.look()
            await asyncio.sleep(_LOOK_PERIOD_S)

    def look(self) -> None:
        """Print what has come up, or failed to, since the last look."""
        states = self._gateway.states()
        for name in [name for name in self._waiting if states[name].state != "starting"]:
            self._waiting.remove(name)
            _announce(name, states[name].state, states[name].detail, time.monotonic() - self._started)


def show_addresses(addresses: Addresses, claim: str = "Guerdon is up; stop it with Ctrl-C.") -> None:
    """Print where the service answers."""
    table = Table(box=None, show_header=False, pad_edge=False)
    base = local_address(addresses.http)
    for name, address in (
        ("HTTP", addresses.http),
        ("gRPC", addresses.grpc),
        ("API", f"{base}/docs"),
        ("state", f"{base}/readyz"),
        ("metrics", f"{base}/metrics"),
    ):
        table.add_row(cell(name, "bold"), cell(address))
    out = console()
    out.print(f"\n{claim}", table)
    out.file.flush()


def local_address(address: str) -> str:
    """An address this machine can connect to, where the service is bound to every address."""
    for every, loopback in _EVERY_ADDRESS.items():
        address = address.replace(every, loopback)
    return address


def _announce(name: str, state: str, detail: str, seconds: float) -> None:
    out = console()
    line = cell(f"{name:<12} ")
    line.append(state, style=_STYLES[state])
    line.append(f" after {seconds:.1f} s" if not detail else f": {visible(detail)}")
    out.print(line)
    out.file.flush()
