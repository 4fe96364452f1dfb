"""The digest of a deployment: over everything that decides verdicts and totals."""

from __future__ import annotations

from guerdon.services.contract.versions import deployment_digest, source_digest
from guerdon.services.gateway import aggregate, choice, plan
from guerdon.services.gateway.settings import GatewaySettings
from guerdon.services.runtime import boundary, runners
from guerdon.services.runtime.backend import Backend
from guerdon.services.workers import outcome


def digest_of_deployment(backend: Backend, settings: GatewaySettings) -> str:
    """Digest over the verifiers' versions, the profiles, and the rules by which scores become totals."""
    profiles = {name: profile.model_dump(mode="json") for name, profile in settings.all_profiles().items()}
    # Which rewards an item gets, what stands in for a verdict, and how scores are put together.
    rules = source_digest(choice, plan, aggregate, boundary, runners, outcome)
    versions = {name: verifier.version for name, verifier in backend.offered().items()}
    return deployment_digest(versions, {"profiles": profiles, "rules": rules})
