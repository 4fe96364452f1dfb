"""Common words: short lines of reasoning are told by them."""

import pytest


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("Просто додаю числа.", "uk"),
        ("Отже, множу на два і ділю на три.", "uk"),
        ("Умножаю на пять.", "ru"),
        ("Damit bin ich fertig.", "de"),
        ("Okay, los geht's!", "de"),
        ("Super, das passt.", "de"),
        ("Potom ho vynásobím dvoma.", "sk"),
        ("Potom spočítam obe čísla.", "sk"),
        ("Pak sečtu obě čísla.", "cs"),
        ("Kwanza nahesabu eneo, kisha nagawanya.", "sw"),
        ("Uso la regla de tres.", "es"),
        ("Uso la formula giusta.", "it"),
        ("Vamos conferir.", "pt"),
        ("Gotowe, wyszło dobrze.", "pl"),
    ],
)
def test_short_lines_of_reasoning_are_in_their_language(line: str, code: str, share):
    """Kindred languages do not claim them."""
    assert share(line, code) == 1.0


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("Okay, los geht's!", "es"),
        ("Das passt also.", "en"),
        ("Uso la fórmula de Legendre.", "fr"),
        ("Uso la fórmula de Legendre.", "it"),
        ("Зачекай, перевірю ще раз.", "ru"),
        ("Potom ho vynásobím dvoma.", "cs"),
        ("Vamos conferir.", "es"),
    ],
)
def test_a_word_spelled_as_one_of_the_target_does_not_claim_a_line(line: str, code: str, share):
    """The words around it decide."""
    assert share(line, code) == 0.0
