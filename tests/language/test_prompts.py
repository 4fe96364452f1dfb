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


SHORT = {
    "en": ("How many zeros does 125! end with?", "Reason step by step and put your final answer in \\boxed{}."),
    "de": ("Wie viele Nullen hat 125! am Ende?",
           "Denke Schritt für Schritt und schreibe die endgültige Antwort in \\boxed{}."),
    "fr": ("Combien de zéros terminent 125! ?",
           "Raisonne étape par étape et mets ta réponse finale dans \\boxed{}."),
    "es": ("¿Con cuántos ceros termina 125!?", "Razona paso a paso y pon tu respuesta final dentro de \\boxed{}."),
    "tr": ("125! sayısının sonunda kaç sıfır vardır?", "Adım adım düşün ve son cevabını \\boxed{} içine yaz."),
    "vi": ("Tính diện tích hình vuông cạnh 5.", "Hãy suy luận từng bước và đặt đáp án cuối cùng trong \\boxed{}."),
    "uk": ("Скількома нулями закінчується 125!?",
           "Міркуй крок за кроком і запиши остаточну відповідь у \\boxed{}."),
    "ru": ("Сколькими нулями заканчивается 125!?",
           "Рассуждай шаг за шагом и запиши окончательный ответ в \\boxed{}."),
    "zh": ("求边长为5的正方形的面积。", "请逐步推理，并把最终答案放到\\boxed{}内。"),
    "ja": ("一辺が5の正方形の面積を求めよ。", "段階的に考え、最終的な答えを\\boxed{}に入れてください。"),
    "ko": ("한 변의 길이가 5인 정사각형의 넓이를 구하시오.",
           "단계별로 추론하고 최종 답을 \\boxed{} 안에 넣으세요."),
    "ar": ("احسب مساحة مربع طول ضلعه 5.", "فكر خطوة بخطوة وضع الإجابة النهائية داخل \\boxed{}."),
    "hi": ("125! के अंत में कितने शून्य हैं?", "चरण दर चरण सोचें और अंतिम उत्तर \\boxed{} में लिखें।"),
}  # fmt: skip
"""A short question, and what is asked for beside the answer, by language."""
ENGLISH = [
    "Please reason step by step, and put your final answer within \\boxed{}.",
    "Let's think step by step and output the final answer within \\boxed{}.",
    "The reasoning process MUST BE enclosed within <think> </think> tags. The final answer MUST BE in \\boxed{}.",
    "Solve the following math problem efficiently and clearly. The last line of your response should be of the "
    "form: 'The final answer is: $\\boxed{ANSWER}$. I hope it is correct' "
    "(without quotes). Think before answering.",
    "You are a helpful assistant. Think carefully before you answer:",
]


@pytest.mark.parametrize("code", SHORT)
@pytest.mark.parametrize("instruction", [*ENGLISH, SHORT["zh"][1]])
def test_instructions_on_the_form_do_not_decide(code: str, instruction: str):
    """Before and after the question, on its line and on another."""
    question = SHORT[code][0]
    for between in (" ", "\n\n"):
        assert code_of(question + between + instruction) == code
        assert code_of(instruction + between + question) == code


@pytest.mark.parametrize("code", SHORT)
def test_instructions_in_the_questions_language_change_nothing(code: str):
    """With and without a space between them."""
    question, instruction = SHORT[code]
    assert code_of(f"{question}\n{instruction}") == code_of(instruction + question) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (f"Solve $x + 1 = 2$. {ENGLISH[0]}", "en"),
        (f"$x + 1 = 2$ {ENGLISH[0]}", "en"),
        (f"$x + 1 = 2$ {SHORT['zh'][1]}", "zh"),
        (f"Résous $x + 1 = 2$. {ENGLISH[0]}", None),
        (f"Найдите x, если 2x + 1 = 3 {ENGLISH[0]}", None),
        (f"计算 $2 + 2$ {ENGLISH[0]}", None),
    ],
)
def test_instructions_tell_only_where_hardly_anything_else_does(text: str, code: str | None):
    """And the few words of the question fit their language."""
    assert code_of(text) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("What does 'Ich habe Hunger' mean?", "en"),
        ("What is the meaning of „Ich habe den Apfel gegessen“ in English?", "en"),
        ("Wie sagt man “good morning, how are you today” auf Deutsch?", "de"),
        ("翻译成中文: The cat sat on the mat and looked at the dog.", "zh"),
        ("Übersetze ins Englische: The cat sat on the mat and looked at the dog.", "de"),
        ("Переведи на русский: The cat sleeps on the sofa and dreams.", "ru"),
        ('"Wie viele Äpfel hat Anna?"', "de"),
        ("The students' books and the teachers' rooms: how many are there?", "en"),
    ],
)
def test_quotations_and_texts_to_translate_do_not_decide(text: str, code: str):
    """Unless the question is nothing but a quotation."""
    assert code_of(text) == code


@pytest.mark.parametrize(
    "text",
    ["", "   ", "$x^2 + 1 = 0$", "2 + 2 = ?", "😀", "x", "```python\nprint(1)\n```",
     "Compute the sum of all these numbers: 计算这些数字的总和", "Even narekenen.", "найдите если",
     "Die Antwort ist klar. The answer is clear and we know it.",
     "Correct the grammar: Yo soy contento hoy en la casa"],
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
        "User: Wie alt ist Anna?\n<think>\n",
        "Wie alt ist Anna?",
    ],
)
def test_the_users_turn_of_a_rendered_prompt_decides(prompt: str):
    """Templates are in English whatever the question is in."""
    assert user_text(prompt, []).strip() == "Wie alt ist Anna?"


def test_tags_named_in_a_users_turn_do_not_end_it():
    """Only one at its end opens the reply."""
    said = "Think in <think> </think> tags. Wie alt ist Anna?"
    assert user_text(f"User: {said}\n<think>\n", []).strip() == said
