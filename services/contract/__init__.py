"""The contract between verifiers, gateway and clients: types, errors, protocol and registry.

Imports only the standard library, pydantic and msgspec.
"""

from guerdon.services.contract.completion import Completion, completion_of_messages, split_completion
from guerdon.services.contract.deadline import Deadline
from guerdon.services.contract.ground_truth import GroundTruth, parse_ground_truth
from guerdon.services.contract.items import Item, Message
from guerdon.services.contract.status import NO_VERDICT, RETRYABLE, Status
from guerdon.services.contract.verdicts import (
    ComponentError,
    ComponentResult,
    ItemResult,
    ScoreResponse,
    Summary,
    Verdict,
)
from guerdon.services.contract.verifier import (
    ItemVerifier,
    Limits,
    Params,
    RewardInfo,
    Verifier,
    VerifierSettings,
)

__all__ = [
    "NO_VERDICT",
    "RETRYABLE",
    "Completion",
    "ComponentError",
    "ComponentResult",
    "Deadline",
    "GroundTruth",
    "Item",
    "ItemResult",
    "ItemVerifier",
    "Limits",
    "Message",
    "Params",
    "RewardInfo",
    "ScoreResponse",
    "Status",
    "Summary",
    "Verdict",
    "Verifier",
    "VerifierSettings",
    "completion_of_messages",
    "parse_ground_truth",
    "split_completion",
]
