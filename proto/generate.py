"""Generates ``proto/gen`` from the protocol, or checks that it is up to date.

Run ``python proto/generate.py`` after every change of a ``.proto`` file, with the development tools installed.
With ``--check`` nothing is written: the code is generated elsewhere and any difference is printed and fails.
The output depends on the sources and on the versions of grpcio-tools and mypy-protobuf alone.
"""

from __future__ import annotations

import argparse
import difflib
import shutil
import sys
import tempfile
from importlib import resources
from pathlib import Path

from grpc_tools import protoc

ROOT = Path(__file__).resolve().parent
GENERATED = ROOT / "gen"
IMPORTS = (ROOT, ROOT / "third_party")
SOURCES = ("guerdon/v1/reward.proto",)
PLUGINS = ("protoc-gen-mypy", "protoc-gen-mypy_grpc")

PACKAGE_DOCSTRING = '''\
"""Generated code of the protocol ``guerdon.v1``: messages in ``reward_pb2``, stubs in ``reward_pb2_grpc``.

Never edited; ``python proto/generate.py`` writes it.
"""
'''


class GenerationError(Exception):
    """The code cannot be generated; the message says what to do."""


def generate(target: Path) -> None:
    """Generate all code into the empty folder ``target``.

    Raises:
        GenerationError: a plugin is not installed, or protoc refuses the sources.
    """
    well_known = resources.files("grpc_tools") / "_proto"
    arguments = [
        "protoc",
        *(f"--proto_path={path}" for path in (*IMPORTS, well_known)),
        *(f"--plugin={name}={_plugin(name)}" for name in PLUGINS),
        *(f"--{kind}_out={target}" for kind in ("python", "grpc_python")),
        *(f"--{kind}_out=quiet:{target}" for kind in ("mypy", "mypy_grpc")),
        *SOURCES,
    ]
    if code := protoc.main(arguments):
        raise GenerationError(f"protoc ended with code {code}; its message stands above")
    for package in sorted({(target / source).parent for source in SOURCES}):
        (package / "__init__.py").write_text(PACKAGE_DOCSTRING, encoding="utf-8")


def drift(fresh: Path, committed: Path) -> str:
    """Unified diff from the committed files to freshly generated ones; empty where they are the same."""
    now, then = _contents(fresh), _contents(committed)
    parts: list[str] = []
    for name in sorted(now.keys() | then.keys()):
        parts += difflib.unified_diff(
            then.get(name, "").splitlines(keepends=True),
            now.get(name, "").splitlines(keepends=True),
            f"committed/{name}" if name in then else "/dev/null",
            f"generated/{name}" if name in now else "/dev/null",
        )
    return "".join(parts)


def main(arguments: list[str] | None = None) -> int:
    """Generate or check; the exit code is 1 on drift and 2 where nothing could be generated."""
    parser = argparse.ArgumentParser(description="Generate the Python code of the protocol.")
    parser.add_argument("--check", action="store_true", help="only say whether the committed code is up to date")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder)
        try:
            generate(fresh)
        except GenerationError as cause:
            sys.stderr.write(f"{cause}\n")
            return 2
        if options.check:
            return _report(drift(fresh, GENERATED))
        shutil.rmtree(GENERATED, ignore_errors=True)
        shutil.copytree(fresh, GENERATED)
    return 0


def _report(difference: str) -> int:
    if not difference:
        return 0
    sys.stderr.write(f"{difference}\nproto/gen is not what the sources give: run python proto/generate.py\n")
    return 1


def _contents(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_text(encoding="utf-8")
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def _plugin(name: str) -> str:
    """Path of a protoc plugin beside this interpreter, so that another one on PATH cannot interfere.

    Raises:
        GenerationError: it is not installed.
    """
    if found := shutil.which(name, path=str(Path(sys.executable).parent)):
        return found
    raise GenerationError(f"{name} is not installed beside {sys.executable}: pip install 'guerdon[dev]'")


if __name__ == "__main__":
    sys.exit(main())
