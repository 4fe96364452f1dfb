"""Metrics and logs of calls; the text of users never enters either."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from guerdon.services.contract import Status, Verdict
from guerdon.services.contract.requests import ScoreRequest
from guerdon.services.gateway.plan import Plan, PlannedComponent

log = logging.getLogger(__name__)

SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
SCORES = (-1.0, -0.5, 0.0, 0.25, 0.5, 0.75, 0.9, 1.0)
ITEMS = (1, 4, 16, 64, 256, 1024, 4096)
MAX_REASONS = 64
"""Distinct reasons a reward may have as a label; a verifier that invents reasons must not grow the metrics."""


class Observer:
    """Counts what calls do.

    Args:
        run_labels: values of ``metadata.run`` that become a label; others are counted as ``other``.
    """

    def __init__(self, run_labels: list[str]) -> None:
        self._runs = frozenset(run_labels)
        self._reasons: dict[str, set[str]] = {}
        self.registry = registry = CollectorRegistry()
        self._verdicts = Counter(
            "guerdon_verdicts_total",
            "Components answered.",
            ["verifier", "reward", "status", "reason", "run"],
            registry=registry,
        )
        self._scores = Histogram(
            "guerdon_score", "Scores given.", ["verifier", "reward", "run"], buckets=SCORES, registry=registry
        )
        self._stages = Histogram(
            "guerdon_stage_seconds",
            "Time per component and stage.",
            ["verifier", "stage"],
            buckets=SECONDS,
            registry=registry,
        )
        self._calls = Histogram("guerdon_call_seconds", "Time per call.", buckets=SECONDS, registry=registry)
        self._batch = Histogram("guerdon_batch_items", "Items per call.", buckets=ITEMS, registry=registry)
        self._inflight = Gauge("guerdon_inflight_items", "Items in flight.", registry=registry)
        self._hits = Counter(
            "guerdon_cache_hits_total", "Components answered from the cache.", ["verifier"], registry=registry
        )

    @contextmanager
    def watch(self, request: ScoreRequest, plan: Plan) -> Iterator[None]:
        """Observe one call from its start to its end."""
        started = time.monotonic()
        items = len(plan.items)
        self._inflight.inc(items)
        self._batch.observe(items)
        try:
            yield
        finally:
            seconds = time.monotonic() - started
            self._inflight.dec(items)
            self._calls.observe(seconds)
            run = self._run_label(request)
            undecided = 0
            for item in plan.items:
                for component in item.components:
                    if component.verdict is None:
                        undecided += 1
                    else:
                        self._count(component, component.verdict, run)
            log.info(
                "batch_scored",
                extra={
                    "request_id": request.request_id[:64],
                    "items": items,
                    "undecided": undecided,
                    "latency_ms": round(seconds * 1000, 1),
                },
            )

    def render(self) -> bytes:
        """The metrics in Prometheus' text form."""
        return generate_latest(self.registry)

    def _count(self, component: PlannedComponent, verdict: Verdict, run: str) -> None:
        reward = component.spec.name
        verifier = component.verifier.name if component.verifier else "absent"
        if component.verifier is None:
            reward = "absent"
        self._verdicts.labels(
            verifier, reward, str(verdict.status), self._reason_label(reward, verdict.reason), run
        ).inc()
        if verdict.status is Status.OK and verdict.score is not None:
            self._scores.labels(verifier, reward, run).observe(verdict.score)
        if component.cached:
            self._hits.labels(verifier).inc()
        else:
            self._stages.labels(verifier, "queue").observe(verdict.queue_ms / 1000)
            self._stages.labels(verifier, "verify").observe(verdict.latency_ms / 1000)

    def _reason_label(self, reward: str, reason: str) -> str:
        known = self._reasons.setdefault(reward, set())
        if reason not in known and len(known) >= MAX_REASONS:
            return "other"
        known.add(reason)
        return reason

    def _run_label(self, request: ScoreRequest) -> str:
        run = request.metadata.get("run")
        if run is None:
            return ""
        return run if isinstance(run, str) and run in self._runs else "other"
