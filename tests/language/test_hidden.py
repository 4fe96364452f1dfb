"""Sentences that hide in wrappers come back; ordinary code and formulas do not."""

import pytest

from guerdon.services.language.stripping import strip


def words(text: str) -> str:
    """What is left, without the spaces in its place."""
    return " ".join(strip(text).split())


@pytest.mark.parametrize(
    "text",
    [
        "```\nthe area of the garden = 6 * 7 = 42\n```",
        '```\nprint("first we get the area of the garden")\n```',
        "```\nx = 1; // then we take the border from it\n```",
        "[asy] then we take the border from it",
        "<then we take the border from it>",
        "<|then we take the border from it|>",
        r"$\texttt{then\ we\ take\ the\ border\ from\ it}$",
        "$then~we~take~the~border~from~it$",
        '{"then we take the border from it": 1}',
        "`then` `we` `take` `the` `border` `from` `it`",
        "then_we_take_the_border_from_it",
    ],
)
def test_a_sentence_in_a_wrapper_comes_back(text: str):
    """Whichever the wrapper is."""
    assert "the" in words(text).split()


@pytest.mark.parametrize(
    "text",
    [
        "```\nmonth, day, year = int(month), int(day), int(year)\n```",
        "```\nreturn 'Yes' if check(first) or check(last) else 'No'\n```",
        "```\nreturn sum(abs(x - mean) for x in numbers) / len(numbers)\n```",
        r"$\begin{cases} a & b \\ c & d \end{cases} \left( \frac{ab}{cd} \right)$",
        "get_number_of_days",
    ],
)
def test_names_of_a_program_do_not(text: str):
    """Though they are ordinary words, they do not stand side by side as in a sentence."""
    assert {"month", "number", "numbers", "check", "begin"}.isdisjoint(words(text).split())


def test_an_address_stays_hidden():
    """Its words are those of a name."""
    assert words("see https://example.org/how/to/get/the/best/of/it now") == "see now"
