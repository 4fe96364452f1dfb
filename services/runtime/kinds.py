"""Finds the class of a verifier by its registered name or its import path."""

from __future__ import annotations

from importlib import import_module

from guerdon.services.contract import Verifier
from guerdon.services.contract.registry import RegistrationError, load_verifiers


def load_kind(name: str) -> type[Verifier]:
    """The verifier of a registered name, or of ``package.module:Class``.

    Raises:
        RegistrationError: there is none.
    """
    module, colon, attribute = name.partition(":")
    if not colon:
        return load_verifiers([name])[name]
    try:
        kind = getattr(import_module(module), attribute)
    except (ImportError, AttributeError) as cause:
        raise RegistrationError(f"the verifier {name!r} does not import: {cause}") from cause
    if not (isinstance(kind, type) and issubclass(kind, Verifier)):
        raise RegistrationError(f"{name!r} is not a Verifier class")
    return kind
