"""Finds verifiers: those of this project and of any installed package, through one entry-point group.

A package registers a verifier with ``[project.entry-points."guerdon.verifiers"]``,
``name = "package.module:Class"``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.metadata import entry_points

from guerdon.services.contract.verifier import Verifier

GROUP = "guerdon.verifiers"


class RegistrationError(Exception):
    """A registered verifier cannot be used; the message names it and says why."""


def registered_names() -> list[str]:
    """Names of all registered verifiers, sorted; nothing is imported."""
    return sorted({entry.name for entry in entry_points(group=GROUP)})


def load_verifiers(names: Iterable[str] | None = None) -> dict[str, type[Verifier]]:
    """Import registered verifiers.

    Args:
        names: which ones; None for all.

    Raises:
        RegistrationError: a name is not registered, is registered twice, does not import, is no verifier, or
            two verifiers declare the same reward.
    """
    found: dict[str, list[str]] = {}
    for entry in entry_points(group=GROUP):
        found.setdefault(entry.name, []).append(entry.value)
    wanted = sorted(found) if names is None else list(dict.fromkeys(names))
    loaded = {name: _load(name, sorted(set(found.get(name, ())))) for name in wanted}
    rewards_of(loaded)
    return loaded


def rewards_of(verifiers: Mapping[str, type[Verifier]]) -> dict[str, str]:
    """Map each reward name to the verifier that computes it.

    Raises:
        RegistrationError: two verifiers declare the same reward.
    """
    owner: dict[str, str] = {}
    for name, verifier in verifiers.items():
        for reward in verifier.rewards:
            if reward.name in owner:
                raise RegistrationError(
                    f"the reward {reward.name!r} is declared by the verifiers {owner[reward.name]!r} and {name!r}"
                )
            owner[reward.name] = name
    return owner


def _load(name: str, targets: list[str]) -> type[Verifier]:
    if not targets:
        known = ", ".join(registered_names()) or "none"
        raise RegistrationError(f"no verifier is registered as {name!r}; registered are: {known}")
    if len(targets) > 1:
        raise RegistrationError(f"the verifier {name!r} is registered twice: {', '.join(targets)}")
    entry = next(entry for entry in entry_points(group=GROUP) if entry.name == name)
    try:
        verifier = entry.load()
    except (ImportError, AttributeError) as cause:
        raise RegistrationError(f"the verifier {name!r} ({targets[0]}) does not import: {cause}") from cause
    if not (isinstance(verifier, type) and issubclass(verifier, Verifier)):
        raise RegistrationError(f"{targets[0]}, registered as {name!r}, is not a Verifier class")
    if verifier.name != name:
        raise RegistrationError(f"{targets[0]} is registered as {name!r} but calls itself {verifier.name!r}")
    return verifier
