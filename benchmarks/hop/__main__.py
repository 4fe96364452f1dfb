"""What a hop between gateway and verifier costs: a Ray Serve handle against Guerdon's link, in one run.

Run as ``python benchmarks/hop [--json]``; needs the extra ``ray`` and about a minute. 64 completions of 1 kB go to
1 and to 4 trivial verifiers, each on a replica of its own, behind the same HTTP endpoint in throughput mode.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from pathlib import Path

import httpx2
import msgspec
from rich.console import Console
from rich.table import Table

from guerdon.services.cluster.applications import verifier_application
from guerdon.services.cluster.private import private_ray

SECONDS, ROUNDS = 1.0, 5
TICKS = os.sysconf("SC_CLK_TCK")
STUBS = [f"guerdon.services.bench.stubs:Check{letter}" for letter in "ABCD"]


def main() -> int:
    """Measure and show."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="write one JSON object instead of a table")
    words = parser.parse_args()
    found = measure()
    if words.json:
        print(json.dumps(found))
        return 0
    table = Table("verifiers", "way", "CPU-ms a call", "p50 ms", box=None)
    for row in found:
        table.add_row(str(row["verifiers"]), row["way"], f"{row['cpu_ms']:.2f}", f"{row['p50_ms']:.2f}")
    Console().print(table)
    return 0


def measure() -> list[dict[str, float | str]]:
    """CPU time of all server processes per call and the median time of a call, one in flight."""
    handles = [_application(f"handle{index}", "build_handle", {"index": index}) for index in range(4)]
    caller = {**_application("caller", "build_caller", {}), "route_prefix": "/"}
    config = {"applications": [caller, *handles, *map(verifier_application, STUBS)]}
    # Another callback than Guerdon's gateway has: this endpoint is an ordinary one of Serve's.
    environ = {"RAY_SERVE_HTTP_PROXY_CALLBACK_IMPORT_PATH": ""}
    with private_ray(config, cpus=16, extra_path=[Path(__file__).parent], environ=environ) as ray:
        body = msgspec.json.encode(["x" * 1000] * 64)
        with httpx2.Client(base_url=ray.http, trust_env=False) as client:
            ways = [(way, count) for count in (1, 4) for way in ("handle", "link")]
            for way, count in ways:
                _warm_up(client, f"/{way}/{count}", body)
            windows = {key: [_window(client, ray.pids(), key, body) for _ in range(ROUNDS)] for key in ways}
    return [
        {
            "verifiers": count,
            "way": way,
            "cpu_ms": statistics.median(cpu_ms for cpu_ms, _ in windows[way, count]),
            "p50_ms": statistics.median(p50_ms for _, p50_ms in windows[way, count]),
        }
        for way, count in ways
    ]


def _application(name: str, builder: str, args: dict[str, int]) -> dict[str, object]:
    return {"name": name, "route_prefix": None, "import_path": f"hop_app:{builder}", "args": args}


def _warm_up(client: httpx2.Client, path: str, body: bytes) -> None:
    until = time.monotonic() + 60
    while not client.post(path, content=body).is_success:
        if time.monotonic() > until:
            raise TimeoutError(f"{path} does not answer")
        time.sleep(0.2)
    for _ in range(20):
        client.post(path, content=body)


def _window(client: httpx2.Client, pids: list[int], key: tuple[str, int], body: bytes) -> tuple[float, float]:
    path = f"/{key[0]}/{key[1]}"
    before, times_ms = _cpu_ms(pids), []
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        begun = time.monotonic()
        client.post(path, content=body).raise_for_status()
        times_ms.append((time.monotonic() - begun) * 1000)
    return (_cpu_ms(pids) - before) / len(times_ms), statistics.median(times_ms)


def _cpu_ms(pids: list[int]) -> float:
    total = 0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total += int(fields[11]) + int(fields[12])
    return total * 1000 / TICKS


if __name__ == "__main__":
    sys.exit(main())
