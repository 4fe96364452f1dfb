"""The gateway's core: everything a transport needs, and nothing of any transport."""

from __future__ import annotations

import logging
import math
import time
import uuid
from collections.abc import Iterable, Mapping
from typing import Self

from guerdon import __version__
from guerdon.services.contract import Deadline, ScoreResponse, Status
from guerdon.services.contract.requests import Priority, ScoreRequest
from guerdon.services.contract.urgency import URGENCY, Urgency
from guerdon.services.gateway.admission import Admission, check_wait
from guerdon.services.gateway.aggregate import unfinished_result
from guerdon.services.gateway.auth import LOCAL, Authenticator, Caller
from guerdon.services.gateway.cache import VerdictCache
from guerdon.services.gateway.consumer import Consumer
from guerdon.services.gateway.describe import (
    ServiceDescription,
    ServiceStatus,
    describe_limits,
    describe_profiles,
    describe_rewards,
    describe_verifiers,
)
from guerdon.services.gateway.engine import Engine
from guerdon.services.gateway.idempotency import Call, CallMemory, fingerprint
from guerdon.services.gateway.observe import Observer
from guerdon.services.gateway.release import Release, make_release
from guerdon.services.gateway.resume import take_over
from guerdon.services.gateway.run import Run
from guerdon.services.gateway.settings import GatewaySettings
from guerdon.services.gateway.truths import GroundTruthStore
from guerdon.services.runtime.backend import Backend, VerifierState
from guerdon.services.runtime.tracing import span

log = logging.getLogger(__name__)

RANKS = {Priority.TRAIN: 0, Priority.EVAL: 1, Priority.BATCH: 2}


