"""A verifier that tells what reaches it, for tests of everything between it and its callers."""

import asyncio
from collections.abc import Sequence
from typing import ClassVar

from guerdon.services.contract import Deadline, Item, Params, RewardInfo, Verdict, Verifier, VerifierSettings
from guerdon.services.contract.items import PROJECTABLE
from guerdon.services.contract.meter import charge
from guerdon.services.contract.urgency import URGENCY


class ProbeSettings(VerifierSettings):
    """Settings of the probe."""

    undecisive: ClassVar[frozenset[str]] = frozenset({"comment"})
    mark: str = "first"
    """What it answers."""
    comment: str = ""
    """Changes nothing."""
    startable: bool = True
    """Whether it starts."""


class ProbeParams(Params):
    """Anything."""

    value: object = None
    """Any JSON value."""


class ProbeVerifier(Verifier):
    """Does what the completion says, on its own; all instances of a process count together."""

    name = "probe"
    Settings = ProbeSettings
    rewards = (RewardInfo(name="probe", description="Tells.", reads=PROJECTABLE, params=ProbeParams),)
    begun: ClassVar[list[str]] = []
    stopped: ClassVar[list[str]] = []
    closed: ClassVar[list[str]] = []
    gate: ClassVar[asyncio.Event]
    well: ClassVar[bool] = True

    @classmethod
    def reset(cls) -> None:
        """Forget what earlier tests did."""
        cls.begun, cls.stopped, cls.closed = [], [], []
        cls.gate = asyncio.Event()
        cls.well = True

    async def start(self) -> None:
        """Start, if the settings say so."""
        if not self.settings.startable:  # type: ignore[attr-defined]
            raise FileNotFoundError("the model file \udcff is missing")

    async def close(self) -> None:
        """Note it."""
        self.closed.append(self.settings.mark)  # type: ignore[attr-defined]

    async def check_health(self) -> None:
        """Complain when not well."""
        if not self.well:
            raise RuntimeError("not today")

    async def score_batch(self, items: Sequence[Item], deadline: Deadline) -> Sequence[Verdict]:
        """Judge items side by side."""
        return await asyncio.gather(*(self._one(item, deadline) for item in items))

    async def _one(self, item: Item, deadline: Deadline) -> Verdict:
        self.begun.append(item.id)
        answer = self.settings.mark  # type: ignore[attr-defined]
        match item.completion.split():
            case ["gate"]:
                try:
                    await self.gate.wait()
                except asyncio.CancelledError:
                    self.stopped.append(item.id)
                    raise
            case ["urgency"]:
                answer = f"{URGENCY.get().rank} {URGENCY.get().owner}"
            case ["left"]:
                answer = str(deadline.remaining_ms())
            case ["cpu", ms]:
                charge(float(ms))
            case ["params"]:
                return Verdict.ok(1.0, "told", "here they are", value=item.params["value"], extra=item.extra)
            case ["long", size]:
                answer = "x" * int(size)
            case ["raise"]:
                raise RuntimeError("as asked")
        return Verdict.ok(1.0, "told", "told", answer=answer)
