"""Finds the classes of verifiers by their registered names or their import paths."""

from __future__ import annotations

from collections.abc import Sequence
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


def load_kinds(names: Sequence[str]) -> dict[str, type[Verifier]]:
    """The verifiers of several names, by the names that they give themselves, in order.

    Raises:
        RegistrationError: there is none of a name, or two names mean the same.
    """
    kinds = [load_kind(name) for name in names]
    found = {kind.name: kind for kind in kinds}
    if len(found) < len(kinds):
        raise RegistrationError(f"a verifier stands there twice: {', '.join(kind.name for kind in kinds)}")
    return found
