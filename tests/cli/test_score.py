"""``guerdon score``: a file in, verdicts out."""

from __future__ import annotations

import gzip
import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CORPORA = ROOT / os.environ.get("GUERDON_CORPORA", "../shared/data")
GSM8K = CORPORA / "gsm8k" / "example_model_solutions.jsonl.gz"

RIGHT = {"completion": "<think>2 + 2 is 4</think><answer>\\boxed{4}</answer>", "ground_truth": "4"}
WRONG = {"completion": "<think>2 + 2 is 5</think><answer>\\boxed{5}</answer>", "ground_truth": "4"}
PLAIN = {"completion": "4"}
INVALID = {"completion": "4", "rewards": [{"name": "format", "params": {"profile": "nope"}}]}
HOSTILE = {"id": "\x1b]0;owned\x07", "completion": "\x1b[2J\x9b31m \\boxed{\x1b[1m\u202e}", "ground_truth": "4"}


def test_a_table_of_verdicts(guerdon, write_rows):
    """Each row is shown with its status, scores, answer and reason; the summary goes to standard error."""
    outcome = guerdon("score", write_rows(RIGHT, WRONG), "--reward", "math", "--reward", "format:0.5")
    assert outcome.code == 0
    lines = [line.split() for line in outcome.out.splitlines()]
    assert lines[0] == ["line", "id", "reward", "status", "score", "total", "answer", "reason"]
    assert lines[1][:7] == ["1", "1", "math", "ok", "1", "1.5", "4"]
    assert lines[2][:3] == ["format", "ok", "1"]
    assert lines[3][:7] == ["2", "2", "math", "ok", "0", "0.5", "5"]
    assert "scored 2 in" in outcome.err
    assert "mean math 0.5000 of 2" in outcome.err


def test_json_lines(guerdon, write_rows):
    """With --json standard output holds one result per line, in order, and nothing else."""
    rows = [{**RIGHT, "id": "a"}, {**WRONG, "id": "b"}, {**RIGHT, "id": "a"}]
    outcome = guerdon("score", write_rows(*rows), "--profile", "r1_zero", "--json")
    assert [(result["line"], result["id"], result["status"]) for result in outcome.results] == [
        (1, "a", "ok"),
        (2, "b", "ok"),
        (3, "a", "ok"),
    ]
    assert [component["name"] for component in outcome.results[0]["components"]] == ["math", "format"]


@pytest.mark.parametrize("form", [[], ["--explain"], ["--json"]])
def test_completions_cannot_drive_the_terminal(guerdon, write_rows, form):
    """Control characters of ids, completions and answers come out as escapes."""
    outcome = guerdon("score", write_rows(HOSTILE, b"\x1b[2J"), "--reward", "math", *form)
    written = (outcome.out + outcome.err).replace("\n", "")
    assert written.isprintable()
    assert "owned" in written


def test_explanations(guerdon, write_rows):
    """With --explain every verdict's sentence is shown in full."""
    outcome = guerdon("score", write_rows({"completion": "4"}), "--reward", "format", "--explain")
    assert "<think> is due here at the latest and is missing" in " ".join(outcome.out.split())


def test_parameters_reach_the_reward(guerdon, write_rows):
    """--param sets a parameter of a reward."""
    words = ["--reward", "format", "--param", "format.profile=boxed"]
    outcome = guerdon("score", write_rows({"completion": "\\boxed{4}"}), *words, "--json")
    assert outcome.results[0]["components"][0]["score"] == 1.0


def test_bad_lines_cost_their_neighbours_nothing(guerdon, write_rows):
    """A bad line is named on standard error and makes the exit code 1; the others are scored."""
    rows = write_rows(
        RIGHT, b"{", {"completion": 5}, b'{"completion": "\\ud800"}', b'{"completion": "\xff"}', RIGHT
    )
    outcome = guerdon("score", rows, "--reward", "format", "--json")
    assert outcome.code == 1
    assert [result["line"] for result in outcome.results] == [1, 6]
    assert [line.split(":")[0] for line in outcome.err.splitlines()[:4]] == [f"line {n}" for n in (2, 3, 4, 5)]
    assert "4 bad rows not scored" in outcome.err


def test_rows_the_service_refuses(guerdon, write_rows, tmp_path):
    """A row that only the service can judge as faulty is named too, and the rest of its batch is scored."""
    settings = tmp_path / "settings.toml"
    settings.write_text("[gateway]\nmax_completion_chars = 100\n", encoding="utf-8")
    unknown = {"completion": "x", "rewards": [{"name": "nope"}]}
    rows = write_rows(RIGHT, {"completion": "x" * 101}, unknown, {**RIGHT, "messages": [], "prompt": ""})
    outcome = guerdon("score", rows, "--reward", "format", "--settings", settings, "--json")
    assert [result["line"] for result in outcome.results] == [1, 4]
    assert "line 2: not scored: completion: the completion has 101 characters" in outcome.err
    assert "line 3: not scored: no verifier computes the reward 'nope'" in outcome.err


