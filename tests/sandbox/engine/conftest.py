"""Engines with stub slots."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from sandbox_engines import StartEngine, stub_engine

from guerdon.sandbox.engine.engine import Engine


@pytest.fixture
async def start_engine() -> AsyncIterator[StartEngine]:
    """Starts engines with stub slots, and closes them."""
    async with AsyncExitStack() as stack:

        async def start(*stub_options: str, **options: Any) -> Engine:
            return await stack.enter_async_context(stub_engine(*stub_options, **options))

        yield start


@pytest.fixture
async def engine(start_engine: StartEngine) -> Engine:
    """An engine with two stub slots."""
    return await start_engine()
