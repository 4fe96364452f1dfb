"""Finding verifiers, those of other packages too."""

import textwrap
from pathlib import Path

import pytest

from guerdon.services.contract.registry import RegistrationError, load_verifiers, registered_names, rewards_of

SOURCE = """
from guerdon.services.contract import ItemVerifier, RewardInfo, Verdict

class Toy(ItemVerifier):
    name = {name!r}
    rewards = (RewardInfo(name={reward!r}, description="A toy."),)

    def verify(self, item):
        return Verdict.ok(1.0, "toy", "always right")

not_a_class = 7
"""


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Installs a distribution with one module and one entry point."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def make(module: str, name: str, *, reward: str = "", entry: str = "", target: str = "Toy") -> None:
        (tmp_path / f"{module}.py").write_text(textwrap.dedent(SOURCE.format(name=name, reward=reward or name)))
        info = tmp_path / f"{module}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
        line = f"{entry or name} = {module}:{target}"
        (info / "entry_points.txt").write_text(f"[guerdon.verifiers]\n{line}\n")

    return make


def test_a_package_registers_a_verifier(install):
    """One line of packaging is enough, and nothing is imported to know its name."""
    install("toys_one", "toy_one")
    assert {"format", "math", "toy_one"} <= set(registered_names())
    loaded = load_verifiers(["toy_one", "format", "toy_one"])
    assert list(loaded) == ["toy_one", "format"]
    assert rewards_of(loaded).items() >= {"toy_one": "toy_one", "format": "format"}.items()


def test_an_unknown_name_is_answered_with_the_known_ones():
    """The message helps."""
    with pytest.raises(RegistrationError, match=r"'maths'; registered are: .*math"):
        load_verifiers(["maths"])


def test_two_packages_cannot_use_one_name(install):
    """Nobody picks one of them silently."""
    install("toys_a", "twin")
    install("toys_b", "twin")
    with pytest.raises(RegistrationError, match="registered twice: toys_a:Toy, toys_b:Toy"):
        load_verifiers(["twin"])


def test_two_verifiers_cannot_declare_one_reward(install):
    """A reward has one meaning."""
    install("toys_c", "other_format", reward="format")
    with pytest.raises(RegistrationError, match="reward 'format' is declared by the verifiers"):
        load_verifiers(["format", "other_format"])


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ({"target": "Missing"}, "does not import"),
        ({"target": "not_a_class"}, "is not a Verifier class"),
        ({"entry": "nickname"}, "is registered as 'nickname' but calls itself"),
    ],
)
def test_a_registration_that_cannot_work_is_named(install, kind: dict[str, str], said: str):
    """The message names the verifier and says why."""
    name = f"toy_{kind.get('target', 'entry').lower()}"
    install(f"module_{name}", name, **kind)
    with pytest.raises(RegistrationError, match=said):
        load_verifiers([kind.get("entry", name)])