class Gateway:
    """One core under both transports; an async context manager that starts and stops the backend."""

    def __init__(self, backend: Backend, settings: GatewaySettings) -> None:
        self.backend = backend
        self.settings = settings
        self.observer = Observer(settings.run_labels)
        self._authenticator = Authenticator(settings.api_keys)
        self._admission = Admission(settings.max_inflight_items, settings.max_inflight_chars)
        self._cache = VerdictCache(settings.cache_verdicts)
        self._truths = GroundTruthStore(settings.ground_truth_bytes)
        self._memory = CallMemory(settings.idempotency_ttl_s, settings.idempotency_items)
        self._release = make_release(backend, settings, self._truths)
        self._warn_of_strangers()

    @property
    def digest(self) -> str:
        """Hash over everything that decides verdicts of new calls."""
        return self._current().digest

    def reconfigure(self, settings: GatewaySettings) -> None:
        """Answer new calls under other settings; calls in progress end under those they began with."""
        if settings == self.settings:
            return
        self.settings = settings
        self._authenticator = Authenticator(settings.api_keys)
        self._admission.resize(settings.max_inflight_items, settings.max_inflight_chars)
        self.observer.label_runs(settings.run_labels)
        self._cache.resize(settings.cache_verdicts)
        self._truths.resize(settings.ground_truth_bytes)
        self._memory.resize(settings.idempotency_ttl_s, settings.idempotency_items)
        self._release = make_release(self.backend, settings, self._truths)
        self._warn_of_strangers()

    async def __aenter__(self) -> Self:
        await self.backend.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.backend.close()

    def authenticate(self, token: str | None) -> Caller:
        """The caller of a token, or Unauthenticated."""
        return self._authenticator.authenticate(token)

    def states(self) -> Mapping[str, VerifierState]:
        """State of each verifier."""
        return self.backend.states()

    def describe(self) -> ServiceDescription:
        """Verifiers, profiles and limits."""
        return ServiceDescription(
            digest=self.digest,
            server_version=__version__,
            verifiers=describe_rewards(self.backend),
            profiles=describe_profiles(self.settings),
            limits=describe_limits(self.settings),
        )

    def status(self) -> ServiceStatus:
        """What runs now, as this gateway sees it."""
        return ServiceStatus(
            digest=self.digest,
            inflight_items=self._admission.inflight_items,
            verifiers=describe_verifiers(self.backend),
        )

    def check_room(self, caller: Caller) -> None:
        """Refuse a call before it is read where not even one more item would find room.

        Raises:
            Overloaded: that is so.
        """
        self._admission.check_room(caller)

    def put_ground_truth(self, sha256: str, body: bytes, caller: Caller) -> bool:
        """Keep a ground truth under its content's hash; whether it is new."""
        return self._truths.put(sha256, body)

    async def score(
        self, request: ScoreRequest, caller: Caller = LOCAL, timeout_ms: float | None = None
    ) -> ScoreResponse:
        """Score a batch and wait for the whole answer."""
        async with await self.open(request, caller, timeout_ms) as consumer:
            return await consumer.response()

    async def open(
        self,
        request: ScoreRequest,
        caller: Caller = LOCAL,
        timeout_ms: float | None = None,
        arrived: float | None = None,
        traceparent: str = "",
    ) -> Consumer:
        """Begin a call, or join the one it repeats; enter the result before the next ``await``.

        Args:
            request: what to score.
            caller: who asks.
            timeout_ms: time the transport leaves from now on, in milliseconds; the request's own limit holds too.
            arrived: when the request was there, on ``time.monotonic()``; now by default. Its own limit counts
                from then, so that the time of reading a large one is not added to it.
            traceparent: W3C trace context of the caller, or empty.

        Raises:
            GuerdonError: the call is refused; nothing was judged.
        """
        deadline = self._deadline(request, timeout_ms, time.monotonic() if arrived is None else arrived)
        release = self._current()
        plan = release.planner.plan(request)
        plan.digest = release.digest
        caller.check_allowed(plan.rewards)
        name = (caller.name, request.request_id) if request.request_id else None
        asked = fingerprint(request) if name else b""
        earlier = self._memory.find(name, asked) if name else None
        if earlier is not None:
            if earlier.run.alive or _all_ok(earlier):
                return Consumer(earlier.run, earlier.plan.digest, deadline)
            take_over(plan, earlier.plan)
        release.check_expected(request.expect_digest)
        run = Run(
            request.request_id or str(uuid.uuid4()),
            len(plan.items),
            lambda index: unfinished_result(plan.items[index], plan.aggregation),
        )
        engine = Engine(self.backend, self._cache, plan, run.publish, self.settings.verifier_timeout_ms)
        rank = RANKS[request.priority]
        begun = time.monotonic()
        self._admission.enter(caller, len(plan.items), plan.chars)
        try:
            decided = engine.recall()
            check_wait(self._expected_wait_ms(engine.verifiers, caller, rank), deadline)
        except BaseException:
            self._admission.leave(caller, len(plan.items), plan.chars)
            raise
        observed = self.observer.watch(request, plan, begun)

        async def work() -> None:
            URGENCY.set(Urgency(rank, caller.name))
            with span("score", traceparent, {"guerdon.items": len(plan.items)}):
                await engine.run(deadline)

        def done() -> None:
            self._admission.leave(caller, len(plan.items), plan.chars)
            observed()
            plan.forget_items()

        if decided:
            # What is known already takes no time, but belongs to the caller's trace all the same.
            with span("score", traceparent, {"guerdon.items": len(plan.items)}):
                run.conclude(done)
        else:
            run.begin(work, done)
        if name:
            self._memory.remember(name, asked, run, plan)
        return Consumer(run, plan.digest, deadline)

    def _expected_wait_ms(self, verifiers: Iterable[str], caller: Caller, rank: int) -> float:
        """How long a caller's new work would wait for the work in hand, in milliseconds.

        Higher classes go first as a whole; in its own class callers take turns.
        """
        turn = self._admission.share_before(caller)
        waits = [0.0]
        for verifier in verifiers:
            above_ms = self.backend.expected_wait_ms(verifier, rank - 1) if rank else 0.0
            with_own_ms = self.backend.expected_wait_ms(verifier, rank)
            waits.append(above_ms + turn * (with_own_ms - above_ms))
        return max(waits)

    def _warn_of_strangers(self) -> None:
        """Tell of settings for verifiers that do not run here: misspelt, or meant for another deployment."""
        for name in sorted(set(self.settings.verifier_timeout_ms) - set(self.backend.offered())):
            log.warning("verifier_unknown", extra={"setting": "verifier_timeout_ms", "verifier": name})

    def _current(self) -> Release:
        """The release that new calls are planned by."""
        if self.backend.offered() is not self._release.offered:
            self._release = make_release(self.backend, self.settings, self._truths)
        return self._release

    def _deadline(self, request: ScoreRequest, timeout_ms: float | None, arrived: float) -> Deadline:
        asked = request.timeout_ms or (self.settings.default_timeout_ms if timeout_ms is None else math.inf)
        own = arrived + min(asked, self.settings.max_timeout_ms) / 1000
        left = math.inf if timeout_ms is None else time.monotonic() + timeout_ms / 1000
        return Deadline(min(own, left))


def _all_ok(call: Call) -> bool:
    return call.run.complete and all(
        component.verdict is not None and component.verdict.status in {Status.OK, Status.NOT_APPLICABLE}
        for item in call.plan.items
        for component in item.components
    )
