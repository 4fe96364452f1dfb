"""What the service itself is made of here: settings, verifiers, data."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from guerdon.services.cli.checks.check import Check
from guerdon.services.cli.checks.machine import check_port
from guerdon.services.cli.checks.packages import INSTALL

CORPORA = "../shared/data"
"""Where the data for development and tests is looked for, unless GUERDON_CORPORA says otherwise."""


def check_service(settings_file: Path | None) -> Iterator[Check]:
    """Settings, ports and verifiers; the packages must be there."""
    from guerdon.services.cli.faults import settings_models
    from guerdon.services.contract.registry import RegistrationError
    from guerdon.services.gateway.settings import GatewaySettings
    from guerdon.services.runtime.settings import GATEWAY, SettingsError, check_unknown_sections, load_settings

    try:
        models = settings_models()
    except RegistrationError as error:
        yield Check("verifiers", "fail", str(error), "reinstall the package that registers it, or remove it")
        return
    yield Check("verifiers", "ok", ", ".join(name for name in models if name != GATEWAY) or "none is registered")
    try:
        if settings_file is not None:
            check_unknown_sections(settings_file, models)
        loaded = {section: load_settings(model, section, file=settings_file) for section, model in models.items()}
    except SettingsError as error:
        yield Check(
            "settings", "fail", "; ".join(error.problems), "correct them; guerdon config shows their origin"
        )
        return
    given = sum(origin != "default" for entry in loaded.values() for origin in entry.origins.values())
    yield Check("settings", "ok", f"{given} set, the rest have their defaults")
    gateway = loaded[GATEWAY].value
    if isinstance(gateway, GatewaySettings):
        yield check_port("HTTP port", gateway.host, gateway.port, "--port")
        yield check_port("gRPC port", gateway.host, gateway.grpc_port, "--grpc-port")


def check_models() -> Check:
    """Whether the models of the shipped verifiers are there and say what they should."""
    try:
        from guerdon.services.language.detector import MODEL_FILE, ModelError, load_detector
    except ImportError as error:
        return Check("models", "fail", f"language cannot read its model: {error}", INSTALL)
    try:
        load_detector()
    except ModelError as error:
        return Check("models", "fail", f"language: {error}", INSTALL)
    return Check("models", "ok", f"language: {MODEL_FILE} passes its test; the others need none")


def check_corpora() -> Check:
    """Whether the data for development is there; the service does without."""
    place = Path(os.environ.get("GUERDON_CORPORA") or CORPORA)
    if not place.is_dir():
        return Check("corpora", "ok", f"not at {place}; only tests on real data want them (GUERDON_CORPORA)")
    return Check("corpora", "ok", f"{', '.join(sorted(entry.name for entry in place.iterdir()))} in {place}")
