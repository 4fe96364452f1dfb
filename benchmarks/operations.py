"""What operators wait for on Ray: a cold start, new settings, more replicas, a killed replica, a stop.

Run as ``python benchmarks/operations.py [--json]``; needs the extra ``ray`` and about two minutes. CPU time is of
all processes of the private Ray, sampled ten times a second, so what one used in its last tenth is missing.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
from rich.console import Console
from rich.table import Table

from guerdon.services.cluster.applications import serve_config, verifier_application
from guerdon.services.cluster.config import read_config
from guerdon.services.cluster.private import PrivateRay
from guerdon.services.cluster.processes import pids_of
from guerdon.services.cluster.rollout import wait_running

DEV = Path(__file__).parent.parent / "deploy" / "serve" / "dev.yaml"
CHECK = "guerdon.services.bench.stubs:CheckA"
TICKS = os.sysconf("SC_CLK_TCK")
Figures = dict[str, tuple[float, str]]


def main() -> int:
    """Measure everything and show it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="write one JSON object instead of a table")
    words = parser.parse_args()
    figures = {**cold_start(), **killed_replica()}
    if words.json:
        print(json.dumps({name: {"value": value, "unit": unit} for name, (value, unit) in figures.items()}))
        return 0
    table = Table("figure", "value", "unit", box=None)
    for name, (value, unit) in figures.items():
        table.add_row(name, f"{value:.4g}", unit)
    Console().print(table)
    return 0


def cold_start() -> Figures:
    """From nothing to the first verdicts of ``dev.yaml``, and what may be changed while it runs."""
    figures: Figures = {}
    ray = PrivateRay(read_config(DEV))
    with _cpu_seconds_of(ray.run) as used:
        begun = time.monotonic()
        try:
            ray.start()
            ray.deploy()
            _until(lambda: _ask(ray, "r1_zero") == "ok")
            figures["cold start to first answer"] = (time.monotonic() - begun, "s")
            figures["its CPU time"] = (used(), "CPU-s")
            figures["memory, the REST API included"] = (_uss_mib(ray.run), "MiB USS")
            figures["new settings judge calls after"] = (_change_settings(ray), "s")
            begun = time.monotonic()
            ray.client.scale("math", "math", 3)
            _until(lambda: len(_ready(ray, "math")) == 3)
            figures["1 to 3 replicas, seen by the gateway"] = (time.monotonic() - begun, "s")
        finally:
            begun = time.monotonic()
            ray.stop()
            figures["stop"] = (time.monotonic() - begun, "s")
    return figures


def killed_replica(calls: int = 400) -> Figures:
    """One of four replicas is killed under load: verdicts lost, and the worst time of a call against the usual."""
    lost, times_ms, worst_before_ms = 0, [], 0.0
    application = verifier_application(CHECK, replicas=4)
    with PrivateRay(serve_config([application]), cpus=8) as ray:
        ray.deploy()
        _until(lambda: len(_ready(ray, "bench_a")) == 4)
        body = {"rewards": [{"name": "bench_a"}], "items": [{"completion": "\\boxed{1}"}] * 64}
        with httpx2.Client(base_url=ray.http, trust_env=False) as client:
            for number in range(calls):
                if number == calls // 2:
                    worst_before_ms = max(times_ms[20:])
                    os.kill(_replica_pid(ray, "bench_a"), signal.SIGKILL)
                begun = time.monotonic()
                answer = client.post("/score", json=body, timeout=30).json()
                times_ms.append((time.monotonic() - begun) * 1000)
                lost += sum(result["status"] != "ok" for result in answer["results"])
    return {
        "1 of 4 replicas killed: verdicts lost": (lost, f"of {64 * calls}"),
        "worst call before": (worst_before_ms, "ms"),
        "worst call from then on": (max(times_ms[calls // 2 :]), "ms"),
    }


def _change_settings(ray: PrivateRay) -> float:
    """Seconds until calls are judged under other settings of math."""
    before = _status(ray)["digest"]
    config = read_config(DEV)
    for application in config["applications"]:
        if application["name"] == "math":
            application["deployments"][0].setdefault("user_config", {})["cpu_limit_ms"] = 1234.0
    begun = time.monotonic()
    threading.Thread(target=ray.deploy, args=(config,)).start()
    _until(lambda: _status(ray)["digest"] != before)
    took = time.monotonic() - begun
    wait_running(ray.client, ["math"])
    return took


def _ask(ray: PrivateRay, profile: str) -> str:
    item = {"completion": "<think>a</think><answer>\\boxed{\\sqrt{8}}</answer>", "ground_truth": "2\\sqrt{2}"}
    answer = httpx2.post(f"{ray.http}/score", json={"profile": profile, "items": [item]}, trust_env=False)
    return str(answer.json()["results"][0]["status"]) if answer.is_success else ""


def _status(ray: PrivateRay) -> dict[str, Any]:
    status: dict[str, Any] = httpx2.get(f"{ray.http}/v1/status", trust_env=False).json()
    return status


def _ready(ray: PrivateRay, verifier: str) -> list[dict[str, Any]]:
    found = [entry for entry in _status(ray)["verifiers"] if entry["name"] == verifier]
    return [replica for entry in found for replica in entry["replicas"] if replica["condition"] == "ready"]


def _replica_pid(ray: PrivateRay, verifier: str) -> int:
    application = ray.client.state().find(verifier)
    assert application is not None  # noqa: S101 - it was deployed here
    return next(replica.pid for replica in application.deployments[0].replicas if replica.pid)


def _until(true: Callable[[], bool], timeout_s: float = 60.0) -> None:
    until = time.monotonic() + timeout_s
    while True:
        try:
            if true():
                return
        except (httpx2.HTTPError, ValueError, KeyError):
            # Not up yet: what answers is not the gateway.
            pass
        if time.monotonic() > until:
            raise TimeoutError(f"what was waited for did not happen within {timeout_s:.0f} s")
        time.sleep(0.02)


@contextmanager
def _cpu_seconds_of(run: str) -> Iterator[Callable[[], float]]:
    """CPU time of all processes of a run, those that have ended included."""
    used: dict[int, float] = {}
    ended = threading.Event()

    def sample() -> None:
        while not ended.wait(0.1):
            for pid in pids_of(run):
                try:
                    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                except OSError:
                    continue
                used[pid] = (int(fields[11]) + int(fields[12])) / TICKS

    thread = threading.Thread(target=sample)
    thread.start()
    try:
        yield lambda: sum(used.values())
    finally:
        ended.set()
        thread.join()


def _uss_mib(run: str) -> float:
    total_kib = 0
    for pid in pids_of(run):
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total_kib += sum(int(line.split()[1]) for line in lines if line.startswith("Private_"))
    return total_kib / 1024


if __name__ == "__main__":
    sys.exit(main())
