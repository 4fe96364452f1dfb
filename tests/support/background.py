"""A service in a thread of its own, for tests whose tools block."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from guerdon.services.gateway.core import Gateway
from guerdon.services.gateway.service import Addresses, run_service


@contextmanager
def running(make_gateway: Callable[[], Gateway]) -> Iterator[Addresses]:
    """Serve the gateway that ``make_gateway`` builds inside the new loop, until the block ends."""
    ready = threading.Event()
    found: list[Addresses] = []
    control: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    async def serve() -> None:
        stop = asyncio.Event()
        control.append((asyncio.get_running_loop(), stop))
        try:
            await run_service(make_gateway(), lambda addresses: (found.append(addresses), ready.set()), stop)
        finally:
            ready.set()

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    try:
        ready.wait(60)
        if not found:
            raise RuntimeError("the service did not become ready")
        yield found[0]
    finally:
        loop, stop = control[0]
        if not loop.is_closed():
            loop.call_soon_threadsafe(stop.set)
        thread.join(30)
