"""Targets: codes, aliases, scripts, varieties that are not told apart."""

import pytest

from guerdon.services.language.detector import load_detector
from guerdon.services.language.scripts import SCRIPTS
from guerdon.services.language.targets import NAMES, target_of


def test_every_label_of_the_model_is_a_target():
    """There are 176 of them, and what the model says of words and sentences is among them."""
    assert len(NAMES) == 176
    said = {
        code
        for text in ("the", "und", "это", "的", "ہے", "a")
        for code, _ in load_detector().labels(text, 176, 0.0)
    }
    assert said <= set(NAMES)
    assert len(said) > 150


@pytest.mark.parametrize("code", NAMES)
def test_every_target_has_scripts_that_are_told_apart(code: str):
    """And accepts itself."""
    target = target_of(code)
    assert set(target.scripts) <= SCRIPTS
    assert code in target.accepted <= set(NAMES)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("zh-CN", "zh"), ("zh_Hant_TW", "zh"), ("en-US", "en"), ("English", "en"), (" german ", "de"),
        ("JA", "ja"),
        ("Farsi", "fa"), ("nb-NO", "no"), ("deu", "de"), ("Traditional Chinese", "zh"), ("pt-BR", "pt"),
    ],
)  # fmt: skip
def test_friendly_names_are_understood(name: str, code: str):
    """Regions, case, English names and three-letter codes lead to the label."""
    assert target_of(name).code == code


@pytest.mark.parametrize("name", ["", "klingon", "xx", "e", "en de", "*", "-", "Deutsch!"])
def test_an_unknown_language_is_refused(name: str):
    """Nothing is guessed; the message says what to give."""
    with pytest.raises(ValueError, match="give an ISO 639 code"):
        target_of(name)


def test_varieties_of_chinese_are_not_told_apart():
    """Each accepts the others."""
    for code in ("zh", "yue", "wuu"):
        assert target_of(code).accepted == {"zh", "yue", "wuu"}


def test_a_small_variety_does_not_accept_the_large_language():
    """As the target, Asturian is what is asked for, and not Spanish."""
    assert "ast" in target_of("es").accepted
    assert "es" not in target_of("ast").accepted
