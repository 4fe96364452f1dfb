"""What new calls are planned by: the versions of the verifiers as they are now, and the digest over them.

A call keeps the release it was planned by to its end, whatever is rolled out meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from guerdon.services.contract.errors import DigestMismatch, VerifierUnavailable
from guerdon.services.gateway.digest import digest_of_deployment
from guerdon.services.gateway.planner import Planner
from guerdon.services.gateway.settings import GatewaySettings
from guerdon.services.gateway.truths import GroundTruthStore
from guerdon.services.runtime.backend import Backend, OfferedVerifier

RETRY_AFTER_S = 1.0


@dataclass(frozen=True, slots=True)
class Release:
    """Verifiers under certain versions, and gateway settings."""

    offered: Mapping[str, OfferedVerifier]
    planner: Planner
    digest: str

    def check_expected(self, digest: str) -> None:
        """Refuse a call that expects another digest.

        Raises:
            DigestMismatch: this deployment would judge by something else.
            VerifierUnavailable: nobody can say yet, as a verifier has not told its version.
        """
        if not digest or digest == self.digest:
            return
        unknown = sorted(name for name, verifier in self.offered.items() if not verifier.version)
        if unknown:
            raise VerifierUnavailable(
                f"the call expects {digest}, and the verifier {unknown[0]!r} has not told its version yet",
                retry_after_s=RETRY_AFTER_S,
            )
        raise DigestMismatch(
            f"this deployment is {self.digest}, the call expects {digest}: "
            "a verifier, a library, a setting or a profile has changed"
        )


def make_release(backend: Backend, settings: GatewaySettings, truths: GroundTruthStore) -> Release:
    """The release of a backend as it is now."""
    offered = backend.offered()
    return Release(offered, Planner(backend, settings, truths), digest_of_deployment(offered, settings))
