"""Splitting a completion into thoughts, final part and answer."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guerdon.services.contract import Message, completion_of_messages, split_completion

PIECES = ["<think>", "</think>", "<answer>", "</answer>", "a", "b\n", " "]


@pytest.mark.parametrize(
    ("text", "thoughts", "final"),
    [
        ("", [], [""]),
        ("just an answer", [], ["just an answer"]),
        ("<think>a</think>b", ["a"], ["b"]),
        ("<think></think>", [""], [""]),
        ("before <think>a</think>b", ["a"], ["b"]),
        ("a</think>b", ["a"], ["b"]),
        ("a</think>b</think>c", ["a"], ["b</think>c"]),
        ("<think>a</think>b<think>c</think>d", ["a", "c"], ["b", "d"]),
        ("<think>a<think>b</think>c", ["a<think>b"], ["c"]),
        ("a</think>b<think>c</think>d", ["a", "c"], ["b", "d"]),
        ("<Think>a</Think>b", [], ["<Think>a</Think>b"]),
    ],
)
def test_thoughts_and_final_part_are_told_apart(text: str, thoughts: list[str], final: list[str]):
    """What follows the thoughts is the final part; text before the first block belongs to neither."""
    split = split_completion(text)
    assert [text[slice(*span)] for span in split.thoughts] == thoughts
    assert [text[slice(*span)] for span in split.final] == final
    assert not split.unclosed_thoughts


@pytest.mark.parametrize("text", ["<think>a", "x<think>a", "<think>a</think>b<think>c"])
def test_thoughts_that_never_end_are_marked(text: str):
    """Nothing after an opening tag without its closing one is part of the answer."""
    split = split_completion(text)
    assert split.unclosed_thoughts
    assert text.rpartition("<think>")[2] not in split.final_text


def test_prefilled_thoughts_begin_with_the_completion():
    """With the opening tag in the prompt a completion without a closing one is all thoughts."""
    split = split_completion("only thoughts", prefilled=True)
    assert (split.thoughts_text, split.final) == ("only thoughts", ())
    assert split.unclosed_thoughts
    assert split_completion("a</think>b", prefilled=True).final_text == "b"


def test_the_parts_read_as_one_text():
    """Several blocks are joined line by line."""
    split = split_completion("<think>a</think>b<think>c</think>d")
    assert (split.thoughts_text, split.final_text) == ("a\nc", "b\nd")


@pytest.mark.parametrize(("finish_reason", "truncated"), [("length", True), ("stop", False), ("", False)])
def test_the_token_limit_is_noted(finish_reason: str, truncated: bool):
    """Only `length` means that the completion was cut off."""
    assert split_completion("a", finish_reason=finish_reason).truncated is truncated


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("<think>a</think><answer>b</answer>", "b"),
        ("<answer>b</answer>", "b"),
        ("<answer>b</answer><answer>c</answer>", "c"),
        ("<answer>b<answer>c</answer>", "c"),
        ("<answer>b</answer><answer>c", "b"),
        ("<think><answer>a</answer></think>b", None),
        ("<think>a</think>b", None),
        ("<answer>b", None),
        ("b</answer>", None),
        ("<think>a</think><answer>b<think>c</think></answer>", None),
        ("<think>a</think><answer>b</answer><think>c</think>d", "b"),
    ],
)
def test_the_last_closed_answer_of_the_final_part_counts(text: str, answer: str | None):
    """An answer in the thoughts, or one never closed, is none."""
    span = split_completion(text).answer_block()
    assert (text[slice(*span)] if span else None) == answer


@given(st.lists(st.sampled_from(PIECES), max_size=15), st.booleans())
def test_no_character_is_both_thought_and_answer(pieces: list[str], prefilled: bool):
    """On any sequence of tags the spans stand in order and do not overlap."""
    text = "".join(pieces)
    split = split_completion(text, prefilled=prefilled)
    ends = sorted([*split.thoughts, *split.final])
    assert all(first[1] <= second[0] for first, second in pairwise(ends))
    assert all(0 <= start <= end <= len(text) for start, end in ends)
    assert split.unclosed_thoughts == (not split.final or split.thoughts[-1:] > split.final[-1:])


@pytest.mark.parametrize("tag", PIECES[:4])
def test_tags_by_the_thousand_are_split(tag: str):
    """Hostile repetition costs one pass."""
    assert split_completion(tag * 50_000).text


def test_the_last_assistant_message_is_the_completion():
    """Messages of others, and earlier ones, are not."""
    chat = (Message("user", "q"), Message("assistant", "a"), Message("user", "r"), Message("assistant", "b"))
    assert completion_of_messages(chat) == "b"


def test_thoughts_split_off_by_the_server_are_put_back():
    """The verifier sees the layout as if the server had left it alone."""
    assert completion_of_messages((Message("assistant", "b", "a"),)) == "<think>a</think>b"


def test_messages_without_an_assistant_are_no_completion():
    """The fault is named."""
    with pytest.raises(ValueError, match="role 'assistant'"):
        completion_of_messages((Message("user", "q"),))
