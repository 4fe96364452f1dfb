"""``guerdon score`` with rewards that compare groups: they are compared whole, or not at all."""

from __future__ import annotations

import io
import json
import os
import sys
import threading

import pytest

WORDS = ["--reward", "format", "--param", "format.profile=boxed", "--reward", "length:0.5"]
WORDS += ["--param", "length.of=format", "--param", "length.unit=characters", "--json"]


def row(at: int, group: str) -> dict:
    """A right row; its completion is the longer the later it stands."""
    return {"completion": "x" * at + "\\boxed{4}", "group_id": group}


def lengths(outcome) -> list[tuple[float | None, str]]:
    """Score and reason of the reward that compares, by row."""
    return [(part["score"], part["reason"]) for part in (result["components"][1] for result in outcome.results)]


SCATTERED = [row(at, f"g{at % 3}") for at in range(700)]
EXPECTED = [
    0.5 - (at - at % 3) / (max(range(at % 3, 700, 3)) - at % 3)  # Kimi k1.5, of the whole group
    for at in range(700)
]


@pytest.mark.parametrize("transport", ["here", "http", "grpc"])
def test_groups_that_lie_scattered_in_a_file(guerdon, write_rows, request, transport):
    """Every score is that of the whole group, in the order of the file, here and on a service."""
    words = []
    if transport != "here":
        service = request.getfixturevalue("service")
        words = ["--url", service.http if transport == "http" else f"grpc://{service.grpc}"]
    outcome = guerdon("score", write_rows(*SCATTERED), *WORDS, "--batch-size", 64, *words)
    assert outcome.code == 0
    assert [result["line"] for result in outcome.results] == list(range(1, 701))
    assert [score for score, _ in lengths(outcome)] == pytest.approx(EXPECTED)


def test_standard_input(guerdon, monkeypatch):
    """What can be read only once is compared as well, when its end is there."""
    text = "\n".join(map(json.dumps, SCATTERED)).encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))
    outcome = guerdon("score", "-", *WORDS)
    assert [score for score, _ in lengths(outcome)] == pytest.approx(EXPECTED)


def test_a_named_pipe(guerdon, tmp_path):
    """A pipe with a name is not read twice, as a file is."""
    pipe = tmp_path / "rows"
    os.mkfifo(pipe)
    text = "\n".join(map(json.dumps, SCATTERED))
    writer = threading.Thread(target=pipe.write_text, args=(text,))
    writer.start()
    outcome = guerdon("score", pipe, *WORDS)
    writer.join()
    assert [score for score, _ in lengths(outcome)] == pytest.approx(EXPECTED)


def test_a_group_beyond_the_limit_of_the_service(guerdon, write_rows, tmp_path):
    """It is not compared but judged by the other reward, and other groups are compared."""
    settings = tmp_path / "settings.toml"
    settings.write_text("[gateway]\nmax_items = 3\n", encoding="utf-8")
    rows = [row(at, group) for at, group in enumerate("abababb")]
    outcome = guerdon("score", write_rows(*rows), *WORDS, "--settings", settings)
    large = (None, "group_too_large")
    assert lengths(outcome) == [(0.5, "right"), large, (0.0, "right"), large, (-0.5, "right"), large, large]
    assert [result["total"] for result in outcome.results] == [1.25, None, 1.0, None, 0.75, None, None]
    assert [result["components"][0]["score"] for result in outcome.results] == [1.0] * 7
    assert outcome.code == 1


@pytest.mark.parametrize(
    "bad",
    [
        {"completion": 5, "group_id": "a"},
        {"completion": "x" * 101, "group_id": "a"},
        {**row(0, "a"), "rewards": [{"name": "nope"}]},
        b"{",
    ],
    ids=["malformed", "refused", "unknown reward", "unreadable"],
)
def test_a_group_with_a_bad_row(guerdon, write_rows, tmp_path, bad):
    """It is not compared, and every row of it says which line is at fault; the group after it is compared."""
    settings = tmp_path / "settings.toml"
    settings.write_text("[gateway]\nmax_completion_chars = 100\n", encoding="utf-8")
    file = write_rows(row(0, "a"), bad, row(2, "a"), row(3, "b"), row(4, "b"))
    outcome = guerdon("score", file, *WORDS, "--settings", settings)
    lacking = (None, "group_incomplete")
    assert lengths(outcome) == [lacking, lacking, (0.5, "right"), (-0.5, "right")]
    assert "the others are not compared: line 2" in outcome.results[0]["components"][1]["explanation"]
    assert "line 2: not scored" in outcome.err


def test_bad_parameters_of_a_row(guerdon, write_rows):
    """A row whose parameters the reward refuses leaves its group without comparison, as the service has it."""
    rewards = [
        {"name": "format", "params": {"profile": "boxed"}},
        {"name": "length", "params": {"of": "format", "unit": "pounds"}},
    ]
    outcome = guerdon("score", write_rows(row(0, "a"), {**row(1, "a"), "rewards": rewards}, row(2, "a")), *WORDS)
    assert [reason for _, reason in lengths(outcome)] == ["group_incomplete", "bad_params", "group_incomplete"]
