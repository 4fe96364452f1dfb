"""Cuts out of a prompt what is not the question: how to answer, quotations, texts to translate.

Datasets put such instructions around questions in any language, most often in English. What they are known by is
listed here by language; a sentence with such a phrase is an instruction as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_STOPS, _UNSPACED = r".!?:;\n。！？।؟：", "\u3000-\u9fff"
_SENTENCE = re.compile(
    rf"(?:[^{_STOPS}]|[.!?:;](?![\s\"'”’){_UNSPACED}]|$))*(?:[{_STOPS}]+[\"'”’)]*|$)", re.MULTILINE
)
_OPENING = re.compile(r"(?=\b(?:Please|Let's|Let us|Think|Reason|Put|Give|Return|Show|Remember|Make sure)\b)")

_PHRASES = re.compile(
    r"boxed|</?(?:think|thinking|answer|reasoning|solution)\b"
    # English
    r"|step[- ]by[- ]step|step at a time|final (?:answer|result|output|response|number|solution)"
    r"|chain[- ]of[- ]thought"
    r"|let'?s think|think (?:carefully|deeply|hard|about|through|before)|(?:reasoning|thought"
    r"|thinking) (?:process|steps)"
    r"|\byour (?:final |own |whole )?(?:answer|response|reasoning|output|thoughts|thinking|solution"
    r"|reply|work|steps)\b"
    r"|you are (?:a|an|the)\b|you will be given|you first|the (?:assistant|user) |conversation between"
    r"|(?:solve|answer|consider|read|work through|respond to|look at) (?:the|this|these|below|following)\b"
    r"|following (?:\w+ ){0,2}(?:question|problem|format|task|exercise)|(?:question|problem|task"
    r"|exercise) below"
    r"|here is (?:the|a|an) (?:\w+ ){0,2}(?:question|problem|task|exercise)|i hope it is correct|without quotes"
    r"|multiple[- ]choice|last line|output format|respond (?:in|with|only)|answer (?:only|with|in|as|using)\b"
    r"|only the (?:number|answer|letter)|do not (?:explain|include|add)|show all|\bbe (?:concise"
    r"|brief|short)|briefly|explain (?:each|every|how)"
    r"|^\W*(?:question|problem|answer|instructions?|task|input|solution|exercise|query)\W*$"
    # Chinese, Japanese, Korean
    r"|逐步|一步一?步|分步|最[终終后後]的?答案|思[考维維][过過]程|推理[过過]程|(?:以下|下面|下列)的?(?:[数數][学學])?(?:问题|問題|题目|題目)"
    r"|你是一[个個名位]|ステップ|段階的に|順を追って|一歩ずつ|最終的?な?(?:答|解|回答)|以下の(?:数学の)?(?:問題|質問)|あなたは"
    r"|단계별|단계적|차근차근|최종\s*(?:답|정답|결과)|다음\s+(?:수학\s+)?(?:문제|질문)|당신은"
    # Western and Northern Europe
    r"|schritt für schritt|schrittweise|(?:endgültige|finale|abschließende)[ns]? (?:antwort|ergebnis)"
    r"|folgende[ns]? (?:aufgabe|frage|problem)|étape par étape|pas à pas|réponse finale|(?:problème"
    r"|question) suivante?"
    r"|stap voor stap|(?:uiteindelijke|definitieve|laatste) antwoord|steg för steg|steg for steg|trin for trin"
    r"|slutgiltiga svar|endelige svar|askel askeleelta|lopullinen vastau"
    # Southern Europe
    r"|paso a paso|respuesta final|siguiente (?:problema|pregunta)|passo a passo|resposta final"
    r"|seguinte (?:problema|pergunta|questão)|passo (?:dopo|per) passo|risposta finale"
    r"|seguente (?:problema|domanda)"
    r"|pas cu pas|răspunsul final|βήμα (?:προς|με|-) ?βήμα|τελική απάντηση"
    # Eastern Europe
    r"|шаг за шагом|пошагово|по шагам|(?:окончательн|финальн|итогов)\w{1,4} ответ|следующую задачу"
    r"|крок за кроком|покроково|(?:остаточн|кінцев|фінальн)\w{1,4} відповід|наступну задачу"
    r"|krok po kroku|(?:ostateczn|końcow)\w{1,4} odpowied|krok za krok(?:em|om)|(?:konečn"
    r"|výsledn)\w{1,4} odpove|lépésről lépésre"
    r"|végső válasz|стъпка по стъпка|корак по корак|korak po korak"
    # Asia and Africa
    r"|adım adım|(?:nihai|son) (?:cevab|yanıt)|aşağıdaki (?:\w+ )?(?:problem|soru)|từng bước"
    r"|(?:đáp án|câu trả lời|kết quả) cuối cùng|langkah demi langkah|jawaban akhir|hatua kwa hatua"
    r"|jibu la mwisho"
    r"|خطوة (?:ب)?خطوة|(?:الإجابة|الاجابة|الجواب) النهائية?|(?:گام|قدم|مرحله) به (?:گام|قدم|مرحله)"
    r"|(?:پاسخ|جواب) نهایی"
    r"|(?:चरण|कदम)[- ]?(?:दर|ब)[- ]?(?:चरण|कदम)|चरणबद्ध|अंतिम (?:उत्तर|जवाब)|अंतिम उत्तर|टप्प्याटप्प्याने"
    r"|ทีละขั้น|คำตอบสุดท้าย|ধাপে ধাপে|চূড়ান্ত উত্তর|దశలవారీగా|తుది సమాధాన|צעד אחר צעד|שלב אחר שלב"
    r"|תשובה סופית",
    re.IGNORECASE,
)
_QUOTATION = re.compile(
    r"“[^“”]*”|„[^„“”]*[“”]|«[^«»]*»|「[^「」]*」|『[^『』]*』|\"[^\"\n]*\"|‘[^‘\n]*?’(?!\w)"
    r"|(?<!\w)'(?:[^'\n]|(?<=\w)'(?=\w))+'(?!\w)"
)
_TRANSLATION = re.compile(
    r"(?:\btranslat|\bübersetz|\btradu[cijrstz]|\bvertaal|\böversätt|\boversæt|\boversett"
    r"|\bprzetłumacz|\bpřelož|\bprelož"
    r"|перевед|перевод|переклад|превед|\bçevir|\btercüme|\bdịch|\bterjemah|\btafsiri|翻[译譯訳]|[译譯]成"
    r"|訳し|번역|ترجم|अनुवाद"
    r"|แปล|תרגמ|תרגום)[^:：.。\n]{0,80}[:：.。\n]",
    re.IGNORECASE,
)


def without_instructions(text: str) -> str:
    """The text without the sentences that tell how to answer; linear time."""
    return " ".join(sentence for sentence in _sentences(text) if not _PHRASES.search(sentence))


def without_quotations(text: str) -> str:
    """The text without what it quotes and without a text that it wants translated."""
    translation = _TRANSLATION.search(text)
    return _QUOTATION.sub(" ", text[: translation.end()] if translation else text)


def _sentences(text: str) -> Iterator[str]:
    for sentence in _SENTENCE.findall(text):
        yield from _OPENING.split(sentence)
