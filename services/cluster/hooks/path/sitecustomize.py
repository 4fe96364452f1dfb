"""Loaded by every Python process of a private Ray, by ``PYTHONPATH``: gRPC servers listen on loopback only.

Ray Serve's replicas and proxies listen on every interface and offer no way to choose. Where
``GUERDON_PUBLIC_PORTS`` is set (it may be empty), a wildcard host becomes 127.0.0.1 on every other port.
Standard library only, and gRPC is wrapped when something imports it: most processes never do.
"""

from __future__ import annotations

import os
import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import module_from_spec
from typing import Any

_MODULE = "grpc.aio._server"
_WILDCARDS = ("[::]:", "0.0.0.0:", ":::", "*:")


def on_loopback(address: str, public: frozenset[str]) -> str:
    """The address with a wildcard host replaced, unless its port is one of the public ones."""
    for wildcard in _WILDCARDS:
        port = address.removeprefix(wildcard)
        if port != address and port not in public:
            return f"127.0.0.1:{port}"
    return address


def _wrap(server: Any, public: frozenset[str]) -> None:
    def listen(method: Any) -> Any:
        def add_port(self: Any, address: str, *args: Any, **options: Any) -> Any:
            return method(self, on_loopback(address, public), *args, **options)

        return add_port

    server.add_insecure_port = listen(server.add_insecure_port)
    server.add_secure_port = listen(server.add_secure_port)


class _AfterImport(MetaPathFinder, Loader):
    """Finds the module as usual, and wraps its server when it has been imported."""

    def __init__(self, public: frozenset[str]) -> None:
        self._public = public
        self._found: Any = None

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> ModuleSpec | None:
        if fullname != _MODULE:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None:
            self._found, spec.loader = spec.loader, self
        return spec

    def create_module(self, spec: ModuleSpec) -> Any:
        return self._found.create_module(spec)

    def exec_module(self, module: Any) -> None:
        self._found.exec_module(module)
        _wrap(module.Server, self._public)


def _load_the_next() -> None:
    """Load the ``sitecustomize`` that this one stands before, such as a distribution's own."""
    here = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120 - every process pays for an import
    spec = PathFinder.find_spec("sitecustomize", [path for path in sys.path if os.path.abspath(path) != here])  # noqa: PTH100
    if spec is not None and spec.loader is not None:
        spec.loader.exec_module(module_from_spec(spec))


if __name__ == "sitecustomize":
    if "GUERDON_PUBLIC_PORTS" in os.environ:
        ports = frozenset(os.environ["GUERDON_PUBLIC_PORTS"].split(","))
        sys.meta_path.insert(0, _AfterImport(ports))
    _load_the_next()
