"""Languages in info strings."""

import pytest

from guerdon.services.format.languages import canonical_language, language_of_info


@pytest.mark.parametrize(
    "info",
    [
        "python", "Python", "PYTHON", "py", "py3", "python3", 'python title="a.py"', "python {.numbers}",
        "python{1,3}",
        "python,ignore", "python:main.py", "{python}", "{.python .numbers}", "{ .python }", "python\tx",
    ],
)  # fmt: skip
def test_python_is_recognised(info: str):
    """Aliases, case and attributes do not matter."""
    assert language_of_info(info) == "python"


@pytest.mark.parametrize(
    "info",
    ["", "pythonic", "python2", "python-repl", "pytho", "ipython", "text python", "pyth\u200bon", "python=3",
     ".python", "\uff50ython", "cpython", "python3000", "="],
)  # fmt: skip
def test_anything_else_is_not_python(info: str):
    """A language that only begins or ends like it, or stands later in the info string, is another."""
    assert language_of_info(info) != "python"


@pytest.mark.parametrize(
    ("name", "canonical"), [("C++", "c++"), ("cpp", "c++"), ("JS", "javascript"), ("COBOL", "cobol"), ("c", "c")]
)
def test_every_language_has_one_name(name: str, canonical: str):
    """Known aliases meet in one name; an unknown language is its own, in lower case."""
    assert canonical_language(name) == canonical
