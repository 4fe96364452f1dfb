"""The package: what importing it costs, and what a wheel of it holds."""

import json
import subprocess
import sys
import tarfile
import zipfile
from importlib.metadata import entry_points, metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
HEAVY = {"ray", "torch", "sympy", "math_verify", "fasttext", "fastapi", "starlette", "grpc", "pydantic", "msgspec"}

WALK = """
import guerdon, importlib, json, pkgutil
names = [module.name for module in pkgutil.walk_packages(guerdon.__path__, "guerdon.")]
for name in names:
    if not name.endswith(".__main__"):
        importlib.import_module(name)
print(json.dumps(names))
"""

BUILD = """
import sys, hatchling.build
print(getattr(hatchling.build, "build_" + sys.argv[1])(sys.argv[2]))
"""


def python(code: str, *arguments: str, cwd: Path = ROOT) -> str:
    """Run code in a fresh interpreter and return what it printed."""
    done = subprocess.run([sys.executable, "-c", code, *arguments], cwd=cwd, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_importing_the_package_pulls_nothing_heavy():
    """A trainer that imports it pays for nothing it does not use."""
    loaded = json.loads(python("import guerdon, json, sys; print(json.dumps(sorted(sys.modules)))"))
    assert {name.partition(".")[0] for name in loaded} & HEAVY == set()


@pytest.mark.parametrize("heavy", ["ray", "torch", "sympy", "fasttext", "fastapi", "grpc"])
def test_the_contract_and_the_format_verifier_pull_nothing_heavy(heavy: str):
    """They need the standard library, pydantic and msgspec."""
    code = (
        "import guerdon.services.contract.conformance, guerdon.services.format.verifier, sys; print(*sys.modules)"
    )
    assert heavy not in python(code).split()


def test_every_module_imports():
    """None is broken, and none does anything when imported that a fresh interpreter cannot do."""
    names = json.loads(python(WALK).splitlines()[-1])
    assert {"guerdon.services", "guerdon.clients", "guerdon.services.contract.verdicts"} <= set(names)


def test_the_command_and_the_verifiers_are_registered():
    """The console script and the entry points lead to what is there."""
    (command,) = entry_points(group="console_scripts", name="guerdon")
    assert callable(command.load())
    assert {"math", "format"} <= {entry.name for entry in entry_points(group="guerdon.verifiers")}


def test_the_metadata_says_what_it_is():
    """Name, licence and the extras that the documentation names."""
    about = metadata("guerdon")
    assert about["Name"] == "guerdon"
    assert about["License-Expression"] == "Apache-2.0"
    assert {"server", "math", "dev"} <= set(about.get_all("Provides-Extra") or [])


@pytest.mark.slow
def test_a_wheel_built_from_the_source_distribution_is_whole(tmp_path: Path):
    """The sources carry all that the wheel needs, and the wheel holds every module and every file of cases."""
    built = python(BUILD, "sdist", str(tmp_path)).splitlines()[-1]
    with tarfile.open(tmp_path / built) as archive:
        archive.extractall(tmp_path / "unpacked", filter="data")
    (source,) = (tmp_path / "unpacked").iterdir()
    wheel = python(BUILD, "wheel", str(tmp_path), cwd=source).splitlines()[-1]
    with zipfile.ZipFile(tmp_path / wheel) as archive:
        held = set(archive.namelist())
    modules = [path for folder in ("services", "clients", "sandbox") for path in (ROOT / folder).rglob("*.py")]
    wanted = {f"guerdon/{path.relative_to(ROOT)}" for path in modules if "__pycache__" not in path.parts}
    wanted |= {"guerdon/__init__.py", "guerdon/py.typed", "guerdon/services/format/cases.jsonl"}
    assert wanted - held == set()
    others = {name.partition("/")[0] for name in held} - {"guerdon"}
    assert all(name.endswith(".dist-info") for name in others)
