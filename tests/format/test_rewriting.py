"""What a layout does not depend on: the words between its tags."""

import re
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from guerdon.services.format.blank import is_blank
from guerdon.services.format.checks import check_of
from guerdon.services.format.params import FormatParams

LITERALS = ["<think>", "</think>", "<answer>", "</answer>", "<|reasoning|>", "<step>", "</step>"]
LITERAL = re.compile("|".join(map(re.escape, LITERALS)))
STEPS = {
    "parts": [{"tag": "step", "unique": False}, {"tag": "answer"}],
    "between": "text",
    "after": {"name": "end"},
}
ASKED: list[dict[str, Any]] = [
    {"profile": "r1_zero"},
    {"profile": "r1_zero_prefilled"},
    {"profile": "think_summary"},
    {"profile": "think_summary_prefilled"},
    {"profile": "special_token"},
    {"layout": STEPS},
]
WHITE = st.text(alphabet=" \t\r\n\u00a0\u2003\u2028", min_size=1, max_size=4)
HIDDEN = st.text(alphabet="\u200b\ufeff\u00ad\x00\x1c\u3164 ", min_size=1, max_size=4).filter(
    lambda t: not t.isspace()
)
SHOWN = st.text(max_size=12).filter(lambda text: not is_blank(text)) | st.sampled_from(
    ["<Think>", "</ think>", "<think", "answer>", "&lt;think&gt;", "<answer/>", "```", "`x`", "\\boxed{4}", "."]
)
KINDS = {"white": WHITE, "hidden": HIDDEN, "shown": SHOWN}
RIGHT = {
    "r1_zero": ["<think>", "shown", "</think>", "white", "<answer>", "shown", "</answer>"],
    "prefilled": ["shown", "</think>", "<answer>", "shown", "</answer>"],
    "summary": ["<think>", "shown", "</think>", "shown"],
    "token": ["<|reasoning|>", "shown", "<|reasoning|>", "shown"],
    "steps": [
        "<step>",
        "shown",
        "</step>",
        "hidden",
        "<step>",
        "shown",
        "</step>",
        "<answer>",
        "shown",
        "</answer>",
        "shown",
    ],
}
SHAPES = st.lists(st.sampled_from([*LITERALS, *KINDS]), max_size=9) | st.sampled_from(list(RIGHT.values()))


def tags_of(text: str) -> list[str]:
    """The literals in a text, in order."""
    return LITERAL.findall(text)


@pytest.mark.parametrize("asked", ASKED, ids=lambda asked: asked.get("profile", "custom"))
@given(shape=SHAPES, data=st.data())
def test_the_verdict_is_that_of_any_other_words(asked: dict[str, Any], shape: list[str], data: st.DataObject):
    """Rewritten without adding a tag, blank kept blank and shown kept shown, a text keeps its rule and score."""
    texts = ["".join(data.draw(KINDS[piece]) if piece in KINDS else piece for piece in shape) for _ in range(2)]
    assume(all(tags_of(text) == [piece for piece in shape if piece not in KINDS] for text in texts))
    check = check_of("format", FormatParams.model_validate(asked).model_dump_json().encode())
    rules = [failure.rule if (failure := check.failure(text)) else "" for text in texts]
    assert rules[0] == rules[1]
