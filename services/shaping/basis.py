"""Right or wrong, by the verdict that a reward builds on."""

from __future__ import annotations

from guerdon.services.contract import NO_VERDICT, Item, Status, Verdict


def is_right(item: Item) -> bool | Verdict:
    """Whether a completion is right, or the null verdict where what the reward builds on is null itself."""
    of = item.of
    if of is None:
        return Verdict.invalid("no_base_verdict", "this reward builds on another's verdict, and none came with it")
    if of.score is None:
        status = of.status if of.status in NO_VERDICT else Status.NOT_APPLICABLE
        told = f"the reward that this one builds on has no verdict: {of.explanation}"
        return Verdict(status=status, reason="no_base_verdict", explanation=told)
    right: bool = of.score >= item.params["right_from"]
    return right
