"""The client over HTTP."""

from __future__ import annotations

import json
from typing import Any

import httpx2
import msgspec

from guerdon.clients.python._base import GRACE_S, Client
from guerdon.clients.python._errors import Pointer, ScoreError
from guerdon.clients.python._values import whole_numbers

_TRY_LATER = frozenset({429, 502, 503, 504})


class HttpClient(Client):
    """Scores batches over HTTP.

    Args:
        base_url: where the service answers, such as ``http://127.0.0.1:8000``.
        api_key: the key of this client, where the service has keys.
    """

    def __init__(self, base_url: str, api_key: str | None = None) -> None:
        headers = {} if api_key is None else {"Authorization": f"Bearer {api_key}"}
        self._http = httpx2.Client(base_url=base_url, headers=headers)

    def close(self) -> None:
        """Close all connections."""
        self._http.close()

    def describe(self) -> dict[str, Any]:
        """Verifiers, profiles, limits and digest of the service, or ScoreError."""
        answer = self._call("GET", "/v1/verifiers", GRACE_S)
        for verifier in answer["verifiers"]:
            verifier["params_schema"] = whole_numbers(verifier["params_schema"])
        for profile in answer["profiles"]:
            for reward in profile["rewards"]:
                reward["params"] = whole_numbers(reward["params"])
        return answer

    def _score(self, request: dict[str, Any], wait_s: float) -> dict[str, Any]:
        answer = self._call("POST", "/score", wait_s, _encode(request))
        for result in answer["results"]:
            for component in result["components"]:
                component["details"] = whole_numbers(component["details"])
        return answer

    def _call(self, method: str, path: str, wait_s: float, body: bytes | None = None) -> dict[str, Any]:
        headers = {} if body is None else {"Content-Type": "application/json"}
        timeout = httpx2.Timeout(wait_s, connect=GRACE_S)
        try:
            response = self._http.request(method, path, content=body, headers=headers, timeout=timeout)
        except httpx2.ReadTimeout as cause:
            raise ScoreError("deadline_exceeded", f"no answer in {wait_s:g} s", 504, retryable=True) from cause
        except httpx2.TransportError as cause:
            raise ScoreError("unreachable", f"no service answers: {cause}", 503, retryable=True) from cause
        if not response.is_success:
            raise _error_of(response)
        answer: dict[str, Any] = msgspec.json.decode(response.content)
        return answer


def _encode(request: dict[str, Any]) -> bytes:
    try:
        return json.dumps(request, ensure_ascii=False, allow_nan=False).encode()
    except UnicodeEncodeError:
        # Escaped, lone surrogates travel; the service then names the places where they stand.
        return json.dumps(request).encode()
    except (TypeError, ValueError, RecursionError) as cause:
        raise ScoreError("invalid_request", f"the request is not JSON: {cause}", 422) from cause


def _error_of(response: httpx2.Response) -> ScoreError:
    """The error in a problem document; an answer that is none comes from something in between."""
    status = response.status_code
    try:
        problem = msgspec.json.decode(response.content)
        pointers = tuple(Pointer(fault["pointer"], fault["detail"]) for fault in problem["errors"])
        wait_s = float(response.headers["Retry-After"]) if "Retry-After" in response.headers else None
        return ScoreError(problem["code"], problem["detail"], status, pointers, problem["retryable"], wait_s)
    except (msgspec.DecodeError, LookupError, TypeError, ValueError):
        message = f"HTTP {status}, not from Guerdon: {response.text[:200]}"
        return ScoreError("unexpected_answer", message, status, retryable=status in _TRY_LATER)