def test_batches_too_large_for_the_service_are_split(guerdon, write_rows, tmp_path):
    """A batch beyond the service's limit is sent in halves; every row is scored, in order."""
    settings = tmp_path / "settings.toml"
    settings.write_text("[gateway]\nmax_items = 3\n", encoding="utf-8")
    outcome = guerdon("score", write_rows(*[RIGHT] * 10), "--reward", "format", "--settings", settings, "--json")
    assert [result["line"] for result in outcome.results] == list(range(1, 11))


def test_results_come_in_order_over_batches(guerdon, write_rows):
    """Small batches give the same results in the same order."""
    rows = write_rows(*[{**RIGHT, "id": str(number)} for number in range(10)])
    outcome = guerdon("score", rows, "--reward", "format", "--batch-size", "3", "--json")
    assert [result["id"] for result in outcome.results] == [str(number) for number in range(10)]


def test_items_without_a_verdict_make_the_exit_code_1(guerdon, write_rows):
    """Where a verdict is missing the status says why, the score is null, and the exit code tells."""
    outcome = guerdon("score", write_rows(INVALID), "--json")
    assert outcome.code == 1
    assert (outcome.results[0]["status"], outcome.results[0]["total"]) == ("invalid", None)


def test_the_table_is_limited(guerdon, write_rows):
    """--limit bounds the rows shown, and the number of those left out is told."""
    outcome = guerdon("score", write_rows(*[RIGHT] * 5), "--reward", "format", "--limit", "2")
    assert len(outcome.out.splitlines()) == 4
    assert "… and 3 more" in outcome.out


def test_data_sets_of_another_form(guerdon, tmp_path):
    """Field options read rows of any form; several completions of a row are items of their own."""
    file = tmp_path / "rows.jsonl.gz"
    row = {
        "question": "2 + 2?",
        "gold": 4,
        "small": {"text": "A: 5", "right": False},
        "large": {"text": "\\boxed{4}", "right": True},
    }
    file.write_bytes(gzip.compress(json.dumps(row).encode()))
    words = ["--reward", "math", "--ground-truth-field", "gold", "--prompt-field", "question", "--json"]
    for name in ("small", "large"):
        words += ["--completion-field", f"{name}.text", "--label-field", f"{name}.right"]
    outcome = guerdon("score", file, *words)
    assert [(result["field"], result["label"], result["total"]) for result in outcome.results] == [
        ("small.text", False, 0.0),
        ("large.text", True, 1.0),
    ]
    assert "verdicts agree with labels on 2 of 2 judged rows (100.0000%)" in outcome.err


def test_disagreements(guerdon, write_rows):
    """With --disagreements only rows that differ from their label are shown; the confusion table counts all."""
    rows = write_rows({**RIGHT, "ok": True}, {**PLAIN, "ok": True}, {**PLAIN, "ok": False}, {**PLAIN, "ok": None})
    outcome = guerdon("score", rows, "--reward", "format", "--label-field", "ok", "--disagreements", "--json")
    assert [result["line"] for result in outcome.results] == [2]
    table = [line.split() for line in outcome.err.splitlines()]
    assert ["labelled", "right", "1", "1", "0"] in table
    assert ["labelled", "wrong", "0", "1", "0"] in table
    assert "verdicts agree with labels on 2 of 3 judged rows (66.6667%)" in outcome.err
    assert "1 rows have no label" in outcome.err


def test_missing_verdicts_count_as_neither(guerdon, write_rows):
    """A labelled row without a verdict stands apart from the share."""
    rows = write_rows({**RIGHT, "ok": True}, {**INVALID, "ok": True})
    outcome = guerdon("score", rows, "--reward", "format", "--label-field", "ok")
    assert "agree with labels on 1 of 1 judged rows (100.0000%)" in outcome.err
    assert "1 labelled rows have no verdict and count as neither" in outcome.err
    assert [line.split()[2] for line in outcome.out.splitlines()[1:]] == ["right", "right"]


def test_labels_can_be_about_another_reward(guerdon, write_rows):
    """--label-reward names the reward that labels are compared with."""
    rewards = ["--reward", "math", "--reward", "format"]
    rows = write_rows({**WRONG, "ok": True})
    outcome = guerdon("score", rows, *rewards, "--label-field", "ok", "--label-reward", "format")
    assert "on 1 of 1 judged rows (100.0000%)" in outcome.err


