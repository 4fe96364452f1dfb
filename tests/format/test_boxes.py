r"""Finding ``\boxed{…}``."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guerdon.services.format.boxes import find_boxes


def contents(text: str) -> list[tuple[str, bool]]:
    """Content of each box and whether it is closed."""
    return [(text[slice(*box.content)], box.closed) for box in find_boxes(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("no box", []),
        (r"\boxed{42}", [("42", True)]),
        (r"$\boxed{\frac{1}{2}}$ or so", [(r"\frac{1}{2}", True)]),
        (r"\boxed{\{1, 2\}}", [(r"\{1, 2\}", True)]),
        (r"\boxed {42}", [("42", True)]),
        ("\\boxed\n{42}", [("42", True)]),
        (r"\boxed{1} and \boxed{2}", [("1", True), ("2", True)]),
        (r"\boxed{a \boxed{b} c}", [(r"a \boxed{b} c", True), ("b", True)]),
        (r"\boxed{42", [("42", False)]),
        (r"\boxed{42\}", [(r"42\}", False)]),
        (r"\boxed{a \boxed{b}", [(r"a \boxed{b}", False), ("b", True)]),
        (r"} \boxed{42}", [("42", True)]),
        (r"\boxed{}", [("", True)]),
        (r"\boxed 42", []),
        (r"\boxedtext{42}", []),
        (r"\Boxed{42}", []),
        (r"\\boxed{42}", []),
        (r"\\\boxed{42}", [("42", True)]),
        (r"\boxed{a\\}", [(r"a\\", True)]),
    ],
)
def test_boxes_are_found_as_tex_reads_them(text: str, found: list[tuple[str, bool]]):
    """Braces balance, escaped ones do not count, and a double backslash is a line break."""
    assert contents(text) == found


def test_depth_counts_the_boxes_around():
    """A box inside a box says so."""
    text = r"\boxed{\boxed{1}\boxed{2}}\boxed{3}"
    assert [box.depth for box in find_boxes(text)] == [0, 1, 1, 0]


def test_a_part_of_a_text_can_be_searched():
    """Offsets stay those of the whole text."""
    text = r"\boxed{1} \boxed{2} \boxed{3}"
    (box,) = find_boxes(text, 9, 19)
    assert text[slice(*box.content)] == "2"
    assert box.start == 10


@given(st.text(alphabet="a{}\\ ", max_size=30))
def test_balanced_content_comes_back_whole(inner: str):
    """Whatever TeX would balance by itself is found unchanged inside a box."""
    depth, balanced, escaped = 0, True, False
    for char in inner:
        if not escaped:
            depth += (char == "{") - (char == "}")
            balanced = balanced and depth >= 0
        escaped = char == "\\" and not escaped
    if balanced and depth == 0 and not escaped:
        assert contents(f"\\boxed{{{inner}}}") == [(inner, True)]


@pytest.mark.parametrize("piece", [r"\boxed{", "{", "}", "\\", r"\boxed ", r"\boxed{}"])
def test_a_megabyte_of_one_piece_is_read_to_the_end(piece: str):
    """Hostile repetition costs one pass and raises nothing."""
    text = piece * (1_000_000 // len(piece))
    assert len(find_boxes(text)) in {0, text.count(r"\boxed{")}
