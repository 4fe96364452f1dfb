"""Markdown code by the rules of CommonMark, with another implementation of CommonMark as the judge."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from guerdon.services.format.fences import blot_code, find_fences

JUDGE = MarkdownIt("commonmark")
FENCE_LINES = ["```", "````", "~~~", "~~~~", "```py"]
OTHER_LINES = [
    "~~~ py ",
    " ```",
    "   ~~~",
    "    ```",
    "	```",
    "``` a`b",
    "~~~ a`b",
    "x",
    "",
    "```  ",
    "x ```",
    "``",
]


def found(text: str) -> list[tuple[str, str, bool]]:
    """Info string and code of each fence, and whether it is closed."""
    return [(fence.info, text[slice(*fence.code)], fence.closed) for fence in find_fences(text)]


@pytest.mark.parametrize(
    ("text", "fences"),
    [
        ("```python\nx = 1\n```", [("python", "x = 1\n", True)]),
        ("~~~python\nx = 1\n~~~\n", [("python", "x = 1\n", True)]),
        ("```python\r\nx = 1\r\n```\r\n", [("python", "x = 1\r\n", True)]),
        ("```python\rx = 1\r```", [("python", "x = 1\r", True)]),
        ("   ```py\nx\n   ```", [("py", "x\n", True)]),
        ("    ```py\nx\n    ```", []),
        ("text ```py\nx\n```", [("", "", False)]),
        ("````py\n```\nx\n````", [("py", "```\nx\n", True)]),
        ("```py\nx\n`````", [("py", "x\n", True)]),
        ("````py\nx\n```", [("py", "x\n```", False)]),
        ("```py\nx\n~~~", [("py", "x\n~~~", False)]),
        ("```py\nx\n```no", [("py", "x\n```no", False)]),
        ("```py `x`\n```", [("", "", False)]),
        ("~~~py `x`\n~~~", [("py `x`", "", True)]),
        ("```\n```\n```\n```", [("", "", True), ("", "", True)]),
        ("```", [("", "", False)]),
        ("no code", []),
    ],
)
def test_fences_are_found(text: str, fences: list[tuple[str, str, bool]]):
    """Kind, length, indent and info string decide as CommonMark says."""
    assert found(text) == fences


@given(st.lists(st.sampled_from(FENCE_LINES + OTHER_LINES), max_size=12))
def test_fences_are_those_of_another_implementation(lines: list[str]):
    """On any sequence of lines both find the same blocks."""
    text = "\n".join(lines)
    judged = [(token.info.strip(), token.map) for token in JUDGE.parse(text) if token.type == "fence"]
    ours = [(fence.info, text.count("\n", 0, fence.start)) for fence in find_fences(text)]
    assert ours == [(info, place[0]) for info, place in judged]


@given(st.text(alphabet="`\\ab ", max_size=40))
def test_code_spans_are_those_of_another_implementation(inner: str):
    """In any line of backticks and backslashes the same characters are code."""
    text = f"x{inner}x"
    (paragraph,) = (token for token in JUDGE.parse(text) if token.type == "inline")
    judged = [token.content for token in paragraph.children if token.type == "code_inline"]
    blotted = blot_code(text)
    assert len(blotted) == len(text)
    assert [bare(span) for span in cut(text, blotted)] == judged


def cut(text: str, blotted: str) -> list[str]:
    """The parts of a text that were blotted out."""
    marked = "".join(char if hidden == "\0" else "\n" for char, hidden in zip(text, blotted, strict=True))
    return [part for part in marked.split("\n") if part]


def bare(span: str) -> str:
    """What stands in a code span, one space on either side taken off as CommonMark does."""
    ticks = len(span) - len(span.lstrip("`"))
    inner = span[ticks:-ticks]
    return inner[1:-1] if inner[0] == inner[-1] == " " and inner.strip() else inner


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("a `b` c", "a  c"),
        ("a ``b ` c`` d", "a  d"),
        ("a\n```\nb\n```\nc", "a\nc"),
        ("a `b\nc` d", "a  d"),
        ("a `b\n\nc` d", "a `b\n\nc` d"),
        ("a `b\r\n\r\nc` d", "a `b\r\n\r\nc` d"),
        ("a `b\r\nc` d", "a  d"),
        ("a\n```\nb", "a\n```\nb"),
        (r"a \`b` c", r"a \`b` c"),
        (r"a \\`b` c", r"a \\ c"),
        ("`a\n```\nb\n```\nc`", "`a\nc`"),
    ],
)
def test_code_is_blotted_out(text: str, rest: str):
    """Closed fences and code spans go; spans end with their paragraph, and an unclosed fence hides nothing."""
    assert blot_code(text).replace("\0", "") == rest
    assert len(blot_code(text)) == len(text)


@pytest.mark.parametrize("piece", ["`", "` ", "\\`", "``` \n", "~~~\n```\n", "\n", "\n ", " ", "\r\n"])
def test_a_megabyte_of_one_piece_is_read_to_the_end(piece: str):
    """Hostile repetition raises nothing and keeps the length."""
    text = piece * (1_000_000 // len(piece))
    assert len(blot_code(text)) == len(text)
