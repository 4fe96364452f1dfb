"""The verifier ``math``: 1.0 where the final answer of a completion equals the ground truth, otherwise 0.0.

Exact rules judge most responses in the service's own process, in short slices. What needs a parser goes to a
pool of worker processes with hard CPU, wall and memory limits; equal work in one batch is done once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import msgspec

from guerdon.services.contract import Deadline, Item, Limits, RewardInfo, Status, Verdict, Verifier
from guerdon.services.math import verdicts
from guerdon.services.math.guard import CostLimits
from guerdon.services.math.judge import Open, judge
from guerdon.services.math.settings import MathParams, MathSettings
from guerdon.services.workers import Outcome, SliceLane, WorkerPool, verdict_of_outcome

GROUND_TRUTH = "ground_truth"
"""The worker's stage, and the side it names, when the ground truth is to blame."""
_HEALTH_PAIR = {"pairs": [[[r"\sqrt{8}"], [r"2\sqrt{2}"]]]}
_HEALTH_DEADLINE_MS = 5000.0

REWARD = RewardInfo(
    name="math",
    description="1 where the final answer equals the ground truth, otherwise 0.",
    reads=frozenset({"prompt", "completion", "ground_truth", "finish_reason"}),
    params=MathParams,
)


class MathVerifier(Verifier):
    """Compares final answers with ground truths."""

    name = "math"
    rewards = (REWARD,)
    Settings = MathSettings
    decided_by = ("math-verify", "latex2sympy2_extended", "sympy", "antlr4-python3-runtime", "mpmath", "gmpy2")

    def __init__(self, settings: MathSettings) -> None:
        super().__init__(settings)
        self._settings = settings
        self._costs = CostLimits(max_chars=settings.max_expression_chars)
        self._lane = SliceLane()
        self._limits = Limits(
            cpu_ms=settings.cpu_limit_ms,
            wall_ms=settings.wall_limit_ms,
            memory_bytes=settings.memory_limit_bytes,
        )
        self.pool = WorkerPool(task="guerdon.services.math.grader:make_grader", size=settings.workers)
        self._inherited = False

    def inherit(self, earlier: Verifier) -> None:
        """Take over the workers: they know no settings, and to load the parser takes seconds."""
        if isinstance(earlier, MathVerifier) and earlier.pool.size == self.pool.size:
            self.pool = earlier.pool.share()
            self._inherited = True

    async def start(self) -> None:
        """Load the parser in the zygote and fork the workers."""
        if not self._inherited:
            await self.pool.start()

    async def close(self) -> None:
        """End the workers."""
        await self.pool.close()

    async def check_health(self) -> None:
        """Let a worker compare a known pair.

        Raises:
            RuntimeError: the pair is not found equal.
        """
        await self.pool.check_health()
        deadline = Deadline.after_ms(_HEALTH_DEADLINE_MS)
        outcome = await self.pool.run(_HEALTH_PAIR, deadline=deadline, limits=self._limits)
        if outcome.kind == "done" and not outcome.value["equal"]:
            raise RuntimeError(f"a worker does not find a known pair equal: {outcome.value}")

    async def score_batch(self, items: Sequence[Item], deadline: Deadline) -> Sequence[Verdict]:
        """Judge items; those that need the parser are compared in the pool, the same comparison once."""
        judged = await self._lane.run(self._judge, items)
        work = {entry.pairs: None for entry in judged if isinstance(entry, Open)}
        outcomes = await asyncio.gather(*(self._compare(pairs, deadline) for pairs in work))
        by_pairs = dict(zip(work, outcomes, strict=True))
        return [settle(entry, by_pairs[entry.pairs]) if isinstance(entry, Open) else entry for entry in judged]

    def _judge(self, item: Item) -> Verdict | Open:
        return judge(item, self._settings, self._costs)

    async def _compare(self, pairs: Any, deadline: Deadline) -> Outcome:
        return await self.pool.run({"pairs": pairs}, deadline=deadline, limits=self._limits)


def settle(entry: Open, outcome: Outcome) -> Verdict:
    """The verdict of a response whose comparison a worker was given."""
    verdict = _of_result(entry, outcome.value) if outcome.kind == "done" else _of_failure(entry, outcome)
    return msgspec.structs.replace(
        verdict,
        near_limit=outcome.near_limit,
        latency_ms=outcome.wall_ms,
        queue_ms=outcome.queue_ms,
        attempts=outcome.attempts,
    )


def _of_result(entry: Open, result: dict[str, Any]) -> Verdict:
    found, (gold_form, form) = entry.extraction, entry.pairs[result["pair"]]
    if result["equal"]:
        return verdicts.equal(found, entry.gold, result["rule"], gold_form, form)
    if entry.invalid is not None:
        return entry.invalid
    if result["unparsable"] == GROUND_TRUTH:
        return verdicts.unreadable_ground_truth(entry.gold)
    if result["unparsable"] and not entry.ambiguous:
        return verdicts.unparsable(found, entry.gold, gold_form, form)
    return verdicts.not_equal(found, entry.gold, result["rule"], gold_form, form, ambiguous=entry.ambiguous)


def _of_failure(entry: Open, outcome: Outcome) -> Verdict:
    """A limit that the work itself exceeded is the fault of the side it was at; all else is no verdict."""
    verdict = verdict_of_outcome(outcome, worst=0.0, what="comparing the answer")
    if verdict.status is not Status.OK:
        return verdict
    if outcome.stage == GROUND_TRUTH:
        return verdicts.ground_truth_too_costly(f"exceeds the worker's {outcome.kind.replace('_', ' ')}")
    return verdicts.too_costly(
        entry.extraction, entry.gold, f"comparing them exceeds the {outcome.kind.replace('_', ' ')} of a response"
    )
