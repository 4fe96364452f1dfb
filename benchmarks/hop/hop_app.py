"""The application that ``benchmarks/hop`` deploys: the same chunk over Serve's handles and over Guerdon's link."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import msgspec
from fastapi import FastAPI, Request, Response
from ray import serve
from ray.serve import Application

from guerdon.services.bench.stubs import CheckA, CheckB, CheckC, CheckD
from guerdon.services.contract import Deadline, Item, Verdict
from guerdon.services.runtime.ray.directory import ServeDirectory
from guerdon.services.runtime.remote.backend import RemoteBackend

VERIFIERS = (CheckA, CheckB, CheckC, CheckD)


class OverHandle:
    """A verifier that is called through a Serve handle, with what pickles cheapest."""

    def __init__(self, index: int) -> None:
        self._verifier = VERIFIERS[index](VERIFIERS[index].Settings())

    async def score(self, items: list[tuple[str, str]]) -> list[tuple[Any, ...]]:
        """Judge ``(id, completion)`` pairs."""
        name = self._verifier.name
        verdicts = [self._verifier.verify(Item(id=key, reward=name, completion=text)) for key, text in items]
        return [(verdict.status, verdict.score, verdict.reason, verdict.explanation) for verdict in verdicts]


class Caller:
    """Sends what it is posted to so many verifiers, one way or the other."""

    async def __init__(self) -> None:  # type: ignore[misc]
        self._backend = RemoteBackend(VERIFIERS, ServeDirectory())
        await self._backend.start()
        self._handles: list[Any] = []

    def __serve_build_asgi_app__(self) -> FastAPI:
        """Serve's hook."""
        app = FastAPI()

        async def answer(way: str, count: int, request: Request) -> Response:
            texts = msgspec.json.decode(await request.body(), type=list[str])
            judge = self._over_link if way == "link" else self._over_handle
            found = await asyncio.gather(*(judge(index, texts) for index in range(count)))
            return Response(msgspec.json.encode([len(verdicts) for verdicts in found]))

        app.post("/{way}/{count}")(answer)
        return app

    async def _over_link(self, index: int, texts: list[str]) -> Sequence[Verdict]:
        name = VERIFIERS[index].name
        items = [Item(id=str(place), reward=name, completion=text) for place, text in enumerate(texts)]
        return await self._backend.score(name, items, Deadline.never())

    async def _over_handle(self, index: int, texts: list[str]) -> Sequence[Any]:
        if not self._handles:
            self._handles = [serve.get_deployment_handle("handle", f"handle{index}") for index in range(4)]
        pairs = [(str(place), text) for place, text in enumerate(texts)]
        answer: list[Any] = await self._handles[index].score.remote(pairs)
        return answer


def build_caller(args: dict[str, Any]) -> Application:
    """The application that is called."""
    return serve.deployment(serve.ingress()(Caller), name="caller", ray_actor_options={"num_cpus": 0.1}).bind()


def build_handle(args: dict[str, Any]) -> Application:
    """One verifier behind a handle."""
    options = {"num_cpus": 0.1}
    return serve.deployment(OverHandle, name="handle", ray_actor_options=options).bind(int(args["index"]))
