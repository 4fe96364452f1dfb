"""The zygotes of a slot: one a runtime, started when first asked for."""

import pytest
from sandbox_slot import FULL, SlotClient

from guerdon.sandbox.languages import find
from guerdon.sandbox.result import Verdict


@pytest.fixture
def language() -> str:
    """A second runtime that is here."""
    for name in ("bash", "python-scientific"):
        if find(name).availability().available:
            return name
    pytest.skip("neither bash nor the scientific packages are here")


PROGRAMS = {"bash": "echo hello", "python-scientific": "print('hello')"}


def test_a_runtime_is_started_when_first_needed(language: str) -> None:
    """Another language gets a zygote of its own, beside the first, and keeps it."""
    with SlotClient(FULL) as slot:
        assert len(slot.zygotes()) == 1

        assert slot.run(PROGRAMS[language], language=language).stdout == b"hello\n"
        zygotes = slot.zygotes()
        assert len(zygotes) == 2

        assert slot.run(PROGRAMS[language], language=language).verdict is Verdict.OK
        assert slot.run("print(1)").stdout == b"1\n"
        assert sorted(slot.zygotes()) == sorted(zygotes)


def test_aliases_share_a_zygote(slot: SlotClient) -> None:
    """A language's other names mean the same warm process."""
    before = slot.zygotes()

    result = slot.run("print(1)", language="python3")

    assert (result.stdout, result.detail) == (b"1\n", "")
    assert slot.zygotes() == before


def test_what_is_warm_is_chosen(language: str) -> None:
    """A slot starts with the zygotes it was told to, and says so."""
    with SlotClient(FULL, "--warm", f"python,{language}") as slot:
        assert slot.ready.warm == sorted(["python", language])
        assert len(slot.zygotes()) == 2


def test_a_zygotes_start_is_not_charged_to_the_run(language: str) -> None:
    """The first run of a runtime uses no more CPU time or memory than is its own."""
    with SlotClient(FULL) as slot:
        first = slot.run(PROGRAMS[language], language=language)

    assert first.verdict is Verdict.OK
    assert first.peak_memory_bytes < 64 << 20
