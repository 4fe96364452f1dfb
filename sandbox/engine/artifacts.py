"""Compiled programs, kept as long as there is room."""

import hashlib
from collections import OrderedDict

from msgspec import Struct, msgpack

from guerdon.sandbox.engine.languages import Language
from guerdon.sandbox.program import Program
from guerdon.sandbox.result import CompileResult

_ENTRY_BYTES = 512


def artifact_key(language: Language, program: Program) -> str:
    """Return the name of what a program compiles to: equal for equal compilers, flags, sources and files."""
    parts = (language.name, language.identity, program.source, sorted(program.files.items()))
    return hashlib.sha256(msgpack.encode(parts)).hexdigest()


class Compiled(Struct, frozen=True, kw_only=True):
    """How compiling a program ended."""

    result: CompileResult
    content: bytes = b""

    @property
    def size_bytes(self) -> int:
        """Memory it takes."""
        return len(self.content) + len(self.result.output) + _ENTRY_BYTES


class ArtifactCache:
    """The results of compile steps, least recently used first out.

    Args:
        max_bytes: of them together.
    """

    def __init__(self, max_bytes: int) -> None:
        self.bytes = 0
        self.hits = 0
        self.misses = 0
        self._max_bytes = max_bytes
        self._entries: OrderedDict[str, Compiled] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: str) -> Compiled | None:
        """Look a program up and count whether it was there."""
        compiled = self._entries.get(key)
        if compiled is None:
            self.misses += 1
            return None
        self.hits += 1
        self._entries.move_to_end(key)
        return compiled

    def put(self, key: str, compiled: Compiled) -> None:
        """Keep a result; one that is larger than the whole cache is not kept."""
        if compiled.size_bytes > self._max_bytes:
            return
        if key in self._entries:
            self.bytes -= self._entries.pop(key).size_bytes
        self._entries[key] = compiled
        self.bytes += compiled.size_bytes
        while self.bytes > self._max_bytes:
            _, oldest = self._entries.popitem(last=False)
            self.bytes -= oldest.size_bytes
