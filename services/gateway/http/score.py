"""``POST /score``: a batch in, its verdicts out, at once or as they are finished."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from guerdon.services.contract import ItemResult, Summary
from guerdon.services.contract.errors import GuerdonError, InternalError
from guerdon.services.gateway.core import Gateway
from guerdon.services.gateway.http.body import (
    KEY_HEADER,
    TIMEOUT_HEADER,
    apply_headers,
    disconnected,
    read_body,
    token_of,
)
from guerdon.services.gateway.http.problems import problem_of
from guerdon.services.gateway.parse import parse_body
from guerdon.services.gateway.run import Run

log = logging.getLogger(__name__)

NDJSON = "application/x-ndjson"


class ScoreEvent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of a streamed answer: a result, at the end the summary, or the error that ended it."""

    request_id: str
    """The name of the call."""
    digest: str
    """Hash over everything that decides verdicts in this deployment."""
    result: ItemResult | None = None
    """An item that is finished."""
    summary: Summary | None = None
    """Counts and time; the last line of a whole answer."""
    error: Any = None
    """Problem document of what ended the stream early."""


async def score(gateway: Gateway, request: Request) -> Response:
    """Answer one ``POST /score``."""
    caller = gateway.authenticate(token_of(request))
    parsed = parse_body(await read_body(request, gateway.settings.max_body_bytes))
    parsed = apply_headers(parsed, request.headers.get(TIMEOUT_HEADER), request.headers.get(KEY_HEADER))
    streamed = NDJSON in request.headers.get("accept", "")
    async with AsyncExitStack() as stack:
        run = await stack.enter_async_context(await gateway.open(parsed, caller))
        if streamed:
            attached = stack.pop_all()
            return StreamingResponse(_lines(run, attached), media_type=NDJSON)
        answer = await _unless_disconnected(request, run.response())
        return Response(msgspec.json.encode(answer), media_type="application/json")


async def _unless_disconnected(request: Request, work: Coroutine[Any, Any, Any]) -> Any:
    """Wait for work, but stop when the client goes away: nobody would read the answer."""
    task = asyncio.create_task(work)
    gone = asyncio.create_task(disconnected(request))
    try:
        await asyncio.wait({task, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise asyncio.CancelledError
        return task.result()
    finally:
        task.cancel()
        gone.cancel()
        await asyncio.gather(task, gone, return_exceptions=True)


async def _lines(run: Run, attached: AsyncExitStack) -> AsyncIterator[bytes]:
    async with attached:
        try:
            async for event in run.events():
                line = (
                    ScoreEvent(request_id=run.request_id, digest=run.digest, result=event)
                    if isinstance(event, ItemResult)
                    else ScoreEvent(request_id=run.request_id, digest=run.digest, summary=event)
                )
                yield msgspec.json.encode(line) + b"\n"
        except GuerdonError as error:
            if isinstance(error, InternalError):
                log.exception("stream_failed", extra={"request_id": run.request_id[:64]})
            line = ScoreEvent(request_id=run.request_id, digest=run.digest, error=problem_of(error))
            yield msgspec.json.encode(line) + b"\n"
