"""The verifier with its worker pool: verdicts, limits, lost workers, deadlines."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator

import pytest

from guerdon.services.contract import Deadline, Item, Status, parse_ground_truth
from guerdon.services.contract.versions import verifier_version
from guerdon.services.math.settings import MathParams, MathSettings
from guerdon.services.math.verifier import MathVerifier
from guerdon.services.workers.errors import PoolError

SLOW = "\\boxed{\\int_0^{\\infty} e^{-x^2}\\sin(x^3)\\cos(x^5)\\,dx}"
"""Evaluating it takes far more CPU time than a response may spend."""


@pytest.fixture
async def verifier() -> AsyncIterator[MathVerifier]:
    """A started verifier with two workers."""
    subject = MathVerifier(MathSettings(workers=2))
    await subject.start()
    yield subject
    await subject.close()


def item(completion, ground_truth, **fields):
    """An item as the gateway makes it."""
    truth = None if ground_truth is None else parse_ground_truth(ground_truth)
    params = MathParams().model_dump()
    return Item(id="it", reward="math", params=params, completion=completion, ground_truth=truth, **fields)


async def score(verifier, *items, deadline=None):
    """Verdicts on items."""
    return await verifier.score_batch(items, deadline or Deadline.never())


async def test_every_verdict_says_what_was_found_and_why(verifier):
    """Answer, rule, span and both canonical forms stand in the verdict, for exact rules and for the parser."""
    exact, parsed = await score(
        verifier, item("It is $\\boxed{0.5}$.", "\\frac12"), item("\\boxed{\\sqrt{8}}", "2\\sqrt2")
    )
    assert (exact.score, exact.reason, exact.answer) == (1.0, "equal", "0.5")
    assert exact.details == {
        "rule": "number",
        "extraction_rule": "box",
        "span": [14, 17],
        "extracted": ["0.5"],
        "answer_form": "0.5",
        "ground_truth_form": "\\frac{1}{2}",
    }
    assert "'0.5'" in exact.explanation
    assert "frac12" in exact.explanation
    assert (parsed.score, parsed.details["rule"]) == (1.0, "numeric")
    assert parsed.latency_ms > 0.0


async def test_equal_work_in_a_batch_is_done_once(verifier):
    """A group of responses with one answer is compared once: all carry the same measurement."""
    verdicts = await score(
        verifier, *[item(f"Try {number}: \\boxed{{\\sqrt{{8}}}}", "2\\sqrt2") for number in range(50)]
    )
    assert {verdict.score for verdict in verdicts} == {1.0}
    assert len({verdict.latency_ms for verdict in verdicts}) == 1


async def test_costly_response_scores_zero_and_delays_no_neighbour(verifier):
    """What exceeds its CPU time is the response's own fault; the items beside it are judged as ever."""
    slow, *others = await score(
        verifier, item(SLOW, "42"), *[item(f"\\boxed{{\\sqrt{{{n}}}}}", f"{n}^{{1/2}}") for n in (2, 3, 5)]
    )
    assert (slow.status, slow.score, slow.reason) == (Status.OK, 0.0, "too_costly")
    assert "cpu limit" in slow.explanation
    assert [verdict.score for verdict in others] == [1.0, 1.0, 1.0]


async def test_ground_truth_that_exceeds_the_limit_is_invalid():
    """Where the ground truth is at work when the limit strikes, the response is not charged."""
    subject = MathVerifier(MathSettings(workers=1, cpu_limit_ms=30.0))
    await subject.start()
    try:
        deep = "(1+" * 38 + "x" + ")" * 38
        (verdict,) = await score(subject, item("\\boxed{\\sqrt{2}}", deep))
    finally:
        await subject.close()
    assert (verdict.status, verdict.score, verdict.reason) == (Status.INVALID, None, "ground_truth_too_costly")


async def test_killed_workers_lose_nothing(verifier):
    """Workers killed in the middle of a batch are replaced, and every item gets its verdict."""
    items = [item(f"\\boxed{{\\sqrt{{{n}}}+1}}", f"1+{n}^{{1/2}}") for n in range(2, 60)]
    batch = asyncio.create_task(score(verifier, *items))
    await asyncio.sleep(0.05)
    for pid in verifier.pool.stats().pids:
        os.kill(pid, signal.SIGKILL)
    assert {verdict.score for verdict in await batch} == {1.0}


async def test_after_the_deadline_exact_verdicts_stand_and_the_rest_is_timeout(verifier):
    """What needs no worker is judged even then; no score is made up for the rest."""
    expired = Deadline.after_ms(-1.0)
    exact, open_ = await score(
        verifier, item("\\boxed{42}", "42"), item("\\boxed{\\sqrt{8}}", "2\\sqrt2"), deadline=expired
    )
    assert exact.score == 1.0
    assert (open_.status, open_.score, open_.reason) == (Status.TIMEOUT, None, "deadline")


async def test_without_workers_there_is_no_score(verifier):
    """A verifier whose pool is closed says unavailable for what needs a worker."""
    await verifier.close()
    exact, open_ = await score(verifier, item("\\boxed{42}", "42"), item("\\boxed{\\sqrt{8}}", "2\\sqrt2"))
    assert exact.score == 1.0
    assert (open_.status, open_.score) == (Status.UNAVAILABLE, None)


async def test_health_is_proven_by_a_comparison(verifier):
    """A started verifier is healthy; one that was closed is not."""
    await verifier.check_health()
    await verifier.close()
    with pytest.raises(Exception, match="ping"):
        await verifier.check_health()


def test_number_of_workers_changes_no_version():
    """The version names what decides, and only that."""
    assert verifier_version(MathVerifier, MathSettings(workers=1)) == verifier_version(
        MathVerifier, MathSettings(workers=7)
    )
    strict = MathSettings(cpu_limit_ms=250.0)
    assert verifier_version(MathVerifier, MathSettings()) != verifier_version(MathVerifier, strict)


async def test_new_settings_take_over_the_workers_which_end_with_the_last_who_uses_them():
    """The parser is loaded once for all settings that need as many workers; the earlier verifier may be closed."""
    earlier = MathVerifier(MathSettings(workers=1))
    await earlier.start()
    later = MathVerifier(MathSettings(workers=1, cpu_limit_ms=1234.0))
    later.inherit(earlier)
    await later.start()
    assert later.pool is earlier.pool
    await earlier.close()
    await later.check_health()
    await later.close()
    with pytest.raises(PoolError):
        later.pool.share()


async def test_other_numbers_of_workers_need_workers_of_their_own():
    """Settings that change the pool itself get a new one."""
    earlier, later = MathVerifier(MathSettings(workers=1)), MathVerifier(MathSettings(workers=2))
    later.inherit(earlier)
    assert later.pool is not earlier.pool
