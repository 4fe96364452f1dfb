"""Leaves verifiers out of a configuration, which need not have been checked yet."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from guerdon.services.cluster.config import GATEWAY
from guerdon.services.cluster.hosted import find_kind
from guerdon.services.runtime.names import application_name, verifiers_of


def verifiers_in(applications: Collection[Mapping[str, Any]]) -> list[str]:
    """Names of the verifiers that applications run, as their names say it."""
    names = (str(app.get("name")) for app in applications)
    return [verifier for name in names if name != GATEWAY for verifier in verifiers_of(name)]


def keep_verifiers(applications: Collection[Mapping[str, Any]], names: Collection[str]) -> list[dict[str, Any]]:
    """The gateway and the applications of some verifiers; those that share replicas with others lose these."""
    return [
        _reduced(app, names)
        for app in applications
        if app.get("name") == GATEWAY or not set(names).isdisjoint(verifiers_in([app]))
    ]


def _reduced(app: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    args = dict(app.get("args") or {})
    if isinstance(listed := args.get("verifiers"), list):
        args["verifiers"] = [entry for entry in listed if _name_of(entry) in names]
    if app.get("name") == GATEWAY:
        return {**app, "args": args}
    hosted = verifiers_in([app])
    kept = [verifier for verifier in hosted if verifier in names]
    if kept == hosted:
        return dict(app)
    name, deployments = application_name(kept), app.get("deployments")
    if isinstance(deployments, list):
        deployments = [_of_some(deployment, name, kept) for deployment in deployments]
    return {**app, "name": name, "args": args, "deployments": deployments}


def _of_some(deployment: Any, name: str, kept: Collection[str]) -> Any:
    if not isinstance(deployment, dict):
        return deployment
    settings = deployment.get("user_config")
    if isinstance(settings, dict):
        settings = {verifier: settings[verifier] for verifier in kept if verifier in settings}
    return {**deployment, "name": name, "user_config": settings}


def _name_of(entry: Any) -> str:
    """A verifier's name; what names none stays as it is, for the check to complain of."""
    kind = find_kind(entry)
    return str(entry) if isinstance(kind, str) else kind.name
