"""The share of target words: what counts, what does not, and where the foreign words stand."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guerdon.services.language.consistency import measure
from guerdon.services.language.targets import target_of

THOUGHTS = {
    "en": ["First I add the two numbers.", "Then I divide the sum by two.",
           "So the answer is seven, which looks right.",
           "Let me check this once more before I write it down."],
    "de": ["Zuerst addiere ich die beiden Zahlen.", "Danach teile ich die Summe durch zwei.",
           "Also ist die Antwort sieben, und das sieht richtig aus.",
           "Ich prüfe das noch einmal, bevor ich es schreibe."],
    "fr": ["D'abord j'additionne les deux nombres.", "Ensuite je divise la somme par deux.",
           "La réponse est donc sept, ce qui semble juste.", "Je vérifie encore une fois avant de l'écrire."],
    "es": ["Primero sumo los dos números.", "Después divido la suma entre dos.",
           "Entonces la respuesta es siete, lo que parece correcto.",
           "Voy a comprobarlo otra vez antes de escribirlo."],
    "tr": ["Önce iki sayıyı topluyorum.", "Sonra toplamı ikiye bölüyorum.",
           "Yani cevap yedi, bu da doğru görünüyor.",
           "Yazmadan önce bunu bir kez daha kontrol edeyim."],
    "vi": ["Trước tiên tôi cộng hai số lại.", "Sau đó tôi chia tổng cho hai.",
           "Vậy đáp án là bảy, điều này có vẻ đúng.",
           "Tôi sẽ kiểm tra lại một lần nữa trước khi viết."],
    "ru": ["Сначала я складываю два числа.", "Потом я делю сумму на два.",
           "Значит, ответ семь, и это похоже на правду.",
           "Я ещё раз проверю это, прежде чем записать."],
    "uk": ["Спочатку я додаю два числа.", "Потім я ділю суму на два.",
           "Отже, відповідь сім, і це схоже на правду.",
           "Я ще раз перевірю це, перш ніж записати."],
    "zh": ["首先我把两个数加起来。", "然后我把和除以二。", "所以答案是七，看起来是对的。",
           "写下来之前我再检查一遍。"],
    "ja": ["まず二つの数を足します。", "それから合計を二で割ります。", "だから答えは七で、正しいようです。",
           "書く前にもう一度確かめます。"],
    "ko": ["먼저 두 수를 더합니다.", "그다음 합을 둘로 나눕니다.", "그래서 답은 칠이고 맞는 것 같습니다.",
           "쓰기 전에 한 번 더 확인하겠습니다."],
    "ar": ["أولا أجمع العددين معا.", "ثم أقسم المجموع على اثنين.", "إذن الجواب هو سبعة وهذا يبدو صحيحا.",
           "سأتحقق من ذلك مرة أخرى قبل أن أكتبه."],
    "fa": ["ابتدا دو عدد را با هم جمع می‌کنم.", "سپس حاصل را بر دو تقسیم می‌کنم.",
           "پس پاسخ هفت است و این درست به نظر می‌رسد.",
           "پیش از نوشتن یک بار دیگر آن را بررسی می‌کنم."],
    "hi": ["पहले मैं दोनों संख्याओं को जोड़ता हूँ।", "फिर मैं योग को दो से भाग देता हूँ।",
           "इसलिए उत्तर सात है और यह सही लगता है।",
           "लिखने से पहले मैं इसे एक बार और जाँचता हूँ।"],
}  # fmt: skip
PAIRS = [(one, other) for one in THOUGHTS for other in THOUGHTS if one != other]


@pytest.mark.parametrize("code", THOUGHTS)
def test_thoughts_in_the_target_score_one(code: str, share):
    """In both modes."""
    text = " ".join(THOUGHTS[code])
    assert share(text, code) == 1.0
    assert share(text, code, "fast") == 1.0


@pytest.mark.parametrize(("code", "other"), PAIRS)
def test_thoughts_in_another_language_score_zero(code: str, other: str, share):
    """Also where the script is the same."""
    assert share(" ".join(THOUGHTS[other]), code) <= 0.05


@pytest.mark.parametrize(("code", "other"), PAIRS)
def test_foreign_sentences_count_by_their_words(code: str, other: str, found):
    """Half of the sentences is about half of the words, and each foreign one has its span."""
    text = "\n".join([*THOUGHTS[code][:2], *THOUGHTS[other][2:]])
    result = found(text, code)
    assert 0.2 < result.score < 0.8
    foreign = "".join(text[start:end] for start, end, _ in result.foreign)
    assert len(foreign) > 0.7 * len("".join(THOUGHTS[other][2:]))
    assert {language for *_, language in result.foreign} <= target_of(other).accepted | {"und"}


@st.composite
def mixtures(draw: st.DrawFn) -> tuple[str, str, list[str], int]:
    """A target, another language, sentences of both, and a place among them."""
    code, other = draw(st.sampled_from(PAIRS))
    sentences = draw(
        st.lists(st.sampled_from([*THOUGHTS[code], *THOUGHTS[other]]), min_size=1, max_size=8, unique=True)
    )
    return code, other, sentences, draw(st.integers(0, len(sentences)))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(mixtures(), st.integers(0, 3))
def test_a_target_sentence_never_lowers_the_score(share, mixture, which: int):
    """Wherever it is put."""
    code, _, sentences, place = mixture
    more = [*sentences[:place], THOUGHTS[code][which], *sentences[place:]]
    assert share("\n".join(more), code) >= share("\n".join(sentences), code) - 1e-9


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(mixtures(), st.integers(0, 3))
def test_a_foreign_sentence_never_raises_the_score(share, mixture, which: int):
    """Wherever it is put, as often as it stands there already."""
    code, other, sentences, place = mixture
    more = [*sentences[:place], THOUGHTS[other][which], *sentences[place:]]
    assert share("\n".join(more), code) <= share("\n".join(sentences), code) + 1e-9


@settings(deadline=None)
@given(
    st.text(max_size=200) | st.text(st.sampled_from("the das 数か아ا\u200b$`\\{}[]()<>.\n\u0435"), max_size=200)
)
def test_any_text_is_measured(text: str):
    """The parts add up, the score is a share, spans are in order inside the text, and again it is the same."""
    for code in ("en", "zh", "ru"):
        result = measure(text, target_of(code))
        assert 0.0 <= result.score <= 1.0
        assert sum(words for _, words in result.languages) == pytest.approx(
            result.target_words + result.foreign_words
        )
        assert all(0 <= start < end <= len(text) for start, end, _ in result.foreign)
        assert list(result.foreign) == sorted(result.foreign)
        assert measure(text, target_of(code)) == result


@pytest.mark.parametrize(
    ("text", "target", "reason"),
    [
        ("", "en", "no_thoughts"),
        (" \n\t", "en", "no_thoughts"),
        ("\u200b\u2060", "en", "no_evidence"),
        ("Therefore", "en", "no_evidence"),
        ("3 + 4 = 7", "en", "no_evidence"),
        ("x = y", "en", "no_evidence"),
        ("😀👍🏽🎉", "en", "no_evidence"),
        ("$x^2$", "en", "no_evidence"),
        ("!!! ... ???", "zh", "no_evidence"),
        ("So the answer is seven. " * 12, "en", "repeated"),
        ("wait " * 30, "en", "repeated"),
        ("I think that " * 12, "en", "repeated"),
        ("所以答案是七。" * 12, "zh", "repeated"),
        ("是" * 60, "zh", "repeated"),
        ("Snachala slozhim dva chisla, potom razdelim summu na dva.", "ru", "wrong_script"),
        ("Shouxian women ba liang ge shu jia qilai, ranhou chu yi er.", "zh", "wrong_script"),
        ("Pehle hum do sankhyaon ko jodte hain, phir do se bhag dete hain.", "hi", "wrong_script"),
        ("awalan najma3 al3adadayn thumma naqsim almajmu3 3ala ithnayn", "ar", "wrong_script"),
        ("Zuerst addieren wir die beiden Zahlen.", "en", "foreign"),
    ],
)  # fmt: skip
def test_what_shows_no_target_scores_zero_with_its_reason(text: str, target: str, reason: str, found):
    """Nothing, a word, digits, emoji, repetitions and other alphabets."""
    result = found(text, target)
    assert (result.score, result.reason) == (0.0, reason)


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("I add 3 and 4. So 7.", "en"),
        ("Hmm. Wait. Let me think.", "en"),
        ("Also 7.\nJa, das passt.", "de"),
        ("n=1: not prime\nn=2: prime\nn=3: prime\nn=4: not prime\nn=5: prime\nn=6: not prime\nn=7: prime", "en"),
        ("Просто додаю числа.", "uk"),
        ("答案是七", "zh"),
        ("3と4を足すと7。", "ja"),
    ],
)
def test_short_honest_thoughts_score_one(text: str, target: str, share):
    """No guard is in their way."""
    assert share(text, target) == 1.0


def test_a_template_with_a_counter_is_a_repetition(found):
    """A list has short lines, or few."""
    lines = "\n".join(f"Step {number}: let me think carefully about this." for number in range(200))
    assert (found(lines, "en").score, found(lines, "en").reason) == (0.0, "repeated")
    values = "\n".join(f"n = {number}: {'not ' * (number % 2)}prime" for number in range(200))
    assert found(values, "en").score == 1.0


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("THE ANSWER IS SEVEN, BECAUSE WE ADD THREE AND FOUR.", "en"),
        ("Ｔｈｅ ａｎｓｗｅｒ ｉｓ ｓｅｖｅｎ ｔｈｅｎ", "en"),
        ("The an\u200bswer is se\u200bven, be\u2060cause we add.", "en"),
        ("Zuerst zaehlen wir alle Aepfel und pruefen dann, ob die Loesung fuer das Doppelte passt.", "de"),
        ("Goethe and Schiller met in Weimar before François moved to São Paulo.", "en"),
        (
            "The delegates were Jean-Luc Mélenchon, Ursula von der Leyen, Pedro Sánchez and Krzysztof Kieślowski.",
            "en",
        ),
        ("Сначала Pierre de Fermat доказал эту теорему для простых чисел.", "ru"),
        ("We call `summe(werte)` and see https://de.example.org/das/ergebnis for $x_{gesamt}$.", "en"),
        ("我们使用 Python 的 API 来调用 GPU，然后用 for loop 遍历 list。", "zh"),
        ("Используем Python и API, чтобы получить JSON, а потом пишем функцию.", "ru"),
        ("설정한 x 값에 대해 API를 호출하고 JSON 데이터를 파싱한 다음 결과를 출력합니다.", "ko"),
        ("首先我們把兩個數加起來，然後除以二，所以答案是七。", "zh"),
        ("| Name | Anzahl |\n|---|---|\n| Anna | 3 |\nInsgesamt sind es also sieben Äpfel.", "de"),
        ("The reaction of NaCl with 2 H2O at 25 °C needs 3 kPa and 5 kg of salt.", "en"),
    ],
)
def test_what_is_in_no_language_costs_nothing(text: str, target: str, share):
    """Names, terms, code, formulas, capitals, disguises of the target itself."""
    assert share(text, target) >= 0.9


@pytest.mark.parametrize(
    ("text", "target", "low", "high"),
    [
        ("Ich denke, that the answer richtig ist, because die Summe sieben beträgt.", "de", 0.4, 0.75),
        ("Önce iki sayıyı topluyoruz, then we divide by two, yani cevap yedi olur.", "tr", 0.5, 0.75),
        ("首先我们需要 calculate 这个 sum，then 我们 divide 它 by two，所以 the answer 是七。", "zh", 0.3, 0.7),
        ("Сначала мы calculate сумму, потом we divide её на два.", "ru", 0.4, 0.7),
        ('"Ich weiß nicht, was soll es bedeuten" is a line that everybody there knew by heart.', "en", 0.45, 0.7),
        ("She said 我不知道 and then she left the room without another word.", "en", 0.7, 0.9),
        ("Учитель прочитав рядок «Тише едешь, дальше будешь» і попросив пояснити його зміст.", "uk", 0.55, 0.75),
    ],
)  # fmt: skip
def test_foreign_words_inside_a_sentence_are_seen(text: str, target: str, low: float, high: float, share):
    """Code-switching and quotations count as the foreign words they are."""
    assert low <= share(text, target) <= high


@pytest.mark.parametrize(
    "filler",
    ["the of and the of the and of the the. " * 5, "the " * 60, "So it is. " * 40, "In it was for as his. " * 3],
)  # fmt: skip
def test_filler_does_not_hide_foreign_thoughts(filler: str, share):
    """Two German sentences stay German beside it."""
    assert share(filler + " ".join(THOUGHTS["de"]), "en") < 0.35


def test_look_alike_letters_are_no_target_words(share):
    """Cyrillic letters make English words foreign, not English and not invisible."""
    assert (
        share("\u0422h\u0435 \u0430nsw\u0435r f\u043ell\u043ews fr\u043em th\u0435 f\u043ermul\u0430.", "en")
        == 0.0
    )


def test_words_run_together_do_not_pass_for_a_name(share):
    """A German sentence without spaces counts as several foreign words."""
    text = "ichdenkedassdieantwortsiebenistweilwirdreiundvieraddieren. The answer is seven then."
    assert share(text, "en") < 0.6


def test_spans_are_offsets_into_the_text(found):
    """Also after characters that were dropped, and in a later part."""
    text = "\u200bThe first\u200b line. <x> Danach teile ich die Summe durch zwei. The end."
    ((start, end, language),) = found(text, "en").foreign
    assert (text[start:end], language) == ("Danach teile ich die Summe durch zwei", "de")


def test_only_the_given_parts_are_measured():
    """What stands between them does not count."""
    text = "First I add. Danach teile ich die Summe. Then I divide the sum."
    assert measure(text, target_of("en"), parts=[(0, 12), (41, len(text))]).score == 1.0
    assert measure(text, target_of("en"), parts=[]).reason == "no_thoughts"
