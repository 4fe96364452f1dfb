"""The private folder of one run: token, sockets, logs; gone when the run is over."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

_PLACE = Path("/tmp")  # noqa: S108 - what is made in it has a random name and is its owner's alone
"""Not ``TMPDIR``, which can be long: HAProxy takes 97 characters for a socket, and Ray adds a name of 56."""
_TOKEN_BYTES = 32


@dataclass(frozen=True)
class RunFolder:
    """A folder that only its owner can read."""

    path: Path

    @property
    def token_file(self) -> Path:
        """File with the token of the cluster, as ``RAY_AUTH_TOKEN_PATH`` names it."""
        return self.path / "token"

    @property
    def ray(self) -> Path:
        """Ray's temporary folder, with its logs."""
        return self.path / "ray"

    @property
    def haproxy(self) -> Path:
        """Configuration, sockets and state of HAProxy."""
        return self.path / "h"

    def remove(self) -> None:
        """Remove it with all that is in it."""
        shutil.rmtree(self.path, ignore_errors=True)


def make_run_folder() -> RunFolder:
    """A new folder with a new token."""
    folder = RunFolder(Path(tempfile.mkdtemp(prefix="guerdon-", dir=_PLACE)))
    folder.haproxy.mkdir()
    descriptor = os.open(folder.token_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as stream:
        stream.write(secrets.token_hex(_TOKEN_BYTES))
    return folder
