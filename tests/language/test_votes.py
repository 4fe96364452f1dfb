"""Sentences by the votes of their words: when the detector is asked, and when it need not be."""

import pytest

from guerdon.services.language.consistency import measure
from guerdon.services.language.detector import Detector, Labels, find_model
from guerdon.services.language.targets import target_of
from guerdon.services.language.votes import UNDECIDED, language_of, languages_of
from guerdon.services.language.voting import FOREIGN, OWN, SHARED, SILENT, QuickVotes, Votes


class Counting(Detector):
    """The detector, which counts what it is asked."""

    def __init__(self) -> None:
        super().__init__(find_model())
        self.sentences: list[str] = []
        self.single: list[str] = []

    def labels(self, text: str, count: int = 5, least: float = 0.01) -> Labels:
        """As ever."""
        self.sentences.append(text)
        return super().labels(text, count, least)

    def labels_of_word(self, word: str) -> Labels:
        """As ever."""
        self.single.append(word)
        return super().labels_of_word(word)


class Mistaken(Detector):
    """A detector that takes every sentence for Finnish."""

    def labels(self, text: str, count: int = 5, least: float = 0.01) -> Labels:
        """Finnish for sure."""
        return (("fi", 1.0),)


@pytest.fixture
def counting() -> Counting:
    """A detector that was asked nothing yet."""
    return Counting()


def test_a_sentence_with_enough_words_of_the_target_alone_is_the_targets():
    """Whatever the detector says about it, so that it need not be asked."""
    text = "Bretterzaun Gartenhaus zwischen Rasenfläche und Hofeinfahrt"
    votes = Votes(target_of("de"), Mistaken(find_model()))
    assert len(votes.sole.intersection(text.lower().split())) == 2
    assert languages_of(text.split(), votes) == "de"


def test_fewer_such_words_leave_it_to_the_detector():
    """One in five."""
    votes = Votes(target_of("de"), Mistaken(find_model()))
    assert languages_of(["Bretterzaun", "Gartenhaus", "zwischen", "Rasenfläche", "Hofeinfahrt"], votes) == "fi"


@pytest.mark.parametrize(
    "text",
    [
        "Nous comptons les pommes rouges du panier puis celles qui restent.",
        "Wir zählen zuerst rote Äpfel, danach grüne.",
        "Odrobina wiatru porusza liśćmi starego drzewa.",
    ],
)
def test_fast_asks_once_for_a_sentence_and_never_for_a_word(text: str, counting: Counting):
    """In whatever language it is."""
    measure(text, target_of("de"), "fast", detector=counting)
    assert len(counting.sentences) <= 1
    assert counting.single == []


def test_fast_names_words_in_other_scripts_by_their_lists(counting: Counting):
    """The script already tells that they are foreign."""
    found = measure(
        "Wir zählen zuerst die roten Äpfel und dann die grünen.", target_of("ru"), "fast", detector=counting
    )
    assert [language for _, _, language in found.foreign] == ["de"]
    assert counting.sentences == []


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("we count the apples in the basket", "en"),
        ("wir zählen zuerst alle roten äpfel", "de"),
        ("mira sol", UNDECIDED),
    ],
)
def test_a_sentence_as_a_whole_is_in_one_language(text: str, language: str, counting: Counting):
    """Or in none, where it is short and the detector is not sure."""
    assert language_of(text.split(), QuickVotes(target_of("en"), counting)) == language


@pytest.mark.parametrize(
    ("word", "vote"), [("the", OWN), ("in", SHARED), ("zwischen", FOREIGN), ("python", SILENT), ("basket", SILENT)]
)
def test_lists_alone_give_a_quick_vote(word: str, vote: int, counting: Counting):
    """A word that is on none says nothing."""
    assert QuickVotes(target_of("en"), counting)[word] == vote
    assert counting.single == []
