"""Which rule a text breaks first, and where."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guerdon.services.format.profiles import PROFILES, token_layout
from guerdon.services.format.scanner import Failure, scan

R1 = PROFILES["r1_zero"]
LAYOUTS = {**PROFILES, "special_token": token_layout("|t|")}
PIECES = ["<think>", "</think>", "<answer>", "</answer>", "x", " ", "\u200b"]


def failure_of(profile: str, text: str) -> tuple[str, int] | None:
    """Rule and offset of the failure, or None."""
    found = scan(LAYOUTS[profile], text)
    return (found.rule, found.offset) if isinstance(found, Failure) else None


@pytest.mark.parametrize(
    "text",
    [
        "<think>a</think><answer>b</answer>",
        "<think> a </think> <answer> b </answer>",
        "\n<think>\na\n</think>\n\n<answer>\nb\n</answer>\n",
        "\r\n<think>\r\na\r\n</think>\r\n<answer>\r\nb\r\n</answer>\r\n",
        "\t\u00a0\u2003<think>a</think>\u3000<answer>b</answer>\u2028",
        "<think>a < b > c </ think> <Think> <think > <think/> &lt;think&gt;</think><answer>b</answer>",
        "<think>a</think><answer><an\u200bswer>b</answer>",
        "<think>.</think><answer>\0 4</answer>",
        "<think>مرحبا</think><answer>四十二</answer>",
    ],
)
def test_the_layout_of_r1_zero_holds(text: str):
    """Whitespace around the tags is free, and text that only looks like a tag is text."""
    assert failure_of("r1_zero", text) is None


@pytest.mark.parametrize(
    ("text", "rule", "offset"),
    [
        ("", "missing_think_open", 0),
        ("  42", "missing_think_open", 2),
        ("<answer>b</answer>", "missing_think_open", 0),
        ("a</think><answer>b</answer>", "missing_think_open", 0),
        ("<think>", "missing_think_close", 7),
        ("<think>a", "missing_think_close", 8),
        ("<think>a<answer>b</answer>", "missing_think_close", 8),
        ("<think>a</think>", "missing_answer_open", 16),
        ("<think>a</think> b", "missing_answer_open", 17),
        ("<think>a</think> b</answer>", "missing_answer_open", 17),
        ("<think>a</think><answer>b", "missing_answer_close", 25),
        ("<answer>b</answer><think>a</think>", "misplaced_answer_open", 0),
        ("</think>a<think><answer>b</answer>", "misplaced_think_close", 0),
        ("<think>a<answer>b</answer></think>", "misplaced_answer_open", 8),
        ("<think>a<think>b</think><answer>c</answer>", "duplicate_think_open", 8),
        ("<think>a</think></think><answer>c</answer>", "duplicate_think_close", 16),
        ("<think>a <answer> </think><answer>c</answer>", "duplicate_answer_open", 9),
        ("<think>a `</answer>` </think><answer>c</answer>", "duplicate_answer_close", 10),
        ("<think>a</think><answer>b</answer><answer>c</answer>", "duplicate_answer_open", 34),
        ("<think>a</think><answer>b</answer> or <answer>c</answer>", "duplicate_answer_open", 38),
        ("<think>a</think><answer>b<answer>c</answer></answer>", "duplicate_answer_open", 25),
        ("<think>a</think><answer><think>b</think>c</answer>", "duplicate_think_open", 24),
        ("a <think>b</think><answer>c</answer>", "text_before", 0),
        ("\ufeff<think>b</think><answer>c</answer>", "text_before", 0),
        ("<think>a</think> so <answer>c</answer>", "text_between", 17),
        ("<think>a</think>\u200b<answer>c</answer>", "text_between", 16),
        ("<think>a</think><answer>c</answer> <|im_end|>", "text_after_answer", 35),
        ("<think></think><answer>c</answer>", "blank_thoughts", 7),
        ("<think>\n\u200b\n</think><answer>c</answer>", "blank_thoughts", 7),
        ("<think>a</think><answer>\n</answer>", "blank_answer", 24),
        ("<Think>a</Think><Answer>b</Answer>", "missing_think_open", 0),
        ("<think >a</think><answer>b</answer>", "missing_think_open", 0),
        ("<th\u200bink>a</think><answer>b</answer>", "missing_think_open", 0),
    ],
)
def test_the_first_broken_rule_of_r1_zero_is_named(text: str, rule: str, offset: int):
    """Rule and offset are those of the first place where the layout can no longer hold."""
    assert failure_of("r1_zero", text) == (rule, offset)


@pytest.mark.parametrize(
    ("profile", "text", "failure"),
    [
        ("r1_zero_prefilled", "a</think><answer>b</answer>", None),
        ("r1_zero_prefilled", "\na\n</think>\n<answer>b</answer>\n", None),
        ("r1_zero_prefilled", "<think>a</think><answer>b</answer>", ("duplicate_think_open", 0)),
        ("r1_zero_prefilled", " </think><answer>b</answer>", ("blank_thoughts", 0)),
        ("r1_zero_prefilled", "a<answer>b</answer>", ("missing_think_close", 1)),
        ("r1_zero_prefilled", "", ("missing_think_close", 0)),
        ("think_summary", "<think>a</think>b", None),
        ("think_summary", " <think> a </think> b ", None),
        ("think_summary", "<think>a</think>\u200b", ("blank_summary", 16)),
        ("think_summary", "<think> </think>b", ("blank_thoughts", 7)),
        ("think_summary", "x<think>a</think>b", ("text_before", 0)),
        ("think_summary", "<think>a</think>b<think>", ("duplicate_think_open", 17)),
        ("think_summary", "<think>a</think>b</think>", ("duplicate_think_close", 17)),
        ("think_summary", "<think>a</think><answer>b</answer>", ("unexpected_answer_open", 16)),
        ("think_summary", "b", ("missing_think_open", 0)),
        ("think_summary_prefilled", "a</think>b", None),
        ("think_summary_prefilled", "a</think>", ("blank_summary", 9)),
        ("think_summary_prefilled", "a", ("missing_think_close", 1)),
        ("think_summary_prefilled", "a<think></think>b", ("duplicate_think_open", 1)),
        ("special_token", "|t|a|t|b", None),
        ("special_token", " |t| a |t| b ", None),
        ("special_token", "|t|a|t|", ("blank_summary", 7)),
        ("special_token", "|t||t|b", ("blank_thoughts", 3)),
        ("special_token", "|t|a", ("missing_special_token", 4)),
        ("special_token", "a|t|b|t|c", ("text_before", 0)),
        ("special_token", "|t|a|t|b|t|", ("duplicate_special_token", 8)),
        ("special_token", "<think>a</think>b", ("missing_special_token", 0)),
        ("special_token", "|T|a|T|b", ("missing_special_token", 0)),
    ],
)
def test_the_other_layouts(profile: str, text: str, failure: tuple[str, int] | None):
    """Prefilled, summary and token layouts keep the same rules."""
    assert failure_of(profile, text) == failure


def test_places_blotted_out_are_not_searched_but_still_shown():
    """Tags are looked for in the blotted text; what is visible is judged in the real one."""
    text = "<think>`<think>`</think><answer>b</answer>"
    assert scan(R1, text, text.replace("`<think>`", "\0" * 9)) == {"thoughts": (7, 16), "answer": (32, 33)}


@given(st.lists(st.sampled_from(PIECES), max_size=12))
def test_the_layout_holds_exactly_where_the_definition_does(pieces: list[str]):
    """On any sequence of tags and text the scanner agrees with the definition written out plainly."""
    text = "".join(pieces)
    solid = [piece for piece in pieces if piece != " "]
    tags = [piece for piece in solid if piece.startswith("<")]
    expected = tags == PIECES[:4]
    if expected:
        first, second, third, last = (solid.index(tag) for tag in PIECES[:4])
        outside = [*solid[:first], *solid[second + 1 : third], *solid[last + 1 :]]
        expected = not outside and "x" in solid[first:second] and "x" in solid[third:last]
    assert isinstance(scan(R1, text), Failure) is not expected


@given(st.lists(st.sampled_from(PIECES), max_size=12))
def test_no_text_is_repaired_by_what_follows_its_failure(pieces: list[str]):
    """A failure at an offset before the end stays one, whatever is written behind it."""
    text = "".join(pieces)
    failure = scan(R1, text)
    if isinstance(failure, Failure) and not failure.rule.startswith("missing"):
        assert 0 <= failure.offset <= len(text)
        assert isinstance(scan(R1, text + "</think><answer>x</answer>"), Failure)


@pytest.mark.parametrize("tag", PIECES[:4])
def test_twenty_thousand_tags_fail_at_the_first_surplus_one(tag: str):
    """The scan ends where the layout breaks."""
    failure = failure_of("r1_zero", tag * 20_000)
    assert failure is not None
    assert failure[1] <= len(tag)
