"""What a service, or what is installed here, offers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from guerdon.services.cli.remote import connect


def describe(url: str, api_key: str, settings: Path | None) -> dict[str, Any]:
    """Rewards, profiles, limits and digest, as ``GET /v1/verifiers`` tells them.

    Args:
        url: service to ask, as ``http://host:port`` or ``grpc://host:port``; empty for what is installed here.
        api_key: API key of that service.
        settings: TOML file with the settings that enter the versions here.

    Raises:
        CliError: the service cannot be reached, or a setting or a verifier cannot be used.
    """
    if url:
        with connect(url, api_key) as remote:
            return remote.describe()
    # Only here: who asks a remote service need not have the service installed.
    from guerdon.services.cli.faults import check_settings, user_faults
    from guerdon.services.cli.local import LocalScorer

    with user_faults():
        check_settings(settings)
        return LocalScorer(settings).describe()
