"""Layouts that callers write as parameters."""

import re
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from guerdon.services.format.custom import LayoutSpec
from guerdon.services.format.scanner import Failure, scan

PLAN, THINK, ANSWER = {"tag": "plan"}, {"tag": "think"}, {"tag": "answer"}


def outcome(text: str, *parts: dict[str, Any], **spec: Any) -> str:
    """The rule that a text breaks, or ``holds``."""
    found = scan(LayoutSpec.model_validate({"parts": parts, **spec}).to_layout(), text)
    return found.rule if isinstance(found, Failure) else "holds"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<plan>a</plan> <think>b</think>\n<answer>c</answer>", "holds"),
        ("<plan>a</plan><answer>c</answer>", "missing_think_open"),
        ("<think>b</think><plan>a</plan><answer>c</answer>", "misplaced_think_open"),
        ("<plan>a</plan><think>b</think><think>b</think><answer>c</answer>", "duplicate_think_open"),
        ("<plan>a</plan><think> </think><answer>c</answer>", "blank_think"),
        ("x<plan>a</plan><think>b</think><answer>c</answer>", "text_before"),
        ("<plan>a</plan>x<think>b</think><answer>c</answer>", "text_between"),
        ("<plan>a</plan><think>b</think><answer>c</answer>x", "text_after_answer"),
    ],
)
def test_parts_are_required_unique_and_non_blank_unless_said_otherwise(text: str, expected: str):
    """A list of tags alone is as strict as the profiles are."""
    assert outcome(text, PLAN, THINK, ANSWER) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<answer>c</answer>", "holds"),
        ("<plan>a</plan><answer>c</answer>", "holds"),
        ("<plan></plan><answer>c</answer>", "blank_plan"),
        ("<plan>a<answer>c</answer>", "missing_plan_close"),
        ("<answer>c</answer><plan>a</plan>", "unexpected_plan_open"),
        ("<plan>a</plan><plan>a</plan><answer>c</answer>", "duplicate_plan_open"),
        ("<plan>a</plan>", "missing_answer_open"),
        ("", "missing_answer_open"),
    ],
)
def test_a_part_that_is_not_required_may_be_left_out(text: str, expected: str):
    """Where it stands, all other rules hold for it."""
    assert outcome(text, {**PLAN, "required": False}, ANSWER) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<step>a</step><answer>c</answer>", "holds"),
        ("<step>a</step> <step>b</step>\n<step>c</step><answer>c</answer>", "holds"),
        ("<answer>c</answer>", "missing_step_open"),
        ("<step>a</step><step></step><answer>c</answer>", "blank_step"),
        ("<step>a<step>b</step></step><answer>c</answer>", "misplaced_step_open"),
        ("<step>a<step>b", "missing_step_close"),
        ("<step>a</step><answer>c</answer><step>b</step>", "unexpected_step_open"),
        ("<step>a</step></step><answer>c</answer>", "misplaced_step_close"),
    ],
)
def test_a_part_that_is_not_unique_may_follow_itself(text: str, expected: str):
    """It repeats in its own place only, each time closed."""
    assert outcome(text, {"tag": "step", "unique": False}, ANSWER) == expected


def test_a_part_may_be_blank():
    """Only where the layout says so."""
    assert outcome("<plan> </plan><answer>c</answer>", {**PLAN, "non_blank": False}, ANSWER) == "holds"


@pytest.mark.parametrize(
    ("spec", "text", "expected"),
    [
        ({"before": "text"}, "So: <plan>a</plan><answer>c</answer>", "holds"),
        ({"before": "text"}, "<plan>a</plan><answer>c</answer>", "holds"),
        ({"between": "text"}, "<plan>a</plan> so <answer>c</answer>", "holds"),
        ({"between": "text"}, "<plan>a</plan><answer>c</answer> so", "text_after_answer"),
        ({"after": "text"}, "<plan>a</plan><answer>c</answer> so", "holds"),
        ({"after": {"name": "summary"}}, "<plan>a</plan><answer>c</answer> so", "holds"),
        ({"after": {"name": "summary"}}, "<plan>a</plan><answer>c</answer>\u200b", "blank_summary"),
        ({"after": {"name": "summary", "non_blank": False}}, "<plan>a</plan><answer>c</answer>", "holds"),
        ({"before": {"name": "greeting"}}, "<plan>a</plan><answer>c</answer>", "blank_greeting"),
        ({"after": "text"}, "<plan>a</plan><answer>c</answer> <plan>", "duplicate_plan_open"),
    ],
)
def test_text_may_stand_where_the_layout_says(spec: dict[str, Any], text: str, expected: str):
    """Before, between and after; a named text can be due, and its rule has its name."""
    assert outcome(text, PLAN, ANSWER, **spec) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a</plan><answer>c</answer>", "holds"),
        ("<plan>a</plan><answer>c</answer>", "duplicate_plan_open"),
        (" </plan><answer>c</answer>", "blank_plan"),
        ("a<answer>c</answer>", "missing_plan_close"),
    ],
)
def test_the_template_may_have_opened_the_first_part(text: str, expected: str):
    """The completion then begins inside it."""
    assert outcome(text, PLAN, ANSWER, prefilled=True) == expected


