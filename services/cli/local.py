"""Scores in this process: the same core and the same verifiers as the service, without a listener."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec

from guerdon.services.cli.batches import CallError, item_faults
from guerdon.services.contract import ScoreResponse
from guerdon.services.contract.errors import GuerdonError
from guerdon.services.contract.requests import ScoreRequest
from guerdon.services.gateway.core import Gateway
from guerdon.services.gateway.parse import parse_request
from guerdon.services.gateway.settings import GatewaySettings
from guerdon.services.runtime.build import build_backend
from guerdon.services.runtime.settings import GATEWAY, load_settings

_LOOK_PERIOD_S = 0.005


class LocalScorer:
    """The service's core on an event loop of its own, which runs while a call is scored.

    Args:
        settings_file: TOML file with settings, or None.
    """

    def __init__(self, settings_file: Path | None) -> None:
        settings = load_settings(GatewaySettings, GATEWAY, file=settings_file).value
        self._gateway = Gateway(build_backend(file=settings_file), settings)
        self._offered = self._gateway.backend.offered()
        self._loop = asyncio.Runner()

    def __enter__(self) -> Self:
        self._loop.run(self._gateway.backend.start())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._loop.run(self._gateway.backend.close())
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
        await self._wait_for(request)
        return await self._gateway.score(request)

    async def _wait_for(self, request: ScoreRequest) -> None:
        """Wait for the verifiers a request needs; one that nobody asks for delays nothing."""
        if request.profile:
            await self._gateway.backend.wait_started()
        asked = {
            spec.name for specs in (request.rewards, *(item.rewards for item in request.items)) for spec in specs
        }
        needed = {
            name for name, verifier in self._offered.items() if asked & {info.name for info in verifier.rewards}
        }
        # The backend has one event for all verifiers and none for each.
        while any(self._gateway.states()[name].state == "starting" for name in needed):  # noqa: ASYNC110
            await asyncio.sleep(_LOOK_PERIOD_S)
