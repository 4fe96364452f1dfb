"""The engine for callers without an event loop: one on a thread of its own, and one for the whole process."""

import asyncio
import atexit
import os
import threading
from collections.abc import Coroutine, Sequence
from typing import Any, Self, TypeVar

from guerdon.sandbox.engine.engine import Engine
from guerdon.sandbox.engine.health import EngineHealth
from guerdon.sandbox.engine.request import Request
from guerdon.sandbox.errors import SandboxClosed, SandboxError
from guerdon.sandbox.program import Case, Limits, Program
from guerdon.sandbox.result import RunResult
from guerdon.sandbox.settings import SandboxSettings

T = TypeVar("T")


class Sandbox:
    """A started engine that threads can call. It takes the arguments of :class:`Engine`.

    Raises:
        TierUnavailable: the isolation asked for cannot be had.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        self.engine = Engine(*args, **options)
        self._pid = os.getpid()
        self._closed = False
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run_loop, name="guerdon-sandbox", daemon=True)
        self._thread.start()
        try:
            self._call(self.engine.start())
        except BaseException:
            self._stop_loop()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def usable(self) -> bool:
        """Whether it can be called: not after :meth:`close`, and not in a fork of the process that started it."""
        return not self._closed and self._pid == os.getpid()

    def run(
        self, program: Program, cases: Sequence[Case], limits: Limits | None = None, **options: Any
    ) -> RunResult:
        """Run all cases of one program; options and errors are those of :meth:`Engine.run`."""
        return self._call(self.engine.run(program, cases, limits, **options))

    def run_batch(self, requests: Sequence[Request], **options: Any) -> list[RunResult | SandboxError]:
        """Run many programs; options are those of :meth:`Engine.run_batch`."""
        return self._call(self.engine.run_batch(requests, **options))

    def health(self) -> EngineHealth:
        """Return what the engine is doing and has done."""
        return self._call(_health(self.engine))

    def close(self) -> None:
        """End everything; may be called again, and does nothing in a fork."""
        if not self.usable:
            return
        self._call(self.engine.close())
        self._stop_loop()

    def _call(self, work: Coroutine[Any, Any, T]) -> T:
        if not self.usable:
            work.close()
            raise SandboxClosed("the sandbox was closed, or started by the process that this one was forked from")
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def _run_loop(self) -> None:
        self._loop.run_forever()
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()

    def _stop_loop(self) -> None:
        self._closed = True
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()


async def _health(engine: Engine) -> EngineHealth:
    return engine.health()


class _Shared:
    """The sandbox of the process, started on first use."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sandbox: Sandbox | None = None
        # What a parent process had is kept, never used: its parts must not be finalized here.
        self._inherited: list[Sandbox] = []
        os.register_at_fork(after_in_child=self._forget)
        atexit.register(self._close)

    def get(self) -> Sandbox:
        with self._lock:
            if self._sandbox is None:
                self._sandbox = Sandbox(SandboxSettings())
            return self._sandbox

    def _forget(self) -> None:
        self._lock = threading.Lock()
        if self._sandbox is not None:
            self._inherited.append(self._sandbox)
            self._sandbox = None

    def _close(self) -> None:
        with self._lock:
            if self._sandbox is not None:
                self._sandbox.close()
                self._sandbox = None


_shared = _Shared()


def run(program: Program, cases: Sequence[Case], limits: Limits | None = None, **options: Any) -> RunResult:
    """Run all cases of one program in a sandbox that the whole process shares.

    It starts with the first call, with default settings, serves all threads, and ends with the process; a forked
    process gets its own. Options and errors are those of :meth:`Engine.run`.
    """
    return _shared.get().run(program, cases, limits, **options)
