"""Builds the in-process backend from registered verifiers and settings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from guerdon.services.contract.registry import load_verifiers, rewards_of
from guerdon.services.contract.verifier import Verifier
from guerdon.services.runtime.inprocess import InProcessBackend
from guerdon.services.runtime.settings import load_settings


def build_backend(only: Sequence[str] = (), file: Path | None = None) -> InProcessBackend:
    """The in-process backend of all registered verifiers.

    Args:
        only: names of the verifiers to run; empty for all.
        file: TOML file with their settings.

    Raises:
        RegistrationError: a name is not registered, or a registered verifier cannot be used.
        SettingsError: a setting cannot be read.
    """
    kinds = load_verifiers()
    chosen = load_verifiers(only) if only else kinds
    verifiers: list[Verifier] = [
        kind(load_settings(kind.Settings, name, file=file).value) for name, kind in chosen.items()
    ]
    owners = rewards_of(kinds)
    absent = {reward: name for reward, name in owners.items() if name not in chosen}
    return InProcessBackend(verifiers, absent)
