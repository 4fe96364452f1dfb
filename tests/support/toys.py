"""Small real verifiers that tests run through the service, one per way of behaving."""

import asyncio
import contextlib
import os
import time
from collections.abc import Sequence

from pydantic import SecretStr

from guerdon.services.contract import (
    Deadline,
    Item,
    ItemVerifier,
    Limits,
    Params,
    RewardInfo,
    Status,
    Verdict,
    Verifier,
    VerifierSettings,
)
from guerdon.services.contract.items import PROJECTABLE


class EchoVerifier(ItemVerifier):
    """Scores the number the completion says; inline."""

    name = "echo"
    inline = True
    rewards = (RewardInfo(name="echo", description="The number the completion says."),)

    def verify(self, item: Item) -> Verdict:
        """The completion as a score, 0.0 where it is no number."""
        try:
            score = min(1.0, max(0.0, float(item.completion)))
        except ValueError:
            return Verdict.ok(0.0, "no_answer", "the completion is no number")
        return Verdict.ok(score, "number", f"the completion says {score}", answer=item.completion)


class TruthVerifier(ItemVerifier):
    """Compares with the ground truth; counts how often each completion was judged."""

    name = "truth"
    inline = True
    rewards = (
        RewardInfo(
            name="truth", description="Equals the ground truth.", reads=frozenset({"completion", "ground_truth"})
        ),
    )
    judged: list[str] = []  # noqa: RUF012 - shared on purpose: tests look at it

    def verify(self, item: Item) -> Verdict:
        """1.0 for a completion equal to the ground truth."""
        self.judged.append(item.completion)
        if item.ground_truth is None:
            return Verdict.invalid("no_ground_truth", "there is nothing to compare with")
        equal = item.completion in item.ground_truth.texts
        return Verdict.ok(float(equal), "equal" if equal else "not_equal", "compared as text")


class SleepyVerifier(Verifier):
    """Sleeps as many milliseconds as the completion says, but no longer than the deadline; on its own."""

    name = "sleepy"
    rewards = (RewardInfo(name="sleepy", description="Takes its time."),)

    async def score_batch(self, items: Sequence[Item], deadline: Deadline) -> Sequence[Verdict]:
        """1.0 for who may sleep to the end."""
        return await asyncio.gather(*(self._one(item, deadline) for item in items))

    async def _one(self, item: Item, deadline: Deadline) -> Verdict:
        wanted_ms = float(item.completion)
        left_ms = deadline.remaining_ms()
        await asyncio.sleep(min(wanted_ms, left_ms) / 1000)
        if wanted_ms > left_ms:
            return Verdict.timeout("deadline", "woken before it had slept enough")
        return Verdict.ok(1.0, "slept", "slept enough")


class StubbornVerifier(Verifier):
    """Never answers and does not look at the deadline."""

    name = "stubborn"
    rewards = (RewardInfo(name="stubborn", description="Never answers."),)

    async def score_batch(self, items: Sequence[Item], deadline: Deadline) -> Sequence[Verdict]:
        """Wait for ever."""
        await asyncio.Event().wait()
        return []


class BrokenVerifier(ItemVerifier):
    """Misbehaves in the way the completion names."""

    name = "broken"
    inline = True
    rewards = (RewardInfo(name="broken", description="Misbehaves."),)

    def verify(self, item: Item) -> Verdict:
        """Raise, or answer nonsense."""
        if item.completion == "raise":
            raise RuntimeError("as asked")
        if item.completion == "range":
            return Verdict.ok(7.0, "too_much", "a score beyond the declared range")
        if item.completion == "none":
            return None  # type: ignore[return-value]
        return Verdict.ok(1.0, "fine", "behaved")


class LengthParams(Params):
    """Parameters of ``shortest``."""

    of: str
    """Reward this one builds on."""


class GroupVerifier(Verifier):
    """Compares the completions of a group: the shortest right one gets 1.0; dependent and group-wise."""

    name = "group"
    inline = True
    rewards = (
        RewardInfo(name="rank", description="1.0 for the longest completion of its group.", grouping="group"),
        RewardInfo(
            name="shortest",
            description="1.0 for the shortest right completion of its group.",
            grouping="group",
            dependent=True,
            params=LengthParams,
        ),
    )

    def score_batch(self, items: Sequence[Item], deadline: Deadline) -> Sequence[Verdict]:
        """Score one group."""
        if items[0].reward == "rank":
            longest = max(len(item.completion) for item in items)
            return [self._verdict(len(item.completion) == longest, len(items)) for item in items]
        right = [len(i.completion) for i in items if i.of is not None and i.of.status is Status.OK and i.of.score]
        return [
            self._verdict(
                bool(right) and bool(i.of and i.of.score) and len(i.completion) == min(right), len(items)
            )
            for i in items
        ]

    def _verdict(self, best: bool, size: int) -> Verdict:
        return Verdict.ok(float(best), "compared", f"compared with {size - 1} others", size=size)


