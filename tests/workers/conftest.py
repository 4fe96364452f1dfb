"""What the tests of the worker pool share: an import path for their tasks, and pools that are always closed."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from guerdon.services.workers import WorkerPool

HERE = Path(__file__).parent


@pytest.fixture(autouse=True)
def _tasks_importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(HERE))


@pytest.fixture
async def start_pool() -> AsyncIterator[Callable[..., Any]]:
    """Start a pool, of the task ``tasks:verbs`` unless said otherwise; it is closed after the test."""
    async with AsyncExitStack() as stack:

        async def start(task: str = "tasks:verbs", *, size: int = 2, **options: Any) -> WorkerPool:
            return await stack.enter_async_context(WorkerPool(task, size=size, **options))

        yield start


@pytest.fixture
def until() -> Callable[..., Any]:
    """Wait for something that must become true."""

    async def wait(condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(60):
            while not condition():
                await asyncio.sleep(0.005)

    return wait
