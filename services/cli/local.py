"""Scores in this process: the same core and the same verifiers as the service, without a listener."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec

from guerdon.services.cli.calls import CallError, item_faults
from guerdon.services.contract import ScoreResponse
from guerdon.services.contract.errors import GuerdonError
from guerdon.services.contract.requests import ScoreRequest
from guerdon.services.gateway.core import Gateway
from guerdon.services.gateway.parse import parse_request
from guerdon.services.gateway.settings import GatewaySettings
from guerdon.services.runtime.build import build_backend
from guerdon.services.runtime.settings import GATEWAY, load_settings


class LocalScorer:
    """The service's core on an event loop of its own, which runs while a call is scored.

    Args:
        settings_file: TOML file with settings, or None.
    """

    def __init__(self, settings_file: Path | None) -> None:
        settings = load_settings(GatewaySettings, GATEWAY, file=settings_file).value
        self._backend = build_backend(file=settings_file)
        self._gateway = Gateway(self._backend, settings)
        self._loop = asyncio.Runner()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._loop.run(self._backend.close())
        self._loop.close()

    def score(self, request: dict[str, Any]) -> dict[str, Any]:
        """Answer one request.

        Raises:
            CallError: it is refused.
        """
        try:
            answer: dict[str, Any] = msgspec.to_builtins(self._loop.run(self._score(parse_request(request))))
        except GuerdonError as error:
            faults = item_faults((fault.pointer, fault.detail) for fault in error.pointers)
            raise CallError(error.code(), error.message, faults) from None
        return answer

    def describe(self) -> dict[str, Any]:
        """Verifiers, profiles and limits, as ``GET /v1/verifiers`` tells them."""
        described: dict[str, Any] = msgspec.to_builtins(self._gateway.describe())
        return described

    async def _score(self, request: ScoreRequest) -> ScoreResponse:
        needed = self._needed(request)
        await self._backend.start(needed)
        await self._backend.wait_started(needed)
        return await self._gateway.score(request)

    def _needed(self, request: ScoreRequest) -> set[str]:
        """The verifiers of a request; one that nobody asks for costs and delays nothing."""
        offered = self._backend.offered()
        if request.profile:
            return set(offered)
        asked = {
            spec.name for specs in (request.rewards, *(item.rewards for item in request.items)) for spec in specs
        }
        return {name for name, verifier in offered.items() if asked & {info.name for info in verifier.rewards}}
