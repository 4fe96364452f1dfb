"""Names of applications: that of their verifier, or those of the several whose replicas are one, joined by ``+``.

So nothing but its name is needed to tell what an application runs: gateways find a verifier by it, and operators
read it in every list.
"""

from __future__ import annotations

from collections.abc import Sequence

JOINT = "+"


def application_name(verifiers: Sequence[str]) -> str:
    """Name of the application of some verifiers, such as ``math`` or ``format+language``."""
    return JOINT.join(verifiers)


def verifiers_of(application: str) -> tuple[str, ...]:
    """Names of the verifiers that an application of this name runs."""
    return tuple(application.split(JOINT))
