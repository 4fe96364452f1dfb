"""Engines for any tier that is named, the container's included."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from guerdon.sandbox.engine.engine import Engine
from guerdon.sandbox.settings import SandboxSettings
from guerdon.sandbox.tier import Tier


@asynccontextmanager
async def open_engine(settings: SandboxSettings) -> AsyncIterator[Engine]:
    """Start an engine, and for the tier ``container`` what starts its containers.

    Raises:
        TierUnavailable: the tier cannot be had here.
    """
    async with AsyncExitStack() as stack:
        if settings.tier == Tier.CONTAINER:
            from guerdon.sandbox.container.containers import Containers

            containers = await stack.enter_async_context(Containers())
            engine = Engine(settings, launch=containers.launch, languages=containers)
        else:
            engine = Engine(settings)
        yield await stack.enter_async_context(engine)
