"""What the conformance suite looks at: rewards, cases and some way to score items."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from pydantic import ValidationError

from guerdon.services.contract.cases import Case, cases_of
from guerdon.services.contract.deadline import Deadline
from guerdon.services.contract.items import Item
from guerdon.services.contract.verdicts import Verdict
from guerdon.services.contract.verifier import RewardInfo, Verifier, VerifierSettings

Score = Callable[[Sequence[Item], Deadline], Awaitable[Sequence[Verdict]]]
"""A way to score items: same length, same order."""

Unit = tuple[Item, ...]
"""Items that are judged together: one, or a group."""


class Broken(Exception):
    """Scoring did not give one verdict per item."""


@dataclass
class Subject:
    """What is checked."""

    rewards: Mapping[str, RewardInfo]
    """The rewards, by name."""
    cases: Sequence[Case]
    """The cases."""
    score: Score
    """How items are scored."""
    grace_s: float = 5.0
    """Seconds after an expired deadline by which an answer must be there; far above any real need, so that a busy
    machine does not fail a sound verifier."""
    _usual: dict[str, Verdict] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, verifier: type[Verifier], score: Score, cases: Sequence[Case] | None = None) -> Subject:
        """The subject for a verifier, with the cases beside its module unless others are given.

        Raises:
            CaseError: its cases cannot be used.
        """
        rewards = {reward.name: reward for reward in verifier.rewards}
        return cls(rewards, cases_of(verifier) if cases is None else cases, score)

    def items(self) -> dict[str, Item]:
        """The items of all cases whose reward exists and accepts the parameters, by name."""
        items = {}
        for case in self.cases:
            if case.reward in self.rewards and not self.refuses(case):
                items[case.name] = case.to_item(self.rewards[case.reward])
        return items

    def refuses(self, case: Case) -> bool:
        """Whether the reward refuses the parameters of a case."""
        try:
            self.rewards[case.reward].params.model_validate(case.params)
        except ValidationError:
            return True
        return False

    def units(self) -> list[Unit]:
        """The items of all cases, groups together."""
        units: dict[tuple[str, str], Unit] = {}
        for name, item in self.items().items():
            grouped = self.rewards[item.reward].grouping == "group"
            key = (item.reward, item.group_id) if grouped else ("", name)
            units[key] = (*units.get(key, ()), item)
        return list(units.values())

    async def verdicts(self, items: Sequence[Item], deadline: Deadline | None = None) -> dict[str, Verdict]:
        """Score items and return the verdicts by item id.

        Raises:
            Broken: scoring raised, or answered anything but one verdict per item.
        """
        try:
            verdicts = await self.score(items, deadline or Deadline.never())
        except Exception as cause:
            raise Broken(f"scoring {_named(items)} raised {type(cause).__name__}: {cause}") from cause
        if len(verdicts) != len(items):
            raise Broken(f"{len(verdicts)} verdicts came back for {len(items)} items")
        strangers = {type(verdict).__name__ for verdict in verdicts if not isinstance(verdict, Verdict)}
        if strangers:
            raise Broken(f"scoring answered {', '.join(sorted(strangers))} instead of verdicts")
        return {item.id: verdict for item, verdict in zip(items, verdicts, strict=True)}

    async def usual(self) -> Mapping[str, Verdict]:
        """The verdicts on all cases, scored once in one batch, in the order of the file."""
        if not self._usual:
            self._usual.update(await self.verdicts([item for unit in self.units() for item in unit]))
        return self._usual


@asynccontextmanager
async def started(verifier: type[Verifier], settings: VerifierSettings | None = None) -> AsyncIterator[Score]:
    """Start a verifier by itself and give the way to score with it; it is closed at the end."""
    subject = verifier(settings or verifier.Settings())

    async def score(items: Sequence[Item], deadline: Deadline) -> Sequence[Verdict]:
        answer = subject.score_batch(items, deadline)
        return await answer if inspect.isawaitable(answer) else answer

    await subject.start()
    try:
        yield score
    finally:
        await subject.close()


def _named(items: Sequence[Item]) -> str:
    return f"{items[0].id!r}" if len(items) == 1 else f"{len(items)} items"
