"""The verifier at work: batches, order, limits, failures of ours."""

import asyncio
from collections.abc import AsyncIterator

import msgspec
import pytest
import pytest_asyncio

from guerdon.services.contract import Deadline, Item, Status
from guerdon.services.contract.conformance import Subject, conform
from guerdon.services.language import detector
from guerdon.services.language.settings import LanguageSettings
from guerdon.services.language.verifier import LanguageVerifier
from guerdon.services.language.worker import make_judge

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def verifier() -> AsyncIterator[LanguageVerifier]:
    """A verifier at work, with small batches."""
    verifier = LanguageVerifier(LanguageSettings(workers=2, batch_chars=200))
    await verifier.start()
    yield verifier
    await verifier.close()


def item(name: str, completion: str) -> Item:
    """An item with the target English."""
    return Item(id=name, reward="language", params={"target": "en"}, completion=completion)


async def test_it_conforms(verifier: LanguageVerifier):
    """All checks of the suite hold on its cases."""
    assert await conform(Subject.of(LanguageVerifier, verifier.score_batch)) == {}


async def test_verdicts_come_in_the_order_of_the_items(verifier: LanguageVerifier):
    """However they are cut into batches."""
    texts = ["First I add the two numbers." if number % 3 else "Zuerst addiere ich beide." for number in range(60)]
    verdicts = await verifier.score_batch([item(str(at), text) for at, text in enumerate(texts)], Deadline.never())
    assert [verdict.score for verdict in verdicts] == [float(number % 3 > 0) for number in range(60)]


async def test_it_is_healthy(verifier: LanguageVerifier):
    """A worker measures a known text."""
    await verifier.check_health()


async def test_a_health_check_notices_a_wrong_measurement(verifier: LanguageVerifier, monkeypatch):
    """It looks at the score, not only at whether there is one."""
    wrong = (await verifier.score_batch([item("0", "Zuerst addiere ich beide Zahlen.")], Deadline.never()))[0]

    async def score(items: list[Item], deadline: Deadline) -> list[object]:
        return [wrong]

    monkeypatch.setattr(verifier, "score_batch", score)
    with pytest.raises(RuntimeError, match="does not measure"):
        await verifier.check_health()


async def test_an_item_that_cannot_be_sent_costs_the_others_nothing(verifier: LanguageVerifier):
    """A lone surrogate is no text; it is the caller's data, and null."""
    items = [item("0", "First I add both."), item("1", "\ud800"), item("2", "Then I divide them.")]
    verdicts = await verifier.score_batch(items, Deadline.never())
    assert [verdict.status for verdict in verdicts] == [Status.OK, Status.INVALID, Status.OK]
    assert verdicts[1].reason == "unsendable_item"


async def test_one_that_exceeds_its_limit_costs_the_others_nothing():
    """The batch is judged again one by one, and only the one to blame scores 0."""
    verifier = LanguageVerifier(LanguageSettings(workers=1, cpu_limit_ms=60.0, batch_chars=2_000_000))
    await verifier.start()
    try:
        items = [
            item("0", "First I add both."),
            item(
                "1",
                " ".join(
                    f"wort{chr(97 + at % 26)}{chr(97 + at // 26 % 26)}{chr(97 + at // 676 % 26)}"
                    for at in range(90_000)
                ),
            ),
            item("2", "Then I divide them."),
        ]
        verdicts = await verifier.score_batch(items, Deadline.never())
    finally:
        await verifier.close()
    assert [verdict.status for verdict in verdicts] == [Status.OK] * 3
    assert [verdict.reason for verdict in verdicts] == ["consistent", "too_costly", "consistent"]
    assert verdicts[1].score == 0.0


async def test_nothing_is_scored_after_the_deadline(verifier: LanguageVerifier):
    """It is null and may be retried."""
    (verdict,) = await verifier.score_batch([item("0", "First I add both.")], Deadline(0.0))
    assert (verdict.status, verdict.score) == (Status.TIMEOUT, None)


async def test_workers_are_inherited_under_the_same_settings(verifier: LanguageVerifier):
    """Under others they would judge by the old ones."""
    same = LanguageVerifier(verifier.settings)  # type: ignore[arg-type]
    same.inherit(verifier)
    other = LanguageVerifier(LanguageSettings(max_completion_chars=5))
    other.inherit(verifier)
    assert same.pool is verifier.pool
    assert other.pool is not verifier.pool
    await same.start()
    await same.close()
    await verifier.check_health()


async def test_a_model_that_cannot_be_used_stops_the_start(monkeypatch):
    """It raises in the process that loads it; there is no verdict without it."""
    detector.load_detector.cache_clear()
    monkeypatch.setattr(detector, "MODEL_SHA256", "0" * 64)
    with pytest.raises(detector.ModelError):
        make_judge({})
    detector.load_detector.cache_clear()


async def test_a_worker_answers_with_plain_values():
    """They cross processes."""
    task = make_judge({})
    (answer,) = task([msgspec.to_builtins(item("0", "First I add both."))])
    assert answer["score"] == 1.0
    await asyncio.sleep(0)
