"""Math completions made from templates: what a policy in training might write, with a known ground truth.

Lengths follow a log-normal distribution, as those of reasoning models do: most end early, a few go on for long.
"""

from __future__ import annotations

import math
import random
from typing import Any

import msgspec

_STEPS = (
    "We are asked for the value of {a} + {b}, so let us begin with the tens.",
    "First, {a} can be written as {a} = 10 \\cdot {q} + {r}.",
    "Wait, let me check that again: ${a} - {r}$ is divisible by 10, which fits.",
    "Adding {b} to {a} one step at a time gives a number close to {near}.",
    "If we let $x = {a}$, then $x + {b} = \\frac{{2x + {twice}}}{{2}}$, which is the same thing.",
    "Hmm, the remainder modulo 9 should agree on both sides, so let us compute it.",
    "Therefore the result cannot be smaller than {a}, as {b} is positive.",
)
_SHORTEST_CHARS, _LONGEST_CHARS = 200, 32_000
_MEDIAN_CHARS, _SIGMA = 1800, 0.9

REWARDS = ("math", "format")
"""The rewards a step asks for."""


class Ending(msgspec.Struct, frozen=True):
    """A completion and when its last token came."""

    at_s: float
    """Seconds after the step's first token."""
    item: dict[str, Any]
    """The item, as ``POST /score`` takes it."""


def make_step(seed: int, completions: int, group: int, span_s: float) -> list[Ending]:
    """The completions of one step in the order in which they end; the longest one ends at ``span_s``.

    Args:
        seed: what texts and lengths are made from.
        completions: how many.
        group: completions of one prompt.
        span_s: time from the first token to the last, in seconds.
    """
    generator = random.Random(seed)  # noqa: S311 - load, no secret
    lengths = [_length(generator) for _ in range(completions)]
    longest = max(lengths)
    endings = []
    problem = (0, 0)
    for index, length in enumerate(lengths):
        if index % group == 0:
            problem = (generator.randrange(100, 1000), generator.randrange(100, 1000))
        name = f"s{seed}-p{index // group}"
        item = {"id": f"{name}-g{index % group}", "group_id": name, **_item(generator, problem, length)}
        endings.append(Ending(at_s=span_s * length / longest, item=item))
    return sorted(endings, key=lambda ending: ending.at_s)


def request_of(items: list[dict[str, Any]]) -> dict[str, Any]:
    """The request that scores items of a step."""
    rewards = [{"name": name} for name in REWARDS]
    return {"rewards": rewards, "items": items, "timeout_ms": 60_000}


def _length(generator: random.Random) -> int:
    drawn = generator.lognormvariate(math.log(_MEDIAN_CHARS), _SIGMA)
    return int(min(_LONGEST_CHARS, max(_SHORTEST_CHARS, drawn)))


def _item(generator: random.Random, problem: tuple[int, int], length: int) -> dict[str, Any]:
    a, b = problem
    prompt = f"What is {a} + {b}? Give the answer in a box."
    thoughts = _thoughts(generator, a, b, length)
    finish_reason = "stop"
    match generator.choices(("right", "form", "wrong", "bare", "cut"), weights=(50, 20, 18, 7, 5))[0]:
        case "right":
            text = f"<think> {thoughts} </think> <answer>The sum is $\\boxed{{{a + b}}}$.</answer>"
        case "form":
            form = generator.choice((f"\\frac{{{2 * (a + b)}}}{{2}}", f"\\sqrt{{{(a + b) ** 2}}}", f"{a + b}.0"))
            text = f"<think> {thoughts} </think> <answer>$\\boxed{{{form}}}$</answer>"
        case "wrong":
            text = f"<think> {thoughts} </think> <answer>$\\boxed{{{a + b + generator.randrange(1, 9)}}}$</answer>"
        case "bare":
            text = f"{thoughts} The answer is {a + b}."
        case _:
            text, finish_reason = f"<think> {thoughts}", "length"
    return {"prompt": prompt, "completion": text, "ground_truth": str(a + b), "finish_reason": finish_reason}


def _thoughts(generator: random.Random, a: int, b: int, length: int) -> str:
    values = {"a": a, "b": b, "q": a // 10, "r": a % 10, "near": round(a + b, -1), "twice": 2 * b}
    sentences = [step.format(**values) for step in _STEPS]
    chosen: list[str] = []
    while length > 0:
        chosen.append(generator.choice(sentences))
        length -= len(chosen[-1]) + 1
    return " ".join(chosen)
