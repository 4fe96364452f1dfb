"""Ways to score thoughts: Guerdon's verifier and what an integrator would build from the usual detectors.

Every detector is used as it stands (the whole text, as 0 or 1) and as fairly as it can be: the share of words
in sentences of the target, with code, formulas and addresses stripped first. What a detector offers towards a
share by itself is shown too. A sentence that a detector declines to name is left out. Where the languages can
be restricted (lingua, py3langid) they are, to those that the texts of the card are to be in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any, NamedTuple

from sharing import Way, by_sentences, share_of, whole
from words import stripped, words

from guerdon.services.language.consistency import Mode, measure
from guerdon.services.language.detector import find_model
from guerdon.services.language.targets import Target


class Rival(NamedTuple):
    """A detector, installed or not."""

    name: str
    distribution: str
    module: str
    ways: Callable[[Sequence[str]], list[Way]]
    """Loads it; takes the languages that the texts are to be in."""

    @property
    def installed(self) -> str:
        """Its version; empty where it is not installed."""
        return version(self.distribution) if find_spec(self.module) else ""


def guerdon(languages: Sequence[str]) -> list[Way]:
    """The verifier."""

    def way(mode: Mode) -> Way:
        return Way(f"Guerdon, {mode}", lambda text, target: measure(text, target, mode).score, ours=True)

    return [way("hybrid"), way("fast")]


def fasttext(languages: Sequence[str]) -> list[Way]:
    """The model lid.176.ftz of fastText."""
    model = import_module("fasttext").load_model(str(find_model()))
    prefix = len("__label__")

    def detect(text: str) -> str:
        labels, _ = model.predict(text.replace("\n", " "))
        return str(labels[0][prefix:]) if labels else ""

    def chance(text: str, target: Target) -> float:
        labels, chances = model.predict(text.replace("\n", " "), k=-1)
        found = zip(labels, chances, strict=True)
        return min(1.0, sum(float(chance) for label, chance in found if label[prefix:] in target.accepted))

    return [
        Way("fastText, argmax 0/1", whole(detect)),
        Way("fastText, P(target)", chance),
        Way("fastText, sentences", by_sentences(detect)),
    ]


def lingua(languages: Sequence[str]) -> list[Way]:
    """Lingua in its high accuracy."""
    module = import_module("lingua")
    codes = [getattr(module.IsoCode639_1, code.upper()) for code in languages]
    builder = module.LanguageDetectorBuilder.from_iso_codes_639_1(*codes)
    detector = builder.with_preloaded_language_models().build()

    def code(language: Any) -> str:
        return str(language.iso_code_639_1.name).lower()

    def detect(text: str) -> str:
        language = detector.detect_language_of(text)
        return code(language) if language else ""

    def segments(text: str, target: Target) -> float:
        text = stripped(text)
        found = detector.detect_multiple_languages_of(text)
        return share_of(
            ((code(part.language), words(text[part.start_index : part.end_index])) for part in found), target
        )

    return [
        Way("lingua, argmax 0/1", whole(detect)),
        Way("lingua, its segments", segments),
        Way("lingua, sentences", by_sentences(detect)),
    ]


def langid(languages: Sequence[str]) -> list[Way]:
    """The detector py3langid."""
    module = import_module("py3langid")
    module.set_languages(list(languages))

    def detect(text: str) -> str:
        return str(module.classify(text)[0])

    return [Way("py3langid, argmax 0/1", whole(detect)), Way("py3langid, sentences", by_sentences(detect))]


def cld2(languages: Sequence[str]) -> list[Way]:
    """CLD2, which finds spans by itself."""
    module = import_module("pycld2")

    def ask(data: bytes, **options: bool) -> Any:
        try:
            return module.detect(data, bestEffort=True, **options)
        except module.error:
            # It refuses control characters and the like, of which some cases are made.
            readable = "".join(char if char.isprintable() else " " for char in data.decode(errors="replace"))
            return module.detect(readable, bestEffort=True, **options)

    def detect(text: str) -> str:
        code = str(ask(text.encode())[2][0][1])
        return "" if code == "un" else code

    def spans(text: str, target: Target) -> float:
        data = stripped(text).encode()
        parts = ((code, data[start : start + size]) for start, size, _, code in ask(data, returnVectors=True)[3])
        return share_of(
            ((code, words(part.decode(errors="ignore"))) for code, part in parts if code != "un"), target
        )

    return [
        Way("CLD2, argmax 0/1", whole(detect)),
        Way("CLD2, its spans", spans),
        Way("CLD2, sentences", by_sentences(detect)),
    ]


RIVALS = (
    Rival("Guerdon", "guerdon", "guerdon", guerdon),
    Rival("fastText lid.176.ftz", "fasttext-predict", "fasttext", fasttext),
    Rival("lingua", "lingua-language-detector", "lingua", lingua),
    Rival("py3langid", "py3langid", "py3langid", langid),
    Rival("CLD2", "pycld2", "pycld2", cld2),
)
