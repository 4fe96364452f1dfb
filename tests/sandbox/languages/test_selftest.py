"""Every language's self-test passes in the sandbox itself; a release without one of them says so here."""

from collections.abc import Iterator

import pytest

from guerdon.sandbox import Limits, Sandbox, SandboxSettings, Verdict
from guerdon.sandbox.languages import ALL, Language

LIMITS = Limits(cpu_ms=20_000, idle_ms=20_000)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """Return a sandbox of one slot."""
    with Sandbox(SandboxSettings(slots=1)) as started:
        yield started


@pytest.mark.parametrize("language", list(ALL), indirect=True)
def test_the_self_test_passes(language: Language, sandbox: Sandbox) -> None:
    """The program reads its input, uses threads or processes, recurses deeply and writes Unicode."""
    result = sandbox.run(language.selftest.program, [language.selftest.case] * 3, LIMITS)
    assert result.verdict is Verdict.OK, (result.compile, result.cases[0])
    assert [case.stdout for case in result.cases] == [language.selftest.stdout] * 3
    assert result.runtime == language.runtime
