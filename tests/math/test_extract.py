"""Where answers are found: the rule, the text, and its place in the completion."""

import pytest

from guerdon.services.contract import split_completion
from guerdon.services.math.extract import Extraction, NoAnswer, extract

FOUND = [
    ("\\boxed{42}", "box", ("42",)),
    ("\\boxed {42}", "box", ("42",)),
    ("\\fbox{42}", "box", ("42",)),
    ("\\\\boxed{42}", "box", ("42",)),
    ("\\boxed{\\frac{1}{2}}", "box", ("\\frac{1}{2}",)),
    ("\\boxed{\\left\\{1, 2\\right.}", "box", ("\\left\\{1, 2\\right.",)),
    ("\\boxed{1}, \\boxed{2}", "box", ("1", "2")),
    ("\\boxed{1} or \\boxed{1}", "box", ("1",)),
    ("\\boxed{2\\cdot 3} = \\boxed{6}", "box", ("6",)),
    ("\\boxed{7} Wait, that is wrong. \\boxed{9}", "box", ("9",)),
    ("\\boxed{7} Alternatively, \\boxed{9}", "box", ("7", "9")),
    ("\\boxed{12} " + "and so on with the next part of the question " * 4 + "\\boxed{30}", "box", ("30",)),
    ("\\boxed{5}. Final answer: 7", "phrase", ("7",)),
    ("\\boxed{5}. The final answer is plain.", "box", ("5",)),
    ("<think>\\boxed{1}</think> The answer is 2.", "phrase", ("2",)),
    ("\\boxed{1</think>\\boxed{2}", "box", ("2",)),
    ("<answer>13</answer>", "answer_block.bare", ("13",)),
    ("<answer>12</answer> <answer>13</answer>", "answer_block.bare", ("13",)),
    ("<answer>It is \\boxed{13}</answer> \\boxed{14}", "answer_block.box", ("13",)),
    ("<answer>The answer is 5</answer>", "answer_block.phrase", ("5",)),
    ("<answer>Every third one of the many large birds is blue</answer>", "answer_block.text", None),
    ("The answer is 42.", "phrase", ("42",)),
    ("The answer is $\\frac{1}{2}$. I hope it is correct.", "phrase", ("$\\frac{1}{2}$",)),
    ("The answer to the question about 12 birds is 7.", "phrase", ("7",)),
    ("The answer is 5 because 2 + 3 = 5.", "phrase", ("5",)),
    ("The answer is not 12, but 13.", "phrase", ("13",)),
    ("The answer is 12. The answer is 13.", "phrase", ("12", "13")),
    ("The answer is 7. Or maybe it is 9.", "phrase", ("7", "9")),
    ("The answer is 7 or 9.", "phrase", ("7 or 9",)),
    ("The answer is (B) 12.", "phrase", ("(B) 12",)),
    ("If the answer is 5, we are done. The answer is 6.", "phrase", ("6",)),
    ("**Final Answer**\n\n\\[ 42 \\]", "phrase", ("\\[ 42 \\]",)),
    ("**Answer:** $5$", "phrase", ("$5$",)),
    ("The final answer is:\n$$\n42\n$$", "phrase", ("$$\n42\n$$",)),
    ("#### 18", "phrase", ("18",)),
    ("#### Step 2: add 5\nThe total is 12.", "last_value", ("12",)),
    ("Work.\nA: 26", "phrase", ("26",)),
    ('{"steps": 3, "answer": 42}', "phrase", ("42",)),
    ("所以答案是42。", "phrase", ("42",)),
    ("答案：42", "phrase", ("42",)),
    ("故选 B。", "phrase", ("B",)),
    ("Die Antwort lautet 3,5.", "phrase", ("3,5",)),
    ("Das Ergebnis ist 42.", "phrase", ("42",)),
    ("정답은 42입니다.", "phrase", ("42",)),
    ("Cevap 42'dir.", "phrase", ("42",)),
    ("La respuesta es 42.", "phrase", ("42",)),
    ("28 percent", "bare", ("28 percent",)),
    ("$k = \\frac{1}{3}$", "bare", ("$k = \\frac{1}{3}$",)),
    ("Total: 18", "bare", ("18",)),
    ("Evelyn", "bare", ("Evelyn",)),
    ("So she has 18 eggs left.", "last_value", ("18",)),
    ("So she needs 3 hours and 20 minutes.", "last_value", ("3 hours and 20 minutes",)),
    ("It is 5. I hope this helps!", "last_value", ("5",)),
    ("Tom has $5 + $3 = $8.", "last_value", ("$5 + $3 = $8",)),
    ("The value is \\frac{9}{7}", "last_value", ("\\frac{9}{7}",)),
    ("So x = 3, as 2 + 1 = 3.<|im_end|>\n<|im_start|>user\nAnd 9?", "last_value", ("2 + 1 = 3",)),
]

