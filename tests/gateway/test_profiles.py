"""Profiles whose rewards hang on the ground truth, and calls sent again after an upload."""

import hashlib

import pytest
from calls import component, request
from pydantic import ValidationError

from guerdon.services.contract import Status
from guerdon.services.contract.errors import InvalidRequest, UnknownVerifier
from guerdon.services.gateway.auth import LOCAL
from guerdon.services.gateway.settings import GatewaySettings

BODY = b'"7"'
REF = f"sha256:{hashlib.sha256(BODY).hexdigest()}"
BY_FORM = {"rewards": [{"name": "echo", "when": ["none"]}, {"name": "truth", "when": ["text"]}, {"name": "rank"}]}


def upload(gateway):
    """Upload the ground truth behind the reference."""
    gateway.put_ground_truth(REF.removeprefix("sha256:"), BODY, LOCAL)


async def test_an_unknown_reference_drops_no_reward_of_a_profile(make_gateway):
    """While nobody knows the ground truth's form, every reward that hangs on it is `invalid`, none is left out."""
    gateway = await make_gateway(
        profiles={"p": {"rewards": [{"name": "echo"}, {"name": "truth", "when": ["text"]}]}}
    )
    items = [{"completion": "1", "ground_truth_ref": REF}]
    result = (await gateway.score(request(rewards=[], profile="p", items=items))).results[0]
    assert [(c.name, c.reason) for c in result.components] == [("echo", "number"), ("truth", "unknown_ref")]
    assert (result.status, result.total) == (Status.INVALID, None)


async def test_a_call_sent_again_after_an_upload_is_judged_by_the_rewards_that_now_apply(make_gateway):
    """A verdict is taken over for its own reward only, though an upload has changed which rewards apply."""
    gateway = await make_gateway(profiles={"p": BY_FORM})
    items = [{"completion": "1", "ground_truth_ref": REF, "group_id": "g"}]
    call = {"rewards": [], "profile": "p", "request_id": "r1", "items": items}
    await gateway.score(request(**call))
    upload(gateway)
    result = (await gateway.score(request(**call))).results[0]
    assert [(c.name, c.score) for c in result.components] == [("truth", 0.0), ("rank", 1.0)]


async def test_a_group_with_a_missing_verdict_is_judged_again_as_a_whole(gateway):
    """Otherwise the member that was missing would be compared with nobody, and the others without it."""
    body = {
        "rewards": ["truth", {"name": "shortest", "params": {"of": "truth"}}],
        "request_id": "r1",
        "items": [
            {"completion": "7", "group_id": "g", "ground_truth_ref": REF},
            {"completion": "77", "group_id": "g", "ground_truth": "77"},
        ],
    }
    first = await gateway.score(request(**body))
    assert [component(first, item, 1).score for item in (0, 1)] == [None, 1.0]
    upload(gateway)
    second = await gateway.score(request(**body))
    assert [component(second, item, 1).score for item in (0, 1)] == [1.0, 0.0]


@pytest.mark.parametrize(
    ("profile", "aggregation"),
    [
        ({"rewards": [{"name": "echo"}, {"name": "truth", "weight": -1}]}, "weighted_mean"),
        ({"rewards": [{"name": "echo", "gate": True}], "aggregation": "gated_sum"}, "weighted_sum"),
    ],
)
async def test_a_profile_is_not_put_together_in_a_way_it_cannot_be(make_gateway, profile, aggregation):
    """A call may choose another aggregation only where the profile's weights and gates mean something in it."""
    gateway = await make_gateway(profiles={"p": profile})
    items = [{"completion": "1", "ground_truth": "1"}]
    with pytest.raises(InvalidRequest) as refusal:
        await gateway.score(request(rewards=[], profile="p", aggregation=aggregation, items=items))
    assert refusal.value.pointers[0].pointer == "/aggregation"


async def test_an_items_own_reward_must_exist_under_a_profile_too(make_gateway):
    """A misspelt name is told, not called unavailable for ever."""
    gateway = await make_gateway(profiles={"p": {"rewards": [{"name": "echo"}]}})
    items = [{"completion": "1", "rewards": [{"name": "ecko"}]}]
    with pytest.raises(UnknownVerifier, match="ecko"):
        await gateway.score(request(rewards=[], profile="p", items=items))


@pytest.mark.parametrize(
    "profile",
    [
        {"rewards": [{"name": "echo"}, {"name": "echo"}]},
        {"rewards": [{"name": "echo", "when": ["text"]}, {"name": "echo", "when": ["text", "none"]}]},
        {"rewards": [{"name": "echo", "weight": 0}], "aggregation": "weighted_mean"},
        {"rewards": [{"name": "echo", "gate": True}]},
        {"rewards": [{"name": "echo", "gate": True, "required": False}], "aggregation": "gated_sum"},
    ],
)
def test_a_profile_that_does_not_add_up_is_refused_at_start(profile):
    """What a call may not ask for, a profile may not either."""
    with pytest.raises(ValidationError):
        GatewaySettings.model_validate({"profiles": {"p": profile}})


def test_a_profile_may_ask_for_a_reward_once_per_form():
    """One reward with other parameters for other forms of ground truth is one reward per item."""
    rewards = [{"name": "math", "when": ["text"]}, {"name": "math", "when": ["any_of"], "weight": 2.0}]
    assert GatewaySettings.model_validate({"profiles": {"p": {"rewards": rewards}}}).profiles
