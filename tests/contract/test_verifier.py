"""What a verifier declares."""

import pytest
from pydantic import ValidationError

from guerdon.services.contract import Deadline, Item, ItemVerifier, Params, RewardInfo, Verdict, VerifierSettings


class OneParam(Params):
    """One parameter."""

    size: int = 3
    """How big."""


class Sizer(ItemVerifier):
    """1.0 for completions of the right size."""

    name = "sizer"
    rewards = (RewardInfo(name="size", description="Has the size.", params=OneParam),)

    def verify(self, item: Item) -> Verdict:
        """Measure."""
        return Verdict.ok(float(len(item.completion) == item.params["size"]), "measured", "measured the length")


def test_an_item_verifier_judges_one_after_the_other():
    """Same length, same order."""
    items = [Item(id=text, reward="size", completion=text, params={"size": 2}) for text in ("a", "bb", "ccc")]
    verdicts = Sizer(VerifierSettings()).score_batch(items, Deadline.never())
    assert [verdict.score for verdict in verdicts] == [0.0, 1.0, 0.0]


async def test_starting_and_stopping_are_optional():
    """A verifier that needs nothing says nothing."""
    verifier = Sizer(VerifierSettings())
    await verifier.start()
    await verifier.check_health()
    await verifier.close()


@pytest.mark.parametrize("params", [{"sise": 3}, {"size": "3"}, {"size": 3.0}])
def test_parameters_are_taken_at_their_word(params: dict[str, object]):
    """Neither names nor types are guessed."""
    with pytest.raises(ValidationError):
        OneParam.model_validate(params)


def test_the_schema_tells_default_and_description():
    """The string under a field is what callers read."""
    field = RewardInfo(name="size", description="d", params=OneParam).params_schema()["properties"]["size"]
    assert (field["default"], field["description"]) == (3, "How big.")


def test_a_reward_cannot_read_what_items_do_not_have():
    """A misspelt field is found when the verifier is imported."""
    with pytest.raises(ValueError, match=r"unknown fields.*'complation'"):
        RewardInfo(name="size", description="d", reads=frozenset({"complation"}))


def test_a_dependent_reward_says_what_it_builds_on():
    """Its parameters need `of`."""
    with pytest.raises(ValueError, match="need a field 'of'"):
        RewardInfo(name="size", description="d", dependent=True)
