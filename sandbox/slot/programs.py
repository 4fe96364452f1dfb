"""Programs as sealed files in memory: sources for one job, artifacts for as long as there is room."""

import fcntl
import os
from collections import OrderedDict
from contextlib import ExitStack

_SEALS = 0x000F  # F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE
_ARTIFACTS_BYTES = 64 << 20


def sealed(content: bytes, name: str = "blob") -> int:
    """Return a descriptor of an immutable file in memory."""
    descriptor = os.memfd_create(name, os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    view = memoryview(content)
    while view:
        view = view[os.write(descriptor, view) :]
    os.lseek(descriptor, 0, os.SEEK_SET)
    fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, _SEALS)
    return descriptor


def sealed_text(text: str, held: ExitStack) -> int:
    """Return a descriptor of a sealed file with a source text, closed when ``held`` is."""
    descriptor = sealed(text.encode(errors="surrogatepass"))
    held.callback(os.close, descriptor)
    return descriptor


class Artifacts:
    """Compiled programs by key, least recently used first out."""

    def __init__(self, max_bytes: int = _ARTIFACTS_BYTES) -> None:
        self._max_bytes = max_bytes
        self._held: OrderedDict[str, tuple[int, int]] = OrderedDict()

    def keep(self, key: str, content: bytes) -> None:
        """Hold a program; others make room for it."""
        if key not in self._held:
            self._held[key] = sealed(content, "artifact"), len(content)
        while len(self._held) > 1 and sum(size for _, size in self._held.values()) > self._max_bytes:
            _, (descriptor, _) = self._held.popitem(last=False)
            os.close(descriptor)

    def get(self, key: str) -> int | None:
        """Return the descriptor of a program, None if it is not held."""
        if key not in self._held:
            return None
        self._held.move_to_end(key)
        return self._held[key][0]
