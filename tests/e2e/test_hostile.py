"""Completions written to break the service, through the whole of it."""

import pytest
from calls import component, request

from guerdon.services.contract import Status

pytestmark = pytest.mark.asyncio(loop_scope="module")

BOX = "<think>t</think><answer>\\boxed{%s}</answer>"
NEIGHBOUR = BOX % "42"

HOSTILE = {
    "power tower": BOX % "9^{9^{9^9}}",
    "small tower": BOX % "7^{7^{7^7}}",
    "factorial of a billion": BOX % "1000000000!",
    "nested factorials": BOX % "((((9!)!)!)!)",
    "big binomial": BOX % r"\binom{1000000000}{500000000}",
    "long sum": BOX % r"\sum_{k=1}^{100000000} \frac{1}{k}",
    "integral": BOX % r"\int_0^1 x^x e^{x^x} \sin(x^x) dx",
    "expansion": BOX % "(a+b+c+d+e+f+g+h)^{40}",
    "2,000 parentheses": BOX % ("(" * 2000 + "41" + ")" * 2000),
    "2,000 open parentheses": BOX % ("(" * 2000),
    "300 nested fractions": BOX % (r"\frac{1}{" * 300 + "2" + "}" * 300),
    "500 nested roots": BOX % (r"\sqrt{" * 500 + "2" + "}" * 500),
    "100 kB of LaTeX": BOX % (r"\frac{x+1}{x-1}+" * 6500 + "1"),
    "100 kB of sums": BOX % ("1+" * 50_000 + "1"),
    "100 kB of digits": BOX % ("7" * 100_000),
    "1 MB of text": "word " * 200_000 + "\\boxed{41}",
    "1 MB of open tags": "<think>" * 150_000,
    "1 MB of open boxes": "\\boxed{" * 150_000,
    "1 MB of braces": "{" * 1_000_000,
    "NUL bytes": "\0" * 1000 + BOX % "4\x001",
    "huge exponent": BOX % "1e999999999",
    "a big matrix": BOX % (r"\begin{pmatrix}" + r"1&2\\" * 900 + r"\end{pmatrix}"),
    "code": BOX % "__import__('os').system('id')",
    "directional controls": BOX % "\u202e24\u202c",
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_completion_is_a_clear_verdict(service, name):
    """It scores 0.0 with a reason within the limits, and its neighbours are judged as if it were not there."""
    truths = {"42": "42"}
    items = [{"completion": text, "ground_truth_ref": "42"} for text in (NEIGHBOUR, HOSTILE[name], NEIGHBOUR)]
    call = request(rewards=["math", "format"], items=items, ground_truths=truths, timeout_ms=20_000)
    response = await service.score(call)
    hostile = component(response, 1)
    assert (hostile.status, hostile.score) == (Status.OK, 0.0)
    assert hostile.reason
    assert hostile.explanation
    assert len(hostile.explanation) < 1000
    assert [response.results[i].total for i in (0, 2)] == [2.0, 2.0]


async def test_hostile_ground_truths_are_the_callers_fault(service):
    """A ground truth nobody can evaluate makes the item invalid; it never costs the completion its score."""
    truths = ["9^{9^{9^9}}", "1000000000!", "(" * 2000 + "1", r"\frac{1}{" * 300]
    items = [{"completion": NEIGHBOUR, "ground_truth": truth} for truth in truths]
    response = await service.score(request(rewards="math", items=items, timeout_ms=20_000))
    assert [component(response, i).score for i in range(len(truths))] == [None] * len(truths)
    assert {component(response, i).status for i in range(len(truths))} == {Status.INVALID}
