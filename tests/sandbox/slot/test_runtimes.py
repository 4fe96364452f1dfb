"""What zygotes are made of."""

import os
import sys
from pathlib import Path

from guerdon.sandbox.slot.runtimes import interpreter_paths, native_runtime, python_runtime


def test_the_interpreter_is_shown_without_packages() -> None:
    """A Python zygote sees the standard library and nothing that was installed."""
    runtime = python_runtime("python", ("json",), (), {})

    assert runtime.path == interpreter_paths()
    assert Path(runtime.path[0], "json", "__init__.py").exists()
    shown = [source for source, _ in runtime.binds]
    assert any(Path(sys.base_prefix).is_relative_to(path) or path.startswith(sys.base_prefix) for path in shown)
    assert runtime.preload == ("json",)


def test_packages_are_shown_where_they_were_asked_for() -> None:
    """Third-party packages are bound last, at a place of their own."""
    runtime = python_runtime("science", (), (("/host/numpy", "/opt/site/numpy"),), {"A": "1"})

    assert runtime.packages == (("/host/numpy", "/opt/site/numpy"),)
    assert runtime.binds[-1] == ("/host/numpy", "/opt/site/numpy")
    assert runtime.env == {"A": "1"}


def test_parents_are_bound_before_what_lies_in_them() -> None:
    """A toolchain of its own is shown unless a folder above it is already, and only if it exists."""
    runtime = native_runtime("x", ("/usr/lib/somewhere", "/does/not/exist", str(Path.cwd())))

    targets = [target for _, target in runtime.binds]
    assert "/usr/lib/somewhere" not in targets
    assert "/does/not/exist" not in targets
    assert str(Path.cwd()) in targets
    assert all(os.path.exists(source) for source, _ in runtime.binds)  # noqa: PTH110
