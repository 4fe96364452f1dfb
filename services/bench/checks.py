"""The trivial checks of the load: what a stub verifier and every floor do to one completion.

They live apart from the verifiers so that the bare server imports nothing of the service.
"""

from __future__ import annotations

import re

CHECKS = {
    "bench_a": re.compile(r"\\boxed\{"),
    "bench_b": re.compile(r"</think>"),
    "bench_c": re.compile(r"<answer>"),
    "bench_d": re.compile(r"</answer>\s*\Z"),
}
"""The check of each stub that is never answered from the cache."""

CACHED = "bench_cached"
"""The stub whose verdicts come from the cache: the floors answer it without looking."""

SLEEPING, BURNING = "bench_sleep", "bench_burn"
"""The stubs that wait, or compute, as long as their parameter ``ms`` says."""

SPIN, SLEEP = "HANG spin", "HANG sleep"
"""A completion that begins with one of these makes the stub ``bench_hang`` compute, or wait, without end."""

REWARDS_OF_COUNT = {0: (CACHED,), 1: ("bench_a",), 4: tuple(CHECKS)}
"""The rewards asked for in cells with 0, 1 and 4 verifiers."""


def check(reward: str, completion: str) -> float:
    """1.0 where the reward's check finds what it looks for, otherwise 0.0; any other reward is ``bench_a``."""
    if reward == CACHED:
        return 1.0
    return float(CHECKS.get(reward, CHECKS["bench_a"]).search(completion) is not None)
