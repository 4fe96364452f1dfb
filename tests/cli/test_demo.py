"""The bundled batch: its shape, its size and what it covers."""

from collections import Counter
from importlib.resources import files

import pytest

from guerdon.services.cli.demo import FORMAT, DemoItem, load_demo
from guerdon.services.contract import Item, Status, VerifierSettings
from guerdon.services.contract.projection import item_fields
from guerdon.services.contract.requests import ScoreItem, ScoreRequest
from guerdon.services.format.params import FormatParams
from guerdon.services.format.verifier import FormatVerifier

BATCH = load_demo()


def completions() -> str:
    """All completions as one text."""
    return "\n".join(str(entry.item["completion"]) for entry in BATCH)


def test_the_batch_is_large_enough_and_small_enough():
    """It shows something and costs no download."""
    assert len(BATCH) >= 72
    assert len((files("guerdon.services.cli.demo") / "batch.jsonl").read_bytes()) < 100_000


def test_the_batch_is_a_request():
    """Every item can be sent as it is, under a name of its own."""
    request = ScoreRequest.model_validate(
        {"rewards": [{"name": "math"}, {"name": "format"}], "items": [entry.item for entry in BATCH]}
    )
    assert len({item.id for item in request.items}) == len(BATCH)
    assert all(item_fields(item) for item in request.items)


@pytest.mark.parametrize("entry", BATCH, ids=[str(entry.item["id"]) for entry in BATCH])
def test_every_response_says_what_is_right_and_why_it_is_there(entry: DemoItem):
    """Every reward asked for, a score exactly where there is a verdict, and a note."""
    asked = [reward["name"] for reward in entry.item.get("rewards", [{"name": "math"}, {"name": FORMAT}])]
    assert list(entry.expect) == asked == [entry.judged, FORMAT]
    for expected in entry.expect.values():
        assert (expected.score is not None) == (expected.status is Status.OK)
    assert entry.note


def test_right_and_wrong_responses_are_mixed():
    """Every combination of the two rewards occurs, and so does a missing verdict."""
    pairs = Counter((entry.expect[entry.judged].score, entry.expect[FORMAT].score) for entry in BATCH)
    assert {(1.0, 1.0), (1.0, 0.0), (0.0, 1.0), (0.0, 0.0), (None, 1.0)} <= set(pairs)
    assert min(pairs[1.0, 1.0], pairs[0.0, 1.0], pairs[1.0, 0.0]) >= 10


def test_groups_hold_right_and_wrong_completions_of_one_prompt():
    """As a trainer sends them, so that every group has something to learn from."""
    groups: dict[str, list[DemoItem]] = {}
    for entry in BATCH:
        if group := str(entry.item.get("group_id", "")):
            groups.setdefault(group, []).append(entry)
    assert len(groups) >= 6
    for members in groups.values():
        assert len(members) >= 4
        assert len({member.item["prompt"] for member in members}) == 1
        assert {member.expect[member.judged].score for member in members} == {0.0, 1.0}


def test_programs_meet_what_can_become_of_them():
    """They pass, fail, run on, leave early, reach out, cheat or are not there; in languages every host has."""
    programs = [entry for entry in BATCH if entry.judged == "code"]
    assert {entry.expect["code"].reason for entry in programs} == {
        "accepted",
        "wrong_answer",
        "runtime_error",
        "time_limit",
        "security",
        "no_code",
        "bad_ground_truth",
    }
    truths = [entry.item["ground_truth"] for entry in programs]
    assert {truth.get("kind", "a row of HumanEval") for truth in truths} == {
        "stdio",
        "function",
        "a row of HumanEval",
    }
    assert {truth.get("language", "python") for truth in truths} == {"python", "bash"}


def test_thoughts_meet_what_can_become_of_them():
    """They keep to the language, leave it, mix it, say nothing, or say the same again and again."""
    thoughts = [entry for entry in BATCH if entry.judged == "language"]
    reasons = {entry.expect["language"].reason for entry in thoughts}
    assert reasons == {"consistent", "wrong_script", "mixed", "no_evidence", "repeated"}


@pytest.mark.parametrize(
    "piece",
    [
        "9^{9^{9^9}}",
        "1000000000!",
        "\0",
        "<th\u200bink>",
        "😊",
        "答案",
        "lautet",
        "الناتج",
        "(" * 400,
        "grades this",
    ],
)
def test_hostile_and_foreign_responses_are_in_it(piece: str):
    """What breaks graders elsewhere is shown here."""
    assert piece in completions()


@pytest.mark.parametrize("entry", BATCH, ids=[str(entry.item["id"]) for entry in BATCH])
def test_the_format_verdicts_are_those_expected(entry: DemoItem):
    """The batch and the format verifier agree on score and rule."""
    fields = item_fields(ScoreItem.model_validate(entry.item))
    item = Item(
        id="0",
        reward="format",
        params=FormatParams().model_dump(),
        completion=fields["completion"],
        finish_reason=fields["finish_reason"],
    )
    verdict = FormatVerifier(VerifierSettings()).verify(item)
    expected = entry.expect[FORMAT]
    assert (verdict.score, verdict.reason) == (expected.score, expected.reason)
