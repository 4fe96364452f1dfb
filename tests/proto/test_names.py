"""The protocol says what the contract says: same names, same statuses, null where the contract has null."""

from enum import StrEnum
from types import NoneType
from typing import get_args, get_type_hints

import msgspec
import pytest

from guerdon.services.contract import verdicts
from guerdon.services.contract.requests import (
    Aggregation,
    ChatMessage,
    Priority,
    RewardSpec,
    ScoreItem,
    ScoreRequest,
)
from guerdon.services.contract.status import Status
from guerdon.services.gateway import describe
from guerdon.v1 import reward_pb2 as pb

REQUESTS = [
    (ScoreRequest, pb.ScoreRequest),
    (RewardSpec, pb.RewardSpec),
    (ScoreItem, pb.Item),
    (ChatMessage, pb.Message),
]
ANSWERS = [
    (verdicts.ScoreResponse, pb.ScoreResponse),
    (verdicts.Summary, pb.Summary),
    (verdicts.ItemResult, pb.ItemResult),
    (verdicts.ComponentResult, pb.ComponentResult),
    (verdicts.ComponentError, pb.ComponentError),
    (describe.ServiceDescription, pb.ListVerifiersResponse),
    (describe.RewardDescription, pb.Verifier),
    (describe.ProfileDescription, pb.Profile),
    (describe.LimitsDescription, pb.ServiceLimits),
]


def names(message):
    """Field names of a message."""
    return {field.name for field in message.DESCRIPTOR.fields}


@pytest.mark.parametrize(("model", "message"), REQUESTS)
def test_requests_have_the_fields_of_json(model, message):
    """Whatever JSON callers can say, gRPC callers can, under the same name."""
    assert names(message) == set(model.model_fields)


@pytest.mark.parametrize(("struct", "message"), ANSWERS)
def test_answers_have_the_fields_of_json(struct, message):
    """Every field of an answer has the same name on both transports, in the same order."""
    assert [field.name for field in message.DESCRIPTOR.fields] == list(struct.__struct_fields__)


@pytest.mark.parametrize(("struct", "message"), ANSWERS)
def test_what_may_be_null_has_presence(struct, message):
    """0.0 and null, the empty string and null are told apart on the wire."""
    nullable = {name for name, hint in get_type_hints(struct).items() if NoneType in get_args(hint)}
    with_presence = {field.name for field in message.DESCRIPTOR.fields if field.has_presence}
    assert nullable <= with_presence


@pytest.mark.parametrize(
    ("kind", "enum"),
    [
        (Status, pb.ResultStatus),
        (Aggregation, pb.Aggregation),
        (Priority, pb.Priority),
        (StrEnum("State", ["ready", "starting", "unavailable"]), pb.VerifierState),
    ],
)
def test_enums_have_the_values_of_json(kind: type[StrEnum], enum):
    """Each value is the JSON name behind the enum's prefix; 0 is unspecified."""
    prefix = enum.Name(0).removesuffix("UNSPECIFIED")
    assert set(enum.keys()) - {enum.Name(0)} == {prefix + value.upper() for value in kind}


def test_profile_rewards_are_those_of_the_settings():
    """A profile's reward is told with the names it is configured by."""
    told = msgspec.json.decode(msgspec.json.encode(describe.describe_profiles(describe.GatewaySettings())))
    assert names(pb.ProfileReward) == set(told[0]["rewards"][0])
