"""Payloads of fixed size, made from a seed: the same bytes in every run."""

from __future__ import annotations

import random
from functools import lru_cache
from typing import Any, Literal

import msgspec

from guerdon.services.bench.checks import BURNING, SLEEP, SLEEPING, SPIN

_TEXT = (
    "so we have the sum of both sides and then divide by two which gives an integer let me check that again wait "
    "if x equals three the left side becomes nine plus four hence the remainder is one therefore multiply"
)
_POOL_CHARS = 300_000
_ENDING = "</think> <answer>\\boxed{%d}</answer>"
_START = "<think> "


class Payload(msgspec.Struct, frozen=True, kw_only=True):
    """What one call asks."""

    items: int
    """Items of the call."""
    item_bytes: int
    """Length of each completion in bytes, ASCII."""
    rewards: tuple[str, ...]
    """Rewards asked for each item."""
    work_ms: float = 100.0
    """Parameter of ``bench_sleep`` and ``bench_burn``: time of one item in milliseconds."""
    hang: Literal["", "spin", "sleep"] = ""
    """How hanging items hang."""
    hang_share: float = 0.05
    """Share of the items that hang, where ``hang`` says how."""
    timeout_ms: int = 60_000
    """Time the caller grants, in milliseconds."""
    seed: int = 0
    """What the texts are made from."""

    @property
    def verdicts(self) -> int:
        """Verdicts that an answer has to hold."""
        return self.items * len(self.rewards)

    @property
    def hanging(self) -> int:
        """Items that hang."""
        return round(self.items * self.hang_share) if self.hang else 0


def make_request(payload: Payload) -> dict[str, Any]:
    """The request as ``POST /score`` takes it."""
    rewards = [
        {"name": name, "params": {"ms": payload.work_ms}} if name in {SLEEPING, BURNING} else {"name": name}
        for name in payload.rewards
    ]
    generator = random.Random(payload.seed)  # noqa: S311 - load, no secret
    pool = _pool(payload.seed)
    hanging = set(generator.sample(range(payload.items), payload.hanging))
    items = []
    for index in range(payload.items):
        text = _completion(generator, pool, payload.item_bytes)
        if index in hanging:
            text = (SPIN if payload.hang == "spin" else SLEEP) + text[len(SPIN) :]
        items.append(
            {
                "id": f"g{index // 16}-{index % 16}",
                "prompt": f"What is {index} + {payload.seed}?",
                "completion": text,
                "ground_truth": str(index + payload.seed),
                "group_id": f"g{index // 16}",
            }
        )
    return {"rewards": rewards, "items": items, "timeout_ms": payload.timeout_ms}


@lru_cache(maxsize=4)
def body_of(payload: Payload, transport: str) -> bytes:
    """What a call sends: JSON, or a ``ScoreRequest`` over gRPC."""
    return encode(make_request(payload), transport)


def encode(request: dict[str, Any], transport: str) -> bytes:
    """The bytes of a request."""
    if transport != "grpc":
        return msgspec.json.encode(request)
    from guerdon.services.bench.protocol import request_bytes

    return request_bytes(request)


def _completion(generator: random.Random, pool: str, size: int) -> str:
    ending = _ENDING % generator.randrange(1000)
    wanted = max(0, size - len(_START) - len(ending))
    start = generator.randrange(len(pool) - wanted % _POOL_CHARS)
    body = (pool[start:] + pool * (wanted // _POOL_CHARS + 1))[:wanted]
    return f"{_START}{body}{ending}"


@lru_cache(maxsize=2)
def _pool(seed: int) -> str:
    generator = random.Random(seed)  # noqa: S311 - load, no secret
    text = " ".join(generator.choices(_TEXT.split(), k=_POOL_CHARS // 3))
    return text[:_POOL_CHARS]
