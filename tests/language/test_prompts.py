"""The target that a prompt asks for."""

import pytest

from guerdon.services.contract import Message
from guerdon.services.language.detector import load_detector
from guerdon.services.language.prompts import infer_target, user_text


def code_of(text: str) -> str | None:
    """The code of the inferred target."""
    target = infer_target(text, load_detector())
    return target.code if target else None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("How many apples does Anna have?", "en"),
        ("Wie viele Äpfel hat Anna?", "de"),
        ("Combien de pommes Anna a-t-elle ?", "fr"),
        ("¿Cuántas manzanas tiene Ana?", "es"),
        ("Anna'nın kaç elması var?", "tr"),
        ("Anna có bao nhiêu quả táo?", "vi"),
        ("Сколько яблок у Анны?", "ru"),
        ("Скільки яблук має Ганна?", "uk"),
        ("安娜有多少个苹果？", "zh"),
        ("アンナはりんごをいくつ持っていますか？", "ja"),
        ("안나는 사과를 몇 개 가지고 있습니까?", "ko"),
        ("كم تفاحة لدى آنا؟", "ar"),
        ("آنا چند سیب دارد؟", "fa"),
        ("अन्ना के पास कितने सेब हैं?", "hi"),
        ("Was gibt `print(sum(range(10)))` aus, wenn $x = 3$ gilt?", "de"),
    ],
)
def test_the_language_of_a_question_is_the_target(text: str, code: str):
    """Code and formulas in it do not matter."""
    assert code_of(text) == code


@pytest.mark.parametrize(
    "text",
    ["", "   ", "$x^2 + 1 = 0$", "2 + 2 = ?", "😀", "x", "```python\nprint(1)\n```",
     "Compute the sum of all these numbers: 计算这些数字的总和"],
)  # fmt: skip
def test_nothing_is_guessed(text: str):
    """Without evidence, or with as much for another language, there is no target."""
    assert code_of(text) is None


def test_the_last_message_of_the_user_decides():
    """System prompts and answers do not."""
    messages = [
        Message("system", "Be kind."),
        Message("user", "Hallo"),
        Message("assistant", "Hi"),
        Message("user", "Où ?"),
    ]
    assert user_text("Be kind.", messages) == "Où ?"


@pytest.mark.parametrize(
    "prompt",
    [
        "A conversation between User and Assistant. The User asks. User: Wie alt ist Anna?\nAssistant: <think>",
        "<|im_start|>system\nBe kind.<|im_end|>\n<|im_start|>user\nWie alt ist Anna?<|im_end|>\n",
        "<｜User｜>How old?<｜Assistant｜>Six.<｜User｜>Wie alt ist Anna?<｜Assistant｜><think>",
        "[INST] Wie alt ist Anna? [/INST]",
        "Wie alt ist Anna?",
    ],
)
def test_the_users_turn_of_a_rendered_prompt_decides(prompt: str):
    """Templates are in English whatever the question is in."""
    assert user_text(prompt, []).strip() == "Wie alt ist Anna?"
