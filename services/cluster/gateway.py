"""What a running gateway says of its verifiers."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from typing import Any

import httpx2
import msgspec

from guerdon.services.cluster.errors import NotYet
from guerdon.services.gateway.describe import ServiceStatus, VerifierStatus
from guerdon.services.runtime.names import verifiers_of

_TIMEOUT_S = 5.0
_POLL_S = 0.1
READY = "ready"


def figures(url: str, api_key: str = "") -> dict[str, VerifierStatus] | str:
    """What ``GET /v1/status`` says of each verifier, or why there is no answer.

    Args:
        url: the gateway's HTTP address.
        api_key: its API key, or empty.
    """
    headers = {"authorization": f"Bearer {api_key}"} if api_key else {}
    try:
        answer = httpx2.get(f"{url}/v1/status", headers=headers, timeout=_TIMEOUT_S, trust_env=False)
        if answer.status_code in {401, 403}:
            return f"the gateway at {url} wants an API key: give --api-key"
        if not answer.is_success:
            return f"the gateway at {url} does not tell queues and times: it answers {answer.status_code}"
        told = msgspec.json.decode(answer.content, type=ServiceStatus)
    except (httpx2.HTTPError, httpx2.InvalidURL, msgspec.DecodeError) as cause:
        return f"the gateway at {url} does not tell queues and times: {str(cause) or type(cause).__name__}"
    return {verifier.name: verifier for verifier in told.verifiers}


def states(url: str) -> dict[str, str]:
    """State of each verifier, from ``GET /readyz``; empty where nobody answers."""
    try:
        answer = httpx2.get(f"{url}/readyz", timeout=_TIMEOUT_S, trust_env=False)
        verifiers = answer.json().get("verifiers", {})
    except (httpx2.HTTPError, httpx2.InvalidURL, ValueError, AttributeError):
        return {}
    return {name: _state(told) for name, told in verifiers.items()}


def wait_ready(
    url: str, names: Collection[str], *, timeout_s: float, check: Callable[[], None] = lambda: None
) -> None:
    """Wait until the gateway can use all verifiers of applications: it finds new replicas a little later.

    Args:
        url: the gateway's HTTP address.
        names: the applications.
        timeout_s: how long to wait, in seconds.
        check: called with every look; raises to end the waiting.

    Raises:
        NotYet: it cannot.
    """
    verifiers = [verifier for name in names for verifier in verifiers_of(name)]
    until = time.monotonic() + timeout_s
    while True:
        check()
        told = states(url)
        missing = [name for name in verifiers if told.get(name) != READY]
        if not missing:
            return
        if time.monotonic() > until:
            said = _listed({name: told.get(name, "unknown") for name in missing})
            raise NotYet(f"after {timeout_s:.0f} s the gateway at {url} cannot use every verifier: {said}")
        time.sleep(_POLL_S)


def _state(told: Any) -> str:
    return str(told.get("state", "")) if isinstance(told, dict) else str(told)


def _listed(states_: Mapping[str, str]) -> str:
    return ", ".join(f"{name} is {state}" for name, state in sorted(states_.items()))
