"""The verifier ``code``: runs the program of a completion against unit tests, in the sandbox.

Expected values, checkers and test code stay out of the program's jail, so there is nothing in its reach to patch,
to read or to forge. Signals of a program's quality are rewards of their own.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable, Sequence

from guerdon.sandbox import SandboxSettings
from guerdon.sandbox.errors import SandboxError
from guerdon.services.code.engine import SharedEngine
from guerdon.services.code.quality import Quality
from guerdon.services.code.settings import CodeParams, CodeSettings
from guerdon.services.code.signals import CODE_LINT, CODE_RUNS, CODE_SYNTAX
from guerdon.services.code.signals.cost import CODE_MEMORY, CODE_SPEED
from guerdon.services.code.tested import Tested
from guerdon.services.code.verdicts import late, not_run
from guerdon.services.contract import Deadline, Item, RewardInfo, Verdict, Verifier

_log = logging.getLogger(__name__)
_BEGUN_A_TURN = 16
"""Items whose programs are looked for before others of the event loop get a turn."""

CODE = RewardInfo(
    name="code",
    description="1 where the completion's program passes the unit tests, otherwise 0 or the part that passes.",
    reads=frozenset({"completion", "ground_truth", "finish_reason"}),
    params=CodeParams,
)


class CodeVerifier(Verifier):
    """Judges programs by their tests, and what can be said of them apart from that."""

    name = "code"
    rewards = (CODE, CODE_SYNTAX, CODE_LINT, CODE_RUNS, CODE_SPEED, CODE_MEMORY)
    Settings = CodeSettings
    # Programs in the language python-scientific import the last five.
    decided_by = ("pytest", "ruff", "numpy", "scipy", "sympy", "mpmath", "pandas")
    built_on = ("guerdon.sandbox",)

    def __init__(self, settings: CodeSettings) -> None:
        super().__init__(settings)
        self._settings = settings
        self.sandbox = SharedEngine(_sandbox_settings(settings))
        self._inherited = False
        self._closed = False
        self._use(self.sandbox)

    def _use(self, sandbox: SharedEngine) -> None:
        self.sandbox = sandbox
        self.tested, quality = Tested(sandbox, self._settings), Quality(sandbox, self._settings)
        self._judges: dict[str, Callable[[Item, Deadline], Awaitable[Verdict]]] = {
            CODE.name: self.tested.code,
            CODE_SPEED.name: self.tested.speed,
            CODE_MEMORY.name: self.tested.memory,
            CODE_SYNTAX.name: quality.syntax,
            CODE_LINT.name: quality.lint,
            CODE_RUNS.name: quality.runs,
        }

    def inherit(self, earlier: Verifier) -> None:
        """Take over the sandbox, whose start costs seconds, where it would be the same."""
        if isinstance(earlier, CodeVerifier) and earlier.sandbox.settings == self.sandbox.settings:
            self._use(earlier.sandbox.share())
            self._inherited = True

    async def start(self) -> None:
        """Start the sandbox's slots."""
        if not self._inherited:
            await self.sandbox.engine.start()

    async def close(self) -> None:
        """End every program and slot, unless somebody has taken them over."""
        if not self._closed:
            self._closed = True
            await self.sandbox.close()

    async def check_health(self) -> None:
        """Look whether a slot can take work.

        Raises:
            RuntimeError: none can.
        """
        health = self.sandbox.engine.health()
        if not health.ready:
            states = ", ".join(slot.state for slot in health.slots)
            raise RuntimeError(f"no slot of the sandbox can take work: {states}")

    async def score_batch(self, items: Sequence[Item], deadline: Deadline) -> Sequence[Verdict]:
        """Judge items; equal programs with equal tests run once."""
        tasks = []
        try:
            for number, item in enumerate(items, start=1):
                tasks.append(asyncio.create_task(self._verdict(item, deadline)))
                if number % _BEGUN_A_TURN == 0:
                    await asyncio.sleep(0)
            return [await task for task in tasks]
        finally:
            for task in tasks:
                task.cancel()

    async def _verdict(self, item: Item, deadline: Deadline) -> Verdict:
        try:
            async with asyncio.timeout(None if deadline.at == math.inf else deadline.remaining_ms() / 1000):
                return await self._judges[item.reward](item, deadline)
        except TimeoutError:
            return late()
        except SandboxError as fault:
            return not_run(fault)
        except Exception as fault:  # noqa: BLE001 - those beside it have verdicts of their own
            _log.exception("judging_failed")
            return Verdict.error("verifier_bug", f"judging raised {type(fault).__name__}; see the service's log")


def _sandbox_settings(settings: CodeSettings) -> SandboxSettings:
    return SandboxSettings(
        slots=settings.slots,
        tier=settings.tier,
        min_tier=settings.min_tier,
        warm=settings.warm,
        max_open_cases=settings.max_open_cases,
        max_open_bytes=settings.max_open_bytes,
        artifact_cache_bytes=settings.artifact_cache_bytes,
    )
