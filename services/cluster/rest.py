"""Talks to the REST API of Ray Serve: puts configurations, scales deployments, tells what runs."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import httpx2

from guerdon.services.cluster.errors import ClusterError, Refused, Unreachable
from guerdon.services.cluster.state import ClusterState, read_state

APPLICATIONS = "/api/serve/applications/"
CHANGE_TIMEOUT_S = 120.0
"""The first configuration starts the controller and the proxies, and is answered when they run."""
_READ_TIMEOUT_S = 30.0
_SHOWN_CHARS = 2000


class RestClient:
    """The REST API of one cluster.

    Args:
        address: its URL, such as ``http://127.0.0.1:8265``.
        token: the cluster's token, or empty where it has none.
    """

    def __init__(self, address: str, token: str = "") -> None:
        self.address = address.rstrip("/")
        headers = {"authorization": f"Bearer {token}"} if token else {}
        # The environment's proxies are for the world outside, not for a cluster.
        self._http = httpx2.Client(base_url=self.address, headers=headers, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close its connections."""
        self._http.close()

    def version(self) -> str:
        """The version of Ray.

        Raises:
            ClusterError: it cannot be reached or refuses.
        """
        return str(self._call("GET", "/api/ray/version").json().get("ray_version", ""))

    def state(self) -> ClusterState:
        """What runs.

        Raises:
            ClusterError: it cannot be reached or refuses.
        """
        return read_state(self._call("GET", APPLICATIONS).json())

    def put(self, config: Mapping[str, Any]) -> None:
        """Make the cluster run what a configuration says; applications that it does not list are removed.

        Raises:
            ClusterError: it cannot be reached or refuses.
        """
        self._call("PUT", APPLICATIONS, dict(config), timeout_s=CHANGE_TIMEOUT_S)

    def scale(self, application: str, deployment: str, replicas: int) -> None:
        """Set how many replicas a deployment shall have; returns before it has them.

        Raises:
            ClusterError: it cannot be reached, does not know the deployment, or scales it by other means.
        """
        path = f"/api/v1/applications/{quote(application, safe='')}/deployments/{quote(deployment, safe='')}/scale"
        self._call("POST", path, {"target_num_replicas": replicas})

    def _call(
        self, method: str, path: str, body: Any = None, *, timeout_s: float = _READ_TIMEOUT_S
    ) -> httpx2.Response:
        try:
            answer = self._http.request(method, path, json=body, timeout=timeout_s)
        except httpx2.TimeoutException:
            raise Unreachable(
                f"the cluster at {self.address} did not answer {method} {path} in {timeout_s:.0f} s"
            ) from None
        except (httpx2.HTTPError, httpx2.InvalidURL) as cause:
            raise Unreachable(
                f"no cluster can be reached at {self.address} ({str(cause) or type(cause).__name__}): "
                "is it running, and is this the address of its REST API (port 8265 by default)?"
            ) from None
        if answer.is_success:
            return answer
        raise _refusal(self.address, answer)


def _refusal(address: str, answer: httpx2.Response) -> ClusterError:
    status = answer.status_code
    if status in {401, 403}:
        return Refused(
            f"the cluster at {address} refuses the token ({status}): give the file that holds the token it was "
            "started with as --token-file",
            status,
        )
    return Refused(f"the cluster at {address} refuses ({status}): {_said(answer.text)}", status)


def _said(text: str) -> str:
    """What the cluster said, without the traces of its processes."""
    try:
        content = json.loads(text)
    except ValueError:
        content = text
    if isinstance(content, dict):
        content = content.get("error") or content.get("msg") or content
    lines = [line for line in str(content).strip().splitlines() if line.strip()]
    if any(re.match(r"\s*(Traceback|File \")", line) for line in lines):
        lines = lines[-1:]
    return "\n".join(lines)[:_SHOWN_CHARS] or "nothing more is said"
