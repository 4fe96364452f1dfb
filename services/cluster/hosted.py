"""Rules of an application that runs verifiers: one, or several that share its replicas."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from guerdon.services.cluster.config import Application, said
from guerdon.services.contract import Verifier
from guerdon.services.contract.registry import RegistrationError
from guerdon.services.runtime.kinds import load_kind
from guerdon.services.runtime.names import application_name

At = Callable[..., str]
"""Names a place in the application."""


def verifier_problems(at: At, app: Application) -> Iterator[str]:
    """Faults of its verifiers, its name and their settings; it has one deployment."""
    if "verifiers" not in app.args:
        yield from _one(at, app)
    elif "verifier" in app.args:
        yield f"{at('args', 'verifiers')}: excludes verifier; keep one of the two"
    else:
        yield from _several(at, app)


def _one(at: At, app: Application) -> Iterator[str]:
    kind = find_kind(app.args.get("verifier"))
    if isinstance(kind, str):
        yield f"{at('args', 'verifier')}: {kind}"
    elif kind.name != app.name:
        yield f"{at('name')}: the application has to be named as its verifier, {kind.name!r}"
    else:
        yield from settings_problems(
            at("deployments", 0, "user_config"), kind.Settings, app.deployments[0].user_config
        )


def _several(at: At, app: Application) -> Iterator[str]:
    """Faults of verifiers that share replicas."""
    given = app.args["verifiers"]
    if not isinstance(given, list) or not given:
        yield f"{at('args', 'verifiers')}: has to list the verifiers"
        return
    found = [find_kind(name) for name in given]
    if unknown := [(number, kind) for number, kind in enumerate(found) if isinstance(kind, str)]:
        for number, fault in unknown:
            yield f"{at('args', 'verifiers', number)}: {fault}"
        return
    kinds = {kind.name: kind for kind in found if not isinstance(kind, str)}
    if len(kinds) < len(found):
        yield f"{at('args', 'verifiers')}: a verifier stands there twice"
    elif application_name(list(kinds)) != app.name:
        name = application_name(list(kinds))
        yield f"{at('name')}: the application has to be named as its verifiers, {name!r}"
    else:
        yield from _settings_by_name(at, app, kinds)


def _settings_by_name(at: At, app: Application, kinds: Mapping[str, type[Verifier]]) -> Iterator[str]:
    for name, settings in (app.deployments[0].user_config or {}).items():
        place = at("deployments", 0, "user_config", name)
        if name not in kinds:
            yield f"{place}: only the names of its verifiers stand here, each with its settings"
        elif not isinstance(settings, dict):
            yield f"{place}: has to hold the settings of {name!r}"
        else:
            yield from settings_problems(place, kinds[name].Settings, settings)


def settings_problems(place: str, model: type[BaseModel], settings: Mapping[str, Any] | None) -> Iterator[str]:
    """Faults of settings that stand at a place."""
    try:
        model.model_validate(settings or {})
    except ValidationError as cause:
        secret = "api_keys" in (settings or {})
        for error in cause.errors(include_input=True):
            inner = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error["loc"])
            # pydantic's message repeats the input; where keys are given, it is not shown.
            what = said(error) if not (secret and "api_keys" in error["loc"]) else f": {error['msg']}"
            yield f"{place}{inner} {what}" if what.startswith("=") else f"{place}{inner}: {what.lstrip(': ')}"


def find_kind(name: Any) -> type[Verifier] | str:
    """The verifier, or why there is none."""
    if not isinstance(name, str):
        return "has to name the verifier"
    try:
        return load_kind(name)
    except RegistrationError as cause:
        return str(cause)
