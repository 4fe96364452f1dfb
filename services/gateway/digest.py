"""The digest of a deployment: over everything that decides verdicts and totals."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from guerdon.services.contract.versions import deployment_digest, source_digest
from guerdon.services.gateway import aggregate, choice, engine, plan, planner
from guerdon.services.gateway.settings import GatewaySettings
from guerdon.services.runtime import boundary, runners, units
from guerdon.services.runtime.backend import OfferedVerifier
from guerdon.services.workers import outcome


def digest_of_deployment(offered: Mapping[str, OfferedVerifier], settings: GatewaySettings) -> str:
    """Digest over the verifiers' versions, the profiles, and the rules by which scores become totals."""
    profiles = {name: profile.model_dump(mode="json") for name, profile in settings.all_profiles().items()}
    versions = {name: verifier.version for name, verifier in offered.items()}
    return deployment_digest(versions, {"profiles": profiles, "rules": _rules()})


@cache
def _rules() -> str:
    """Which rewards an item gets, what stands in for a verdict, and how scores are put together."""
    return source_digest(choice, plan, planner, engine, aggregate, boundary, runners, units, outcome)
