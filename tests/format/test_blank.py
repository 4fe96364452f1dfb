"""What counts as nothing to see."""

import pytest

from guerdon.services.format.blank import is_blank


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \t\r\n\v\f",
        "\u00a0\u1680\u2003\u2028\u2029\u3000",
        "\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f",
        "\u200e\u202e\u2066\u2069",
        "\u2061\u2062\u2063\u2064",
        "\u115f\u1160\u3164\uffa0",
        "\u2800",
        "\U0001d159",
        "\U00013441\U00013442",
        "\u180e\u180b\ufe0f\U000e0100",
        "\U000e0041\U000e007f",
        "\x00\x01\x1f\x7f\x9f",
        "\ud800",
        "\ue000\ufdd0\uffff\U0010ffff",
        "\u0301\u20dd",
        "\n\u200b \u3164\n",
    ],
)
def test_text_without_a_visible_character_is_blank(text: str):
    """Whitespace, controls, format characters, fillers and marks with nothing under them show nothing."""
    assert is_blank(text)


@pytest.mark.parametrize(
    "text",
    [".", "…", "0", "a", " \u200b.\u200b", "e\u0301", "\u0e33", "😀", "四", "٤", "क", "+", "\u2801", "\ufffd"],
)
def test_text_with_a_visible_character_is_not_blank(text: str):
    """One letter, number, punctuation mark or symbol is enough, wherever it stands."""
    assert not is_blank(text)


def test_a_megabyte_of_nothing_before_a_letter_is_looked_through():
    """The length of the nothing does not matter."""
    assert is_blank("\u200b" * 1_000_000)
    assert not is_blank("\u200b" * 1_000_000 + "a")