def test_labels_about_a_reward_that_is_not_asked_for(guerdon, write_rows):
    """--label-reward has to name one of the rewards."""
    words = ["--reward", "format", "--label-field", "ok", "--label-reward", "code"]
    outcome = guerdon("score", write_rows({**PLAIN, "ok": True}), *words)
    assert outcome.code == 2
    assert "--label-reward 'code': not among the rewards of item '1': format" in outcome.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--profile", "r1_zero", "--reward", "math"], "--profile and --reward are both given: choose one"),
        (["--reward", "maths"], "no verifier computes the reward 'maths'; this service has: boxed, code, "),
        (["--profile", "r2"], "there is no profile 'r2'; this service has: r1_reasoning, r1_zero"),
        (["--reward", "math", "--batch-size", "0"], "--batch-size 0: has to lie between 1 and 4096"),
        (["--reward", "math", "--timeout", "0"], "--timeout 0.0: has to lie between 0 and 86400 seconds"),
        (
            ["--reward", "math", "--disagreements"],
            "--disagreements needs labels: name their field with --label-field",
        ),
        (["--reward", "math", "--settings", "nowhere.toml"], "the settings file nowhere.toml does not exist"),
        (["--reward", "math", "--url", "localhost:8000"], "--url 'localhost:8000': write it as http://host:port"),
        (["--rewards", "math"], "Unknown option: --rewards."),
    ],
)
def test_usage(guerdon, write_rows, words, message):
    """What cannot be carried out as written ends with exit code 2, a message and no traceback."""
    outcome = guerdon("score", write_rows(RIGHT), *words)
    assert outcome.code == 2
    assert message in outcome.err
    assert "Traceback" not in outcome.err


def test_an_option_is_not_taken_for_a_file(guerdon):
    """Only a single hyphen stands for standard input."""
    assert "there is no option '--jsn'" in guerdon("score", "--jsn", "--reward", "math").err


@pytest.mark.parametrize("transport", ["http", "grpc"])
def test_scoring_on_a_service(guerdon, write_rows, service, transport):
    """A running service gives the verdicts that this process gives."""
    url = service.http if transport == "http" else f"grpc://{service.grpc}"
    rows = write_rows(RIGHT, b"{", WRONG, HOSTILE, {"completion": "x", "rewards": [{"name": "nope"}]})
    words = ["score", rows, "--profile", "r1_zero", "--json"]
    here, there = guerdon(*words), guerdon(*words, "--url", url)

    def verdicts(outcome):
        keys = ("name", "status", "score", "reason", "answer", "explanation")
        return [
            (
                result["line"],
                result["id"],
                result["total"],
                [tuple(part[key] for key in keys) for part in result["components"]],
            )
            for result in outcome.results
        ]

    assert verdicts(there) == verdicts(here)
    assert there.code == here.code == 1
    assert [line for line in there.err.splitlines() if line.startswith("line")] == [
        line for line in here.err.splitlines() if line.startswith("line")
    ]


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "grpc://127.0.0.1:1"])
def test_a_service_that_is_not_there(guerdon, write_rows, url):
    """Where nobody answers the exit code is 3."""
    outcome = guerdon("score", write_rows(RIGHT), "--reward", "math", "--url", url)
    assert outcome.code == 3
    assert "(unreachable)" in outcome.err


def test_standard_input_and_a_closed_pipe():
    """Rows can come from a pipe, and whoever reads the results may stop early."""
    command = [sys.executable, "-m", "guerdon.services.cli.main", "score", "-", "--reward", "format", "--json"]
    rows = f"{json.dumps(RIGHT)}\n" * 2000
    shell = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    shell.stdin.write(f"{json.dumps(RIGHT)}\n" * 300)
    shell.stdin.flush()
    assert json.loads(shell.stdout.readline())["line"] == 1
    shell.stdout.close()
    _, err = shell.communicate(rows)
    assert shell.returncode == 1
    assert "Traceback" not in err


def test_ctrl_c():
    """An interrupted run ends with the exit code 130, without a traceback, and lets go of its output."""
    command = [sys.executable, "-m", "guerdon.services.cli.main", "score", "-", "--reward", "math", "--json"]
    shell = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    shell.stdin.write(f"{json.dumps(RIGHT)}\n" * 300)
    shell.stdin.flush()
    assert json.loads(shell.stdout.readline())["line"] == 1
    shell.send_signal(signal.SIGINT)
    _, err = shell.communicate()
    assert (shell.returncode, err) == (130, "")


def test_progress_on_a_terminal(write_rows):
    """On a terminal a bar shows how far the file has been read; results in a pipe are untouched."""
    controller, terminal = pty.openpty()
    command = [
        sys.executable,
        "-m",
        "guerdon.services.cli.main",
        "score",
        str(write_rows(RIGHT)),
        "--reward",
        "format",
    ]
    done = subprocess.run([*command, "--json"], stdout=subprocess.PIPE, stderr=terminal, text=True)
    os.close(terminal)
    seen = b""
    while b"scored 1 in" not in seen:
        seen += os.read(controller, 4096)
    os.close(controller)
    assert json.loads(done.stdout)["total"] == 1.0
    assert b"rows" in seen


@pytest.mark.skipif(not GSM8K.exists(), reason="the corpora are not there (GUERDON_CORPORA)")
def test_real_model_solutions(guerdon):
    """On the real solutions of four models to GSM8K the verdicts agree with the labels, and none is missing."""
    words = ["--reward", "math", "--ground-truth-field", "ground_truth", "--prompt-field", "question"]
    for model in ("6b_finetuning", "6b_verification", "175b_finetuning", "175b_verification"):
        words += ["--completion-field", f"{model}.solution", "--label-field", f"{model}.is_correct"]
    outcome = guerdon("score", GSM8K, *words, "--disagreements", "--json")
    assert outcome.code == 0
    assert "of 5,276 judged rows" in outcome.err
    assert len(outcome.results) <= 5
