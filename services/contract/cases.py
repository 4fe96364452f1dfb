"""Cases of the conformance suite: ``cases.jsonl`` beside a verifier's module, one JSON object a line.

A case names a reward, gives an item as callers write it, and says which verdict is right:

    {"name": "half", "kind": "best", "reward": "math", "item": {"completion": "0.5", "ground_truth": "1/2"}}
"""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from guerdon.services.contract.items import Item
from guerdon.services.contract.projection import item_fields, project
from guerdon.services.contract.requests import ScoreItem
from guerdon.services.contract.status import Status
from guerdon.services.contract.verdicts import Verdict
from guerdon.services.contract.verifier import RewardInfo, Verifier

FILE = "cases.jsonl"

Kind = Literal["best", "worst", "empty", "malformed", "hostile", "invalid"]


class CaseError(ValueError):
    """A file of cases cannot be used; the message names the line or the case and says why."""


class Case(BaseModel):
    """One item and the verdict that is right for it."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    name: Annotated[str, Field(min_length=1, max_length=256)]
    """What is special about the item; unique in the file."""
    kind: Kind
    """``best`` and ``worst`` score the reward's anchors; ``empty``, ``malformed`` and ``hostile`` say what they
    score; ``invalid`` has unusable data of the caller's, parameters included."""
    reward: str
    """Name of the reward."""
    params: dict[str, JsonValue] = {}
    """Parameters of the reward."""
    item: ScoreItem
    """The item, as in ``POST /score``; cases of a group reward with one ``group_id`` are judged together."""
    of: dict[str, JsonValue] | None = None
    """For a dependent reward: the verdict it builds on."""
    status: Status | None = None
    """The right status; by default ``ok``, or ``invalid`` for that kind."""
    score: float | None = None
    """The right score; by default the anchor of the kind."""
    reason: str | None = None
    """The right reason; None where any will do."""

    def expected_status(self) -> Status:
        """The status that is right."""
        return self.status or (Status.INVALID if self.kind == "invalid" else Status.OK)

    def expected_score(self, reward: RewardInfo) -> float | None:
        """The score that is right, or None where the case does not say."""
        if self.score is not None or self.expected_status() is not Status.OK:
            return self.score
        return {"best": reward.best, "worst": reward.worst}.get(self.kind)

    def to_item(self, reward: RewardInfo) -> Item:
        """The item as the verifier reads it.

        Raises:
            ValidationError: the reward refuses the parameters.
            CaseError: the item cannot be read.
        """
        params = reward.params.model_validate(self.params).model_dump()
        try:
            fields = item_fields(self.item)
        except ValueError as cause:
            raise CaseError(f"the case {self.name!r} has an item that no request could hold: {cause}") from cause
        item = project(fields, reward, item_id=self.name, group_id=self.item.group_id, params=params)
        return item if self.of is None else msgspec.structs.replace(item, of=msgspec.convert(self.of, Verdict))


def cases_of(verifier: type[Verifier]) -> list[Case]:
    """The cases beside a verifier's module.

    Raises:
        CaseError: there is no such file, or it is faulty.
    """
    path = Path(inspect.getfile(verifier)).parent / FILE
    if not path.exists():
        raise CaseError(f"the verifier {verifier.name!r} has no {FILE} beside its module; write one")
    return read_cases(path.read_text(encoding="utf-8"))


def read_cases(text: str) -> list[Case]:
    """Read cases, one JSON object a line; blank lines are passed over.

    Raises:
        CaseError: a line is no case, or two cases have one name.
    """
    cases: dict[str, Case] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            case = Case.model_validate_json(line)
        except ValidationError as cause:
            raise CaseError(f"line {number} is not a case: {_first_fault(cause)}") from cause
        if case.name in cases:
            raise CaseError(f"line {number}: a case before it is called {case.name!r} too")
        cases[case.name] = case
    return list(cases.values())


def _first_fault(cause: ValidationError) -> str:
    fault: Any = cause.errors(include_url=False, include_input=False)[0]
    place = "/".join(str(part) for part in fault["loc"]) or "the line"
    return f"{place}: {fault['msg']}"
