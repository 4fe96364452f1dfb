"""Disguises of letters are undone, and every character keeps its place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guerdon.services.language.characters import undisguise


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("an\u200bsw\u2060er", "answer"),
        ("soft\u00adhyphen", "softhyphen"),
        ("\u202eanswer\u202c", "answer"),
        ("Ａｎｓｗｅｒ ７", "Answer 7"),
        ("\U0001d400\U0001d401", "AB"),
        ("\u24e3\u24d7\u24d4 \U0001f130\U0001f131", "the AB"),
        ("Lo\u0308sung", "Lösung"),
        ("o\ufb03ce", "office"),
        ("می\u200cشود", "می\u200cشود"),
        ("क\u200dष", "क\u200dष"),
        ("a\u200db", "ab"),
    ],
)
def test_disguises_are_undone(text: str, plain: str):
    """Joiners stay where they are part of the spelling."""
    assert undisguise(text).text == plain


@pytest.mark.parametrize("text", ["Größe, 数, число", "几个？答案：七", "می\u200cشود", "ক\u200dষ"])
def test_ordinary_text_is_left_alone(text: str):
    """There are no offsets to keep; full-width marks and joiners that belong to the spelling are ordinary."""
    assert undisguise(text) == (text, None)


@given(st.text(st.sampled_from("aé\u200bＡ\ufb01o\u0308\u202e \U0001d400数"), max_size=30))
def test_every_range_leads_back_to_where_it_came_from(text: str):
    """The whole of the plain text comes from the whole of the original, in order."""
    plain = undisguise(text)
    places = [plain.origin(at, at + 1) for at in range(len(plain.text))]
    assert all(0 <= start < end <= len(text) for start, end in places)
    assert places == sorted(places)
