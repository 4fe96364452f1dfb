"""Programs as sealed files in memory."""

import os
from contextlib import ExitStack
from pathlib import Path

import pytest

from guerdon.sandbox.slot.programs import Artifacts, sealed, sealed_text


def content(descriptor: int) -> bytes:
    """Return what is in a sealed file."""
    return os.pread(descriptor, 1 << 20, 0)


@pytest.mark.parametrize("size", [0, 1, 3_000_000])
def test_a_sealed_file_is_whole_and_at_its_start(size: int) -> None:
    """All bytes are there, and reading begins at the first."""
    descriptor = sealed(b"x" * size)

    assert os.fstat(descriptor).st_size == size
    assert os.lseek(descriptor, 0, os.SEEK_CUR) == 0
    os.close(descriptor)


@pytest.mark.parametrize("change", ["write", "grow", "shrink"])
def test_a_sealed_file_cannot_be_changed(change: str) -> None:
    """Neither its bytes nor its size, by anybody who holds it."""
    descriptor = sealed(b"content")

    acts = {
        "write": lambda: os.pwrite(descriptor, b"C", 0),
        "grow": lambda: os.ftruncate(descriptor, 100),
        "shrink": lambda: os.ftruncate(descriptor, 1),
    }
    with pytest.raises(PermissionError):
        acts[change]()

    assert content(descriptor) == b"content"
    os.close(descriptor)


def test_a_source_is_closed_with_its_job() -> None:
    """Texts are UTF-8, lone surrogates included, and are gone when what holds them is."""
    with ExitStack() as held:
        descriptor = sealed_text("grüße \ud800", held)
        assert content(descriptor) == "grüße \ud800".encode(errors="surrogatepass")
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)


def test_artifacts_are_kept_by_key() -> None:
    """A program is found by its key until it is pushed out; an unknown key finds nothing."""
    artifacts = Artifacts()
    artifacts.keep("a", b"one")
    artifacts.keep("a", b"other")

    found = artifacts.get("a")
    assert found is not None
    assert content(found) == b"one"
    assert artifacts.get("b") is None


def test_the_least_recently_used_makes_room() -> None:
    """What was asked for last stays, and the newest always does, however large."""
    artifacts = Artifacts(max_bytes=10)
    artifacts.keep("a", b"1234")
    artifacts.keep("b", b"1234")
    artifacts.get("a")
    artifacts.keep("c", b"1234")
    assert [key for key in "abc" if artifacts.get(key) is not None] == ["a", "c"]

    artifacts.keep("large", b"x" * 100)
    assert [key for key in ("a", "c", "large") if artifacts.get(key) is not None] == ["large"]


def test_what_was_pushed_out_is_closed() -> None:
    """No descriptor is left of a program that is no longer held."""
    artifacts = Artifacts(max_bytes=10)
    artifacts.keep("first", b"1234567")
    before = len(list(Path("/proc/self/fd").iterdir()))
    for number in range(20):
        artifacts.keep(str(number), b"1234567")

    assert len(list(Path("/proc/self/fd").iterdir())) == before
