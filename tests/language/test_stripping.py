"""What is in no language is blotted out, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guerdon.services.language.stripping import strip


def words(text: str) -> str:
    """What is left, without the spaces in its place."""
    return " ".join(strip(text).split())


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("so $x + y = z$ holds", "so holds"),
        (r"so \(x\) and \[y = \frac{a}{b}\] hold", "so and hold"),
        ("so $$x$$ holds", "so holds"),
        ("we get \\begin{align*}a &= b\\\\c &= d\\end{align*} then", "we get then"),
        (r"$x \text{ where } y$", "where"),
        ("call `summe(x)` or `pip install numpy` or `for i in x` now", "call or or now"),
        ("run\n```python\nergebnis = summe(x)\n```\nnow", "run now"),
        ("see https://example.org/das/ist/es now", "see now"),
        ("see www.beispiel.de now", "see now"),
        ("mail anna@beispiel.de now", "mail now"),
        ("open /usr/lib/datei now", "open now"),
        ("a <b>fett</b> word", "a fett word"),
        ("16 - 3 = <<16-3=13>>13 eggs", "16 - 3 = 13 eggs"),
        ('the record {"schluessel": 3} is kept in the list', "the record { 3} is kept in the list"),
        ("[asy]\ndraw(dies);\n[/asy] the end", "the end"),
        ("first\nx = f(y)\nthen", "first then"),
    ],
)
def test_code_formulas_and_addresses_go(text: str, left: str):
    """Words in text commands of a formula stay."""
    assert words(text) == left


@pytest.mark.parametrize(
    "text",
    [
        "She paid $5 for the apples and he paid $6 for the pears",
        "$Zuerst addieren wir die beiden Zahlen$",
        "`zuerst addieren wir die beiden Zahlen`",
        "das kostet $5 und das andere nur $3",
        "$首先我们把两个数加起来$",
        "`ich denke also` und `dass die Antwort` und $sieben ist es$",
        "and/or either/or",
        "a < b and c > d",
    ],
)
def test_prose_in_a_wrapper_stays(text: str):
    """A formula or code span full of words is no formula: language cannot hide there."""
    assert strip(text) == text


def test_prose_in_a_fence_stays():
    """Its lines are judged one by one, comments too."""
    text = "```\nZuerst addieren wir die beiden Zahlen\nx = 1  # danach teilen wir noch durch zwei\n```"
    assert words(text) == "Zuerst addieren wir die beiden Zahlen danach teilen wir noch durch zwei"


@given(st.text(st.sampled_from("a`$\\[](){}<>\"'/.:@ \n#=;{word der}"), max_size=80))
def test_the_length_never_changes(text: str):
    """Offsets into what is left are offsets into the text; what is left stood there."""
    left = strip(text)
    assert len(left) == len(text)
    assert all(new in (" ", old) for old, new in zip(text, left, strict=True))


@pytest.mark.parametrize(
    "piece", ["\\[", "\\(", "\\begin{align}", "$ a", "`", "```\n", "<a ", "[asy]", "\\text{", "/a", "a@"]
)
def test_what_is_never_closed_costs_linear_time(piece: str):
    """A hundred thousand of anything come back."""
    text = piece * 100_000
    assert len(strip(text)) == len(text)
