"""Metrics and logs of calls; the text of users never enters either."""

from __future__ import annotations

import logging
import time
from collections import Counter as Tally
from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from guerdon.services.contract.requests import ScoreRequest
from guerdon.services.gateway.histogram import BatchHistogram
from guerdon.services.gateway.plan import AskedReward, Plan

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
        self.label_runs(run_labels)
        self._reasons: dict[str, set[str]] = {}
        self.registry = registry = CollectorRegistry()
        self._verdicts = Counter(
            "guerdon_verdicts_total",
            "Components answered.",
            ["verifier", "reward", "status", "reason", "run"],
            registry=registry,
        )
        self._scores = BatchHistogram(
            "guerdon_score", "Scores given.", ["verifier", "reward", "run"], SCORES, registry
        )
        self._stages = BatchHistogram(
            "guerdon_stage_seconds", "Time per component and stage.", ["verifier", "stage"], SECONDS, registry
        )
        self._calls = Histogram("guerdon_call_seconds", "Time per call.", buckets=SECONDS, registry=registry)
        self._batch = Histogram("guerdon_batch_items", "Items per call.", buckets=ITEMS, registry=registry)
        self._inflight = Gauge("guerdon_inflight_items", "Items in flight.", registry=registry)
        self._hits = Counter(
            "guerdon_cache_hits_total", "Components answered from the cache.", ["verifier"], registry=registry
        )
        self._cpu = Counter(
            "guerdon_cpu_seconds_total",
            "CPU time of verifiers for the verdicts of calls.",
            ["verifier", "run"],
            registry=registry,
        )

    def label_runs(self, run_labels: list[str]) -> None:
        """Make these runs labels from now on; what was counted before stays as it is."""
        self._runs = frozenset(run_labels)

    def watch(self, request: ScoreRequest, plan: Plan, started: float) -> Callable[[], None]:
        """Observe one call that began at ``started`` on ``time.monotonic()``; the result ends the observation."""
        items = len(plan.items)
        self._inflight.inc(items)
        self._batch.observe(items)

        def end() -> None:
            seconds = time.monotonic() - started
            self._inflight.dec(items)
            self._calls.observe(seconds)
            run = self._run_label(request)
            undecided = self._count(plan, run)
            for verifier, cpu_ms in plan.cpu_ms.items():
                self._cpu.labels(verifier, run).inc(cpu_ms / 1000)
            log.info(
                "batch_scored",
                extra={
                    "request_id": request.request_id[:64],
                    "items": items,
                    "undecided": undecided,
                    "latency_ms": round(seconds * 1000, 1),
                    "cpu_ms": round(sum(plan.cpu_ms.values()), 1),
                },
            )

        return end

    def render(self) -> bytes:
        """The metrics in Prometheus' text form."""
        return generate_latest(self.registry)

    def _count(self, plan: Plan, run: str) -> int:
        """Count the verdicts of a call, equal ones together, and return how many components have none."""
        components = [component for item in plan.items for component in item.components]
        groups = Tally(
            (component.asked, component.cached, verdict.status, verdict.reason, verdict.score)
            for component in components
            if (verdict := component.verdict) is not None
        )
        for (asked, cached, status, reason, score), times in groups.items():
            verifier, reward = _names(asked)
            label = self._reason_label(reward, reason)
            self._verdicts.labels(verifier, reward, str(status), label, run).inc(times)
            if score is not None:
                self._scores.observe((verifier, reward, run), score, times)
            if cached:
                self._hits.labels(verifier).inc(times)
        worked = Tally(
            (component.asked, verdict.queue_ms, verdict.latency_ms)
            for component in components
            if (verdict := component.verdict) is not None and not component.cached
        )
        for (asked, queue_ms, latency_ms), times in worked.items():
            verifier, _ = _names(asked)
            self._stages.observe((verifier, "queue"), queue_ms / 1000, times)
            self._stages.observe((verifier, "verify"), latency_ms / 1000, times)
        return len(components) - groups.total()

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


def _names(asked: AskedReward) -> tuple[str, str]:
    """Labels of a reward and its verifier; absent ones are counted together, as their names are the caller's."""
    return (asked.verifier.name, asked.spec.name) if asked.verifier else ("absent", "absent")