def test_literals_may_be_any():
    """Special tokens mark parts as well as tags do, one for both ends too."""
    token = {"tag": "thoughts", "open": "<|r|>", "close": "<|r|>"}
    reply = {"tag": "reply", "open": "[[", "close": "]]"}
    assert outcome("<|r|>a<|r|>[[b]]", token, reply) == "holds"
    assert outcome("<|r|>a<|r|>[[b]]<|r|>", token, reply) == "duplicate_thoughts_marker"
    assert outcome("<thoughts>a</thoughts>[[b]]", token, reply) == "missing_thoughts_marker"
    again = {**token, "unique": False}
    assert outcome("<|r|>a<|r|> <|r|>b<|r|>[[b]]", again, reply) == "holds"
    assert outcome("<|r|>a<|r|> <|r|>b [[b]]", again, reply) == "missing_thoughts_marker"


def test_literals_are_found_from_the_left_and_share_no_characters():
    """Where one ends as another begins, the first one has the characters between them."""
    assert outcome("aa x aa", {"tag": "a", "open": "aa", "close": "aa"}) == "holds"
    assert outcome("aaa x aa", {"tag": "a", "open": "aa", "close": "aa"}) == "holds"
    assert outcome("|a|b|", {"tag": "p", "open": "|a|", "close": "|b|"}) == "missing_p_close"


def test_many_literals_with_one_beginning_are_told_apart():
    """However far they agree, and whichever else there are."""
    start = "a" * 60
    parts = [{"tag": f"p{at}", "open": f"{start}{at:02}(", "close": f"{start}{at:02})"} for at in range(16)]
    text = "".join(f"{part['open']}aaa{part['close']} " for part in parts)
    assert outcome(text, *parts, forbidden=["b", "ac"]) == "holds"
    assert outcome(text.replace("aaa", "aac", 1), *parts, forbidden=["b", "ac"]) == "unexpected_literal"
    assert outcome(text.replace("00)", "00]"), *parts) == "missing_p0_close"
    assert outcome("a" * 200_000, *parts, forbidden=["b" * 64]) == "missing_p0_open"


def test_literals_can_be_forbidden():
    """A tag of another layout is no text then."""
    assert outcome("<plan>a</plan><answer><think></answer>", PLAN, ANSWER) == "holds"
    rule = outcome("<plan>a</plan><answer><think></answer>", PLAN, ANSWER, forbidden=["<think>"])
    assert rule == "unexpected_literal"


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ({"parts": []}, "at least 1 item"),
        ({"parts": [PLAN] * 17}, "at most 16 items"),
        ({"parts": [PLAN, PLAN]}, "the name 'plan' is given 2 times"),
        ({"parts": [PLAN], "after": {"name": "plan"}}, "the name 'plan' is given 2 times"),
        ({"parts": [{**PLAN, "open": "|"}, {**ANSWER, "open": "|"}]}, "the literal '|' is given 2 times"),
        ({"parts": [PLAN], "forbidden": ["<plan>"]}, "the literal '<plan>' is given 2 times"),
        ({"parts": [{**PLAN, "open": "<p", "close": "<p>"}]}, "the literal '<p' is part of the literal '<p>'"),
        ({"parts": [PLAN, {**ANSWER, "open": "x<plan>x"}]}, "the literal '<plan>' is part of"),
        ({"parts": [PLAN], "forbidden": ["plan"]}, "the literal 'plan' is part of"),
        ({"parts": [{**PLAN, "required": False}]}, "no part is required"),
        ({"parts": [{**PLAN, "required": False}, ANSWER], "prefilled": True}, "prefilled and not required"),
        ({"parts": [PLAN], "prefilled": True, "before": "text"}, "nothing can stand before"),
        ({"parts": [{**PLAN, "open": ""}]}, "at least 1 character"),
        ({"parts": [{**PLAN, "open": " "}]}, "is blank"),
        ({"parts": [{**PLAN, "open": "\u200b"}]}, "cannot be printed"),
        ({"parts": [{**PLAN, "open": "a\nb"}]}, "cannot be printed"),
        ({"parts": [{"tag": "<plan>"}]}, "match pattern"),
        ({"parts": [{"tag": "Plan"}]}, "match pattern"),
        ({"parts": [{}]}, "Field required"),
        ({"parts": [{**PLAN, "optional": True}]}, "Extra inputs"),
        ({"parts": [{**PLAN, "required": 1}]}, "valid boolean"),
        ({"parts": [PLAN], "after": "anything"}, "Input should be"),
        ({"parts": [PLAN], "after": {"name": "Summary"}}, "match pattern"),
    ],
)
def test_a_layout_that_means_nothing_is_refused(spec: dict[str, Any], told: str):
    """The fault is told in a sentence."""
    with pytest.raises(ValidationError, match=re.escape(told)):
        LayoutSpec.model_validate(spec)