class PooledVerifier(ItemVerifier):
    """Runs in killable workers and does there what the completion says."""

    name = "pooled"
    rewards = (RewardInfo(name="pooled", description="Works in a worker."),)

    def verify(self, item: Item) -> Verdict:
        """Hang, die, raise, or answer."""
        match item.completion:
            case "hang":
                while True:
                    pass
            case "die":
                os._exit(3)
            case "sleep":
                time.sleep(60)
            case "raise":
                raise RuntimeError("as asked")
            case _:
                return Verdict.ok(1.0, "done", f"worked in process {os.getpid()}", answer=str(os.getpid()))


class SlowPooledVerifier(PooledVerifier):
    """Keeps a worker busy for a moment per item."""

    limits = Limits(cpu_ms=5000)

    def verify(self, item: Item) -> Verdict:
        """Count for a while."""
        sum(range(2_000_000))
        return Verdict.ok(1.0, "done", "counted")


class UnstartableVerifier(ItemVerifier):
    """Cannot start, like a model whose file is missing."""

    name = "unstartable"
    inline = True
    rewards = (RewardInfo(name="unstartable", description="Never ready."),)

    def verify(self, item: Item) -> Verdict:
        """Never called."""
        return Verdict.ok(1.0, "odd", "should never be asked")

    async def start(self) -> None:
        """Fail."""
        raise FileNotFoundError("the model file is missing")


class DeafVerifier(Verifier):
    """Never answers, and does not hear it when it is first told to stop."""

    name = "deaf"
    rewards = (RewardInfo(name="deaf", description="Never answers."),)

    async def score_batch(self, items: Sequence[Item], deadline: Deadline) -> Sequence[Verdict]:
        """Wait for ever, twice."""
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        await asyncio.Event().wait()
        return []


class ReaderVerifier(ItemVerifier):
    """Reads everything an item can hold."""

    name = "reader"
    inline = True
    rewards = (RewardInfo(name="reader", description="Reads everything.", reads=PROJECTABLE),)

    def verify(self, item: Item) -> Verdict:
        """1.0 for whatever can be read."""
        return Verdict.ok(1.0, "read", "could be read")


class RelapsingVerifier(Verifier):
    """Cancels a task of its own and trips over it."""

    name = "relapsing"
    rewards = (RewardInfo(name="relapsing", description="Trips over itself."),)

    async def score_batch(self, items: Sequence[Item], deadline: Deadline) -> Sequence[Verdict]:
        """Wait for a task that was cancelled."""
        task = asyncio.create_task(asyncio.sleep(60))
        task.cancel()
        await task
        return []


class MoodyVerifier(EchoVerifier):
    """Fails its health check while it is not well."""

    name = "moody"
    rewards = (RewardInfo(name="moody", description="The number the completion says, on good days."),)
    well = True

    async def check_health(self) -> None:
        """Complain when not well."""
        if not self.well:
            raise RuntimeError("not today")


class HangingStartVerifier(EchoVerifier):
    """Never gets through its start."""

    name = "hanging"
    rewards = (RewardInfo(name="hanging", description="Never ready."),)

    async def start(self) -> None:
        """Wait for ever."""
        await asyncio.Event().wait()


class SecretSettings(VerifierSettings):
    """Settings of a verifier that calls something with a token."""

    token: SecretStr = SecretStr("")
    """What it sends."""


class SecretVerifier(ItemVerifier):
    """Says whether the completion is its secret; works in a worker."""

    name = "secret"
    Settings = SecretSettings
    rewards = (RewardInfo(name="secret", description="The completion is the token."),)

    def verify(self, item: Item) -> Verdict:
        """Compare with the token."""
        known = self.settings.token.get_secret_value()  # type: ignore[attr-defined]
        return Verdict.ok(float(item.completion == known), "compared", "compared with the token")


QUICK: tuple[type[Verifier], ...] = (
    EchoVerifier,
    TruthVerifier,
    SleepyVerifier,
    BrokenVerifier,
    GroupVerifier,
    UnstartableVerifier,
)
"""The toys that need no worker processes."""
