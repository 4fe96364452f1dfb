"""How commands find the private Ray of this user on this machine without being told its address."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from pathlib import Path

import msgspec

from guerdon.services.cluster.errors import ClusterError
from guerdon.services.cluster.processes import pids_of


class LocalCluster(msgspec.Struct, frozen=True, kw_only=True):
    """A private Ray that runs on this machine."""

    run: str
    address: str
    """URL of its REST API."""
    token_file: str
    http: str
    """URL of its gateway."""

    def token(self) -> str:
        """Its token.

        Raises:
            ClusterError: it cannot be read.
        """
        return read_token(Path(self.token_file))


def read_token(file: Path) -> str:
    """The token in a file.

    Raises:
        ClusterError: it cannot be read, or is empty.
    """
    try:
        token = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as cause:
        raise ClusterError(f"the token file {file} cannot be read: {cause}") from None
    if not token:
        raise ClusterError(f"the token file {file} is empty")
    return token


def remember_cluster(run: str, *, address: str, token_file: Path, http: str) -> None:
    """Let other commands of this user find a cluster."""
    folder = _folder()
    folder.mkdir(mode=0o700, exist_ok=True)
    cluster = LocalCluster(run=run, address=address, token_file=str(token_file), http=http)
    descriptor = os.open(folder / f"{run}.json", os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(msgspec.json.encode(cluster))


def forget_cluster(run: str) -> None:
    """Take back what :func:`remember_cluster` did."""
    (_folder() / f"{run}.json").unlink(missing_ok=True)


def local_clusters() -> list[LocalCluster]:
    """The private Rays of this user that still run, the oldest first."""
    found = []
    folder = _folder()
    # Somebody else's folder could send our token anywhere.
    with contextlib.suppress(OSError):
        if folder.stat().st_uid != os.getuid() or folder.is_symlink():
            return []
    for file in sorted(folder.glob("*.json"), key=_age):
        try:
            cluster = msgspec.convert(json.loads(file.read_bytes()), LocalCluster)
        except (OSError, ValueError, msgspec.ValidationError):
            continue
        if pids_of(cluster.run):
            found.append(cluster)
        else:
            file.unlink(missing_ok=True)
    return found


def _age(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except OSError:
        return 0.0


def _folder() -> Path:
    given = os.environ.get("XDG_RUNTIME_DIR", "")
    return Path(given or tempfile.gettempdir()) / f"guerdon-clusters-{os.getuid()}"
