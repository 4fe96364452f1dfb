"""Terminal output: hostile text is shown, never obeyed."""

from __future__ import annotations

import io

import pytest

from guerdon.services.cli.terminal import cell, console, say, shortened, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text, ümlaut, 数学, 😀", "plain text, ümlaut, 数学, 😀"),
        ("\x1b[2J\x1b]0;title\x07", r"\x1b[2J\x1b]0;title\x07"),
        ("a\nb\rc\td", r"a\nb\rc\td"),
        ("\x9b31m", r"\x9b31m"),
        ("a\u202eb\u2066c", r"a\u202eb\u2066c"),
        ("a\u2028b", r"a\u2028b"),
        ("\x00\x7f", r"\x00\x7f"),
        ("\ud800", r"\ud800"),
        ("\U000e0041", r"\U000e0041"),
        ("wide\u3000space", "wide\u3000space"),
    ],
)
def test_visible(text, shown):
    """Control, bidirectional and unassigned characters appear as escapes; letters of any script as they are."""
    assert visible(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("short", "short"),
        ("0123456789", "0123456789"),
        ("0123456789x", "012345…89x"),
        ("\x1b" * 10, r"\x1b\x…x1b"),
    ],
)
def test_shortened(text, shown):
    """Long text keeps its beginning and its end within the given length."""
    assert shortened(text, 10) == shown


def test_markup_is_taken_literally():
    """Square brackets in a completion are no markup of ours."""
    stream = io.StringIO()
    console(stream).print(cell("[bold]x[/bold] :smile:"))
    assert stream.getvalue() == "[bold]x[/bold] :smile:\n"


def test_messages_keep_their_lines(capsys):
    """A message for people may have several lines, each made harmless."""
    say("first\nsecond \x1b[1m")
    assert capsys.readouterr().err == "first\nsecond \\x1b[1m\n"