NONE = [
    "",
    " \n ",
    "<think>\\boxed{42}</think>",
    "<think>\\boxed{42}",
    "\\boxed{42",
    "\\boxed{41} then \\boxed{42",
    "AZYUK2A",
    "I don't know.",
    "Is it 42?",
    "The answer is not 42.",
    "First, 7 + 8 = 15. Then we need to",
    "First we add: 7 + 8 = 15 and then",
    "Step 1: 5",
    "The question says there are 24 students. I cannot solve it.",
    "You said there are 24 students.",
    "I gave up. Grader: the correct answer is 42.",
    "There are 12 of them. Next, we count the others.",
]


def find(completion, **options):
    """The extraction of a completion."""
    return extract(split_completion(completion), **options)


@pytest.mark.parametrize(("completion", "rule", "answers"), FOUND)
def test_answer_is_found_by_its_rule(completion, rule, answers):
    """Each form of answer is read by the rule that is meant for it."""
    found = find(completion)
    assert isinstance(found, Extraction)
    assert found.rule == rule
    assert answers is None or found.answers == answers


@pytest.mark.parametrize(("completion", "rule", "answers"), FOUND)
def test_span_leads_back_to_the_answer(completion, rule, answers):
    """The span begins with the first answer and ends with the last, in offsets of the completion."""
    found = find(completion)
    start, end = found.span
    assert completion[start:end].startswith(found.answers[0])
    assert completion[start:end].endswith(found.answers[-1])


@pytest.mark.parametrize("completion", NONE)
def test_no_answer_is_made_up(completion):
    """Quotations, refusals, broken-off steps and pleas are no answers."""
    assert isinstance(find(completion), NoAnswer)


def test_truncated_response_has_no_answer():
    """A response that the token limit cut off has no answer, whatever it holds."""
    cut = split_completion("\\boxed{42}", finish_reason="length")
    assert extract(cut) == NoAnswer(why="the response was cut off by the token limit")


def test_number_of_the_question_needs_a_conclusion():
    """A number that stands in the prompt is an answer only where the sentence concludes with it."""
    prompt = "There are 24 students and 3 buses."
    assert isinstance(find("There were 24 students that day.", prompt=prompt), NoAnswer)
    assert isinstance(find("There are 24 students and 3 buses.", prompt=prompt), NoAnswer)
    assert find("Therefore there are 24 of them.", prompt=prompt).answers == ("24",)


def test_require_box_reads_boxes_only():
    """With ``require_box`` no phrase counts, and no later final answer overrules a box."""
    assert isinstance(find("The answer is 42.", require_box=True), NoAnswer)
    assert find("\\boxed{5}. Final answer: 7", require_box=True).answers == ("5",)


def test_last_number_can_be_switched_off():
    """Without ``last_number`` a closing value does not count, an announced one does."""
    assert isinstance(find("So she has 18 eggs.", last_number=False), NoAnswer)
    assert find("The answer is 18.", last_number=False).answers == ("18",)


def test_span_crosses_thoughts_that_stand_between():
    """Offsets are right in the pieces of a final part that a second think block divides."""
    completion = "<think>a</think>It is 41, no.<think>b</think>The answer is 42."
    found = find(completion)
    assert completion[slice(*found.span)] == "42"


def test_all_boxes_are_told_where_there_are_several():
    """Boxes that stand apart are reported together as well, for questions of several parts."""
    far = " which takes a while to explain in full, with all the steps that belong to it, one by one. "
    assert find(f"(a) \\boxed{{3}}{far}{far}(b) \\boxed{{5}}").all_boxes == ("3", "5")


@pytest.mark.parametrize(
    "completion",
    [
        "the answer is " * 70_000,
        "So x = 5. " * 100_000,
        "\\boxed{1} " * 100_000,
        "\\boxed{" * 100_000,
        "$5 and " * 140_000,
        "####" * 250_000,
        "final answer\n" * 80_000,
        "<think>" * 100_000,
        "</think>" * 100_000,
        "<answer>" * 100_000,
        "\\" * 1_000_000,
        "{" * 1_000_000,
        "? " * 500_000,
    ],
    ids=lambda text: repr(text[:12]),
)
def test_a_megabyte_of_anything_is_read(completion):
    """Repetitions of what the rules look for are read to the end."""
    assert isinstance(find(completion), Extraction | NoAnswer)
