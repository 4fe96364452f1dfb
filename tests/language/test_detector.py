"""The detector: where the model comes from, and that a wrong one is a fault of ours."""

import shutil
from importlib import metadata
from pathlib import Path

import pytest

from guerdon.services.language import detector as module
from guerdon.services.language.detector import Detector, ModelError, find_model, load_detector


@pytest.fixture
def unloaded() -> None:
    """Nothing is loaded before, and nothing that a test loads is kept."""
    load_detector.cache_clear()
    yield
    load_detector.cache_clear()


def test_the_packaged_model_passes_its_test():
    """Known sentences have their known probabilities."""
    load_detector().self_test()


def test_a_missing_distribution_is_a_model_error(monkeypatch, unloaded):
    """The message says what to install."""

    def absent(name: str) -> None:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(module, "files", absent)
    with pytest.raises(ModelError, match=r"install 'guerdon\[language\]'"):
        load_detector()


def test_a_distribution_without_the_model_is_a_model_error(monkeypatch, unloaded):
    """A stripped installation is not mistaken for a working one."""
    monkeypatch.setattr(module, "files", lambda name: [])
    with pytest.raises(ModelError, match="without its model"):
        load_detector()


def test_another_model_is_a_model_error(monkeypatch, tmp_path: Path, unloaded):
    """Scores of another model are not those of this version."""
    other = tmp_path / "lid.176.ftz"
    shutil.copy(find_model(), other)
    with other.open("ab") as file:
        file.write(b"\0")
    monkeypatch.setattr(module, "find_model", lambda: other)
    with pytest.raises(ModelError, match="another model"):
        load_detector()


def test_a_broken_file_is_a_model_error(tmp_path: Path):
    """What fastText cannot read never becomes a detector."""
    broken = tmp_path / "lid.176.ftz"
    broken.write_bytes(b"no model")
    with pytest.raises(ModelError, match="cannot load"):
        Detector(broken)


def test_a_model_that_answers_otherwise_fails_its_test(monkeypatch):
    """The self-test compares language and probability."""
    detector = Detector(find_model())
    monkeypatch.setattr(detector, "labels", lambda *args: (("en", 0.5),))
    with pytest.raises(ModelError, match="must find"):
        detector.self_test()


def test_the_cache_of_words_is_bounded(monkeypatch):
    """A stream of odd words does not fill the memory."""
    monkeypatch.setattr(module, "_CACHED_WORDS", 10)
    words = Detector(find_model()).words
    for number in range(100):
        assert words[f"word{number}"] is not None
    assert len(words) <= 10


@pytest.mark.parametrize("text", ["", " ", "a\tb", "\u2028", "😀", "x" * 10_000])
def test_any_line_has_labels(text: str):
    """Whatever stands in it, the answer is labels and no exception."""
    assert isinstance(load_detector().labels(text), tuple)
