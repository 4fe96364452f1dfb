"""Languages are found by name and alias, whether or not their toolchains are here."""

import pytest

from guerdon.sandbox.errors import UnknownLanguage
from guerdon.sandbox.languages import ALL, find
from guerdon.sandbox.tier import Tier

NAMES = ["python", "python-scientific", "cpp", "c", "javascript", "java", "go", "rust", "bash"]


def test_every_promised_language_is_there() -> None:
    """The registry holds exactly the languages that programs may name."""
    assert list(ALL) == NAMES
    assert len(ALL) == len(NAMES)


def test_a_name_that_is_none_is_no_key() -> None:
    """The registry is a mapping of canonical names only."""
    assert "py" not in ALL


@pytest.mark.parametrize(
    ("alias", "name"),
    [
        ("py", "python"),
        ("python3", "python"),
        ("Python", "python"),
        ("numpy", "python-scientific"),
        ("c++", "cpp"),
        ("cc", "cpp"),
        ("C", "c"),
        ("js", "javascript"),
        ("node", "javascript"),
        ("nodejs", "javascript"),
        ("golang", "go"),
        ("rs", "rust"),
        ("sh", "bash"),
    ],
)
def test_aliases_lead_to_their_language(alias: str, name: str) -> None:
    """Usual other names are taken, in any case of letters."""
    assert find(alias).name == name


def test_no_two_languages_share_an_alias() -> None:
    """An alias says one language."""
    aliases = [alias for language in ALL.values() for alias in (language.name, *language.aliases)]
    assert len(aliases) == len(set(aliases))


def test_an_unknown_language_is_named_with_the_known_ones() -> None:
    """The error tells what could have been asked for."""
    with pytest.raises(UnknownLanguage, match=r"'cobol'.*python.*bash"):
        find("cobol")


@pytest.mark.parametrize("name", NAMES)
def test_self_tests_exercise_input_and_unicode(name: str) -> None:
    """Each self-test is in its own language, reads a line and writes beyond ASCII."""
    selftest = ALL[name].selftest
    assert find(selftest.program.language).name == name
    assert selftest.case.stdin.decode().strip() in selftest.stdout.decode()
    assert not selftest.stdout.isascii()


@pytest.mark.parametrize(
    ("name", "single"),
    [
        ("python", True),
        ("python-scientific", True),
        ("javascript", True),
        ("java", True),
        ("c", False),
        ("cpp", False),
        ("go", False),
        ("rust", False),
        ("bash", False),
    ],
)
def test_only_single_process_languages_are_for_the_restricted_tier(name: str, single: bool) -> None:
    """Where no pid namespace ends what was started, nothing may start anything: neither programs nor compilers."""
    assert (Tier.RESTRICTED in ALL[name].tiers) is single
    assert {Tier.FULL, Tier.CONTAINER, Tier.NONE} <= ALL[name].tiers