TAGS = "abc"
PLACES = ("before", "between", "after")
CODES = {" ": " ", "x": "x", "\u200b": "z"}


@st.composite
def specs(draw: st.DrawFn) -> dict[str, Any]:
    """Any layout of up to three parts."""
    flags = st.booleans()
    parts = [
        {"tag": tag, "required": draw(flags), "unique": draw(flags), "non_blank": draw(flags)}
        for tag in TAGS[: draw(st.integers(1, 3))]
    ]
    around = {place: draw(st.sampled_from(["whitespace", "text", *named(place)])) for place in PLACES}
    prefilled = parts[0]["required"] and around["before"] == "whitespace" and draw(flags)
    return {"parts": parts, **around, "prefilled": prefilled}


def named(place: str) -> list[dict[str, Any]]:
    """The texts with a name that may stand at a place."""
    return [{"name": f"{place}_text"}, {"name": f"{place}_text", "non_blank": False}]


def expression(spec: dict[str, Any]) -> str:
    """The layout as a regular expression over one letter for each tag and each kind of text."""

    def outside(place: str) -> str:
        allowed = spec[place]
        if allowed == "whitespace":
            return " *"
        return "[xz ]*" if allowed == "text" or not allowed.get("non_blank", True) else VISIBLE

    def part(index: int) -> str:
        content = VISIBLE if spec["parts"][index]["non_blank"] else "[xz ]*"
        return f"{TAGS[index]}{content}{TAGS[index].upper()}"

    sequences = [[]]
    for index, wanted in enumerate(spec["parts"]):
        block = part(index) if wanted["unique"] else f"{part(index)}(?:{outside('between')}{part(index)})*"
        with_it = [[*sequence, block] for sequence in sequences]
        sequences = with_it if wanted["required"] else [*sequences, *with_it]
    bodies = "|".join(f"(?:{outside('between')})".join(sequence) for sequence in sequences)
    return f"(?:{outside('before')})(?:{bodies})(?:{outside('after')})"


VISIBLE = "[xz ]*x[xz ]*"


@settings(max_examples=500)
@given(specs(), st.lists(st.sampled_from(["axA", "bxB", "cxC", "aA", *TAGS, *TAGS.upper(), *CODES]), max_size=8))
def test_a_layout_holds_exactly_where_a_regular_expression_for_it_matches(spec: dict[str, Any], blocks: list[str]):
    """On any sequence of tags and text the scanner agrees with an expression written from the layout."""
    pieces = [*"".join(blocks)]
    assume(any(part["required"] for part in spec["parts"]))
    pieces = pieces[pieces[:1] == ["a"] :] if spec["prefilled"] else pieces
    tags = {**{tag: f"<{tag}>" for tag in TAGS}, **{tag.upper(): f"</{tag}>" for tag in TAGS}}
    known = {part["tag"] for part in spec["parts"]}
    pieces = [piece for piece in pieces if piece.lower() in known or piece in CODES]
    coded = "".join(CODES.get(piece, piece) for piece in pieces)
    text = "".join(tags.get(piece, piece) for piece in pieces)
    expected = re.fullmatch(expression(spec), ("a" if spec["prefilled"] else "") + coded) is not None
    found = scan(LayoutSpec.model_validate(spec).to_layout(), text)
    assert isinstance(found, Failure) is not expected


@given(specs())
def test_a_layout_comes_back_from_json_as_it_was(spec: dict[str, Any]):
    """Parameters are dumped and read again on their way to the verifier."""
    assume(any(part["required"] for part in spec["parts"]))
    read = LayoutSpec.model_validate(spec)
    assert LayoutSpec.model_validate(read.model_dump()) == read
    assert LayoutSpec.model_validate(read.model_dump(mode="json")) == read
