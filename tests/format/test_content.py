"""Exactly one box, exactly one code block."""

import pytest

from guerdon.services.format.content import check_box, check_code_block


def rule_of_box(text: str) -> str | None:
    """Rule that a final part breaks, or None."""
    failure = check_box(text, text, (0, len(text)))
    return failure.rule if failure else None


def rule_of_code(text: str, language: str = "python") -> str | None:
    """Rule that an answer breaks, or None."""
    failure = check_code_block(text, (0, len(text)), language)
    return failure.rule if failure else None


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (r"It is \boxed{42}.", None),
        (r"\boxed{\{\}}", None),
        (r"\boxed{\text{none}}", None),
        ("It is 42.", "missing_box"),
        (r"\\boxed{42}", "missing_box"),
        (r"\boxed{42", "unclosed_box"),
        (r"\boxed{\frac{1}{2}", "unclosed_box"),
        (r"\boxed{}", "blank_box"),
        (r"\boxed{ ~\, \quad {} }", "blank_box"),
        ("\\boxed{\u200b}", "blank_box"),
        (r"\boxed{1}\boxed{1}", "duplicate_box"),
        (r"\boxed{1} \boxed{2", "duplicate_box"),
        (r"\boxed{\boxed{1}}", "duplicate_box"),
    ],
)
def test_there_is_exactly_one_box(text: str, rule: str | None):
    """It is closed, shows something and stands alone; whether it is right is not asked."""
    assert rule_of_box(text) == rule


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (r"\boxed{1} \boxed{ 1\,}", None),
        (r"\boxed{1\\,2} \boxed{1\\ ,2}", None),
        (r"\boxed{1\\,2} \boxed{1\2}", "duplicate_box"),
        (r"\boxed{1} \boxed{2}", "duplicate_box"),
        (r"\boxed{1} \boxed{1", "unclosed_box"),
    ],
)
def test_copies_may_differ_in_spacing_alone(text: str, rule: str | None):
    """A line break before a comma is no thin space."""
    failure = check_box(text, text, (0, len(text)), copies=True)
    assert (failure.rule if failure else None) == rule


def test_a_box_is_found_in_the_blotted_text_and_read_in_the_real_one():
    """Code in a box is something to see, and what it says tells boxes apart."""
    text = r"\boxed{`4`} \boxed{`5`}"
    searched = text.replace("`4`", "\0\0\0").replace("`5`", "\0\0\0")
    failure = check_box(text, searched, (0, len(text)), copies=True)
    assert failure is not None
    assert failure.rule == "duplicate_box"
    assert check_box(text, searched, (0, 11)) is None


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("```python\nx\n```", None),
        ("Here:\n\n```Py3 {.n}\nx\n```\n\nDone.", None),
        ("~~~~python\n~~~\n~~~~", None),
        ("```python\r\nx\r\n```\r\n", None),
        ("```python\nx\n```\n```text\n4\n```", None),
        ("```\n4\n```\n```python\nx\n```", None),
        ("x = 1", "missing_fence"),
        ("`python x`", "missing_fence"),
        ("    ```python\n    x\n    ```", "missing_fence"),
        ("```pythonic\nx\n```", "wrong_language"),
        ("```\nx\n```", "wrong_language"),
        ("```js\nx\n```", "wrong_language"),
        ("```python\nx", "unclosed_fence"),
        ("````python\nx\n```", "unclosed_fence"),
        ("```python\nx\n~~~", "unclosed_fence"),
        ("```python\nx\n```\n```", "unclosed_fence"),
        ("```python\n```", "blank_fence"),
        ("```python\n \n\u200b\n```", "blank_fence"),
        ("```python\nx\n```\n```py\ny\n```", "duplicate_fence"),
        ("```python\nx\n```\n~~~PYTHON\ny", "duplicate_fence"),
    ],
)
def test_there_is_exactly_one_code_block_of_the_language(text: str, rule: str | None):
    """It is closed and shows something; blocks of other languages do not matter."""
    assert rule_of_code(text) == rule


def test_the_language_is_the_one_asked_for():
    """A block of another language does not do, and aliases of the one asked for do."""
    assert rule_of_code("```cpp\nx\n```", "c++") is None
    assert rule_of_code("```cpp\nx\n```") == "wrong_language"
    assert rule_of_code("```brainfuck\nx\n```", "Brainfuck") is None


def test_offsets_count_from_the_start_of_the_whole_text():
    """A check of a part names places in the whole."""
    text = r"0123456789 \boxed{1} \boxed{2}"
    failure = check_box(text, text, (10, len(text)))
    assert failure is not None
    assert failure.offset == 21
    code = "0123456789```python\nx"
    failure = check_code_block(code, (10, len(code)), "python")
    assert failure is not None
    assert failure.offset == 10
