"""Finds out from test code which names it takes from the program."""

from __future__ import annotations

import ast
import builtins
import sys
from collections import Counter

from guerdon.services.code.truth.library import ALIASES, LIBRARY, TOOLS
from guerdon.services.code.truth.source import children, walk

_BUILTINS = frozenset(dir(builtins))
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


class CodeNames:
    """The names in a piece of test code, which is walked through once."""

    def __init__(self, tree: ast.Module) -> None:
        self._tree = tree
        self._nodes = list(walk(tree))
        self._imports = [found for node in self._nodes for found in _imports(node)]
        self.bound = {name for node in self._nodes for name in _bound(node)}
        """Names that the code itself gives a meaning, but for what it imports from the program."""
        self.bound |= {name for module, name, _ in self._imports if _is_known(module)}

    def entry_point(self) -> str:
        """Return the function or class of the program that the code calls most, the first of equals.

        Calls that make the arguments of others do not count. It is a name of the library only if nothing else is
        called, a built-in's only if nothing but built-ins is, and empty if the code calls nothing but what it
        defines itself.
        """
        modules = {name for module, name, whole in self._imports if whole and not _is_known(module)}
        called: Counter[str] = Counter()
        pending: list[ast.AST] = [self._tree]
        while pending:
            node = pending.pop()
            name = _called_name(node, modules)
            if name and name not in self.bound:
                called[name] += 1
                if name not in _BUILTINS and name not in LIBRARY:
                    continue
            pending += reversed(children(node))
        own = [name for name in called if name not in _BUILTINS]
        free = [name for name in own if name not in LIBRARY]
        return max(free or own or called, key=called.__getitem__, default="")

    def program_module(self, files: dict[str, str]) -> str:
        """Return the one module that the code imports and nobody but the program can be, or empty."""
        others = {name.removesuffix(".py") for name in files}
        found = {module for module, _, _ in self._imports if not _is_known(module)} - others
        return found.pop() if len(found) == 1 else ""

    def missing_imports(self, entry_point: str, also_bound: frozenset[str] = frozenset()) -> str:
        """Return imports of what the code uses of libraries without importing it.

        Such tests count on an import in the program. That is in another interpreter here, and what a program has
        by such a name must not judge its results: an ``np.allclose`` of its own would take anything. Where the
        tests' jail has no such library, they do not run, which is no program's fault.

        Args:
            entry_point: the program's, whatever the library has by that name.
            also_bound: names that other code of the tests gives a meaning.
        """
        bound = self.bound | also_bound | {name for _, name, _ in self._imports} | {*entry_point.split(".")}
        used = dict.fromkeys(
            node.value.id
            for node in self._nodes
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
        )
        modules = [name for name in used if (_is_known(name) or name in ALIASES) and name not in bound]
        names = dict.fromkeys(node.id for node in self._nodes if isinstance(node, ast.Name) and node.id in LIBRARY)
        imports = [f"from {LIBRARY[name]} import {name}\n" for name in names if name not in bound]
        return "".join([*map(_import, modules), *imports])

    def mentions(self, name: str) -> bool:
        """Whether a name, or an attribute of that name, occurs in the code."""
        return any(
            (isinstance(node, ast.Name) and node.id == name)
            or (isinstance(node, ast.Attribute) and node.attr == name)
            or (isinstance(node, ast.alias) and name in (node.name, node.asname))
            for node in self._nodes
        )

    def has_checks(self) -> bool:
        """Whether anything in it can fail for a reason: an assert, a raise, a method such as ``assertEqual``."""
        return any(
            isinstance(node, ast.Assert | ast.Raise)
            or (isinstance(node, ast.Attribute) and node.attr.startswith(("assert", "raises")))
            or (isinstance(node, ast.Name) and node.id.startswith("assert_") and node.id in LIBRARY)
            or (isinstance(node, ast.alias) and node.name.startswith(("assert", "raises")))
            for node in self._nodes
        )

    def has_tests(self) -> bool:
        """Whether the code defines a function or method that a test runner would find."""
        return any(isinstance(node, _FUNCTIONS) and node.name.startswith("test") for node in self._nodes)


def _imports(node: ast.AST) -> list[tuple[str, str, bool]]:
    """Modules that a statement imports: each with a name that is bound, and whether it is the module's."""
    if isinstance(node, ast.Import):
        return [(_top(alias.name), alias.asname or _top(alias.name), True) for alias in node.names]
    if isinstance(node, ast.ImportFrom) and not node.level:
        return [(_top(node.module or ""), alias.asname or alias.name, False) for alias in node.names]
    return []


def _bound(node: ast.AST) -> tuple[str, ...]:
    if isinstance(node, ast.Name):
        return () if isinstance(node.ctx, ast.Load) else (node.id,)
    if isinstance(node, ast.arg):
        return (node.arg,)
    return (node.name,) if isinstance(node, (*_FUNCTIONS, ast.ClassDef)) else ()


def _called_name(node: ast.AST, modules: set[str]) -> str:
    match node:
        case ast.Call(func=ast.Name(id=name)):
            return name
        case ast.Call(func=ast.Attribute(value=ast.Name(id=module), attr=name)) if module in modules:
            return name
    return ""


def _import(name: str) -> str:
    return f"import {ALIASES[name]} as {name}\n" if name in ALIASES else f"import {name}\n"


def _is_known(module: str) -> bool:
    return module in sys.stdlib_module_names or module in TOOLS


def _top(module: str) -> str:
    return module.partition(".")[0]
