"""Reading JSONL: bad lines are named, their neighbours are read."""

from __future__ import annotations

import gzip
import io
import json
import sys

import pytest

from guerdon.services.cli.errors import CliError
from guerdon.services.cli.fields import FieldMapping
from guerdon.services.cli.rows import BadRow, Row, read_rows
from guerdon.services.cli.source import open_source

GOOD = b'{"completion": "42"}'


def read(path, mapping=None, *, needs_rewards=False):
    """All rows of a file."""
    with open_source(str(path)) as source:
        return list(read_rows(source, mapping or FieldMapping(), needs_rewards=needs_rewards))


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (b"{", "not JSON: Expecting property name enclosed in double quotes at character 2"),
        (b"[1]", "not a JSON object"),
        (b'{"completion": "\xff"}', "invalid UTF-8 at byte 16 of the line"),
        (
            rb'{"completion": "\ud800"}',
            "completion: holds a lone surrogate, which is no text in UTF-8",
        ),
        (b"[" * 100_000, "not readable: nested too deeply"),
        (b'{"completion": NaN}', "not JSON: NaN is no JSON number"),
        (b'{"completion": ' + b"1" * 5000 + b"}", "not readable: Exceeds the limit"),
        (b"{}", "no completion: give the field 'completion', or name another with --completion-field"),
        (
            b'{"completion": "1", "gold": "1"}',
            "'gold' is not a field of an item (for rows of another form see --completion-field)",
        ),
        (b'{"completion": "1", "prompt": 3, "finish_reason": 3}', "prompt: Input should be a valid string"),
    ],
)
def test_bad_lines(tmp_path, line, fault):
    """Whatever is wrong with a line, it is named and the lines around it are read."""
    file = tmp_path / "rows.jsonl"
    file.write_bytes(b"\n".join([GOOD, line, GOOD]))
    first, bad, last = read(file)
    assert isinstance(bad, BadRow)
    assert (bad.line, bad.place) == (2, "line 2")
    assert bad.fault.startswith(fault)
    assert [row.item["id"] for row in (first, last)] == ["1", "3"]


def test_escaped_pairs_are_text(tmp_path):
    """A character beyond the basic plane may be written as a pair of escapes."""
    file = tmp_path / "rows.jsonl"
    file.write_bytes(rb'{"completion": "\ud83d\ude00"}')
    assert read(file)[0].item["completion"] == "😀"


def test_blank_lines_are_skipped(tmp_path):
    """A blank line is no row, but counts for the numbers of the lines."""
    file = tmp_path / "rows.jsonl"
    file.write_bytes(GOOD + b"\r\n\n   \n" + GOOD)
    assert [row.line for row in read(file)] == [1, 4]


def test_gzip_is_recognised_by_content(tmp_path):
    """A gzip file is read whatever its name."""
    file = tmp_path / "rows"
    file.write_bytes(gzip.compress(GOOD + b"\n" + GOOD))
    assert len(read(file)) == 2


def test_truncated_gzip(tmp_path):
    """What a damaged gzip still gives is read, and its end is a bad row."""
    file = tmp_path / "rows.gz"
    rows = b"\n".join(json.dumps({"completion": str(number)}).encode() for number in range(20_000))
    file.write_bytes(gzip.compress(rows)[:-2000])
    *good, bad = read(file)
    assert len(good) > 100
    assert isinstance(bad, BadRow)
    assert bad.fault.startswith("the input ends here: Compressed file ended")


def test_damaged_gzip(tmp_path):
    """Bytes that are no gzip after all end the input with a bad row."""
    file = tmp_path / "rows.gz"
    compressed = bytearray(gzip.compress(GOOD * 10))
    compressed[15] ^= 0xFF
    file.write_bytes(compressed)
    assert read(file)[-1].fault.startswith("the input ends here: ")


def test_overlong_lines_are_skipped(tmp_path, monkeypatch):
    """A line beyond the limit is not held in memory; the next one is read."""
    monkeypatch.setattr("guerdon.services.cli.source.MAX_LINE_BYTES", 100)
    file = tmp_path / "rows.jsonl"
    file.write_bytes(b"x" * 1000 + b"\n" + GOOD)
    bad, good = read(file)
    assert (bad.line, bad.fault) == (1, "longer than 100 bytes")
    assert good.line == 2


def test_standard_input(monkeypatch):
    """A hyphen stands for standard input."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(GOOD)))
    assert read("-") == [Row(line=1, field=None, item={"completion": "42", "id": "1"}, size_bytes=20)]


def test_a_file_that_is_not_there():
    """A missing file is an error of the command."""
    with pytest.raises(CliError, match="cannot open nowhere: No such file or directory"):
        read("nowhere")


def test_items_need_a_reward(tmp_path):
    """Where no reward is asked for all items, each names its own."""
    file = tmp_path / "rows.jsonl"
    file.write_bytes(b'{"completion": "1", "rewards": [{"name": "math"}]}\n' + GOOD)
    own, bad = read(file, needs_rewards=True)
    assert isinstance(own, Row)
    assert bad.fault == "no reward is asked for: give --reward or --profile, or the field 'rewards'"


def test_one_row_can_hold_several_items(tmp_path):
    """Every completion field makes an item with its own label; a faulty one leaves the others alone."""
    file = tmp_path / "rows.jsonl"
    row = {"a": {"text": "1", "right": True}, "b": {"text": 5, "right": False}, "c": {"text": "3", "right": "?"}}
    file.write_text(json.dumps(row), encoding="utf-8")
    names = ("a", "b", "c")
    mapping = FieldMapping(tuple(f"{name}.text" for name in names), tuple(f"{name}.right" for name in names))
    good, wrong_type, wrong_label = read(file, mapping)
    assert (good.field, good.item, good.label) == ("a.text", {"completion": "1", "id": "1"}, True)
    assert wrong_type.place == "line 1 (b.text)"
    assert wrong_label.fault == "the label 'c.right' is neither true, false, 1, 0 nor null"


def test_rows_know_where_they_stood(tmp_path):
    """Each row tells its line's length and how far the source was read, good or bad."""
    file = tmp_path / "rows.jsonl"
    file.write_bytes(b"\n".join([GOOD, b"{", GOOD]))
    with open_source(str(file)) as source:
        found = [
            (row.position_bytes, getattr(row, "size_bytes", None))
            for row in read_rows(source, FieldMapping(), needs_rewards=False)
        ]
    assert found == [(21, 20), (23, None), (43, 20)]


@pytest.mark.parametrize(
    ("line", "group"),
    [
        (b'{"completion": 5, "group_id": "g"}', "g"),
        (b'{"completion": 5}', ""),
        (b'{"completion": "5", "group_id": 5}', None),
        (b'{"completion": 5, "group_id": "g"', None),
    ],
)
def test_bad_rows_name_their_group(tmp_path, line, group):
    """What is left of a bad row tells which group lacks it now."""
    file = tmp_path / "rows.jsonl"
    file.write_bytes(line)
    (bad,) = read(file)
    assert (type(bad), bad.group_id) == (BadRow, group)
