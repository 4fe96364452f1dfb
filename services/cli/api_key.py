"""API keys in files that only their owner can read."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from guerdon.services.cli.errors import CliError
from guerdon.services.cli.terminal import say

_KEY_BYTES = 32


def read_or_create_key(file: Path) -> str:
    """The key in a file; a file that does not exist is made with a new random key and mode 0600.

    Raises:
        CliError: the file cannot be read or made, or holds no key.
    """
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read_key(file)
    except OSError as cause:
        raise CliError(f"--api-key-file {file}: cannot be made: {cause.strerror}") from None
    key = secrets.token_urlsafe(_KEY_BYTES)
    with os.fdopen(descriptor, "w", encoding="ascii") as stream:
        stream.write(f"{key}\n")
    say(f"made a new API key in {file}; clients send it as 'Authorization: Bearer <key>'")
    return key


def _read_key(file: Path) -> str:
    try:
        readable_by_others = file.stat().st_mode & 0o077
        key = file.read_text(encoding="ascii").strip()
    except OSError as cause:
        raise CliError(f"--api-key-file {file}: cannot be read: {cause.strerror}") from None
    except UnicodeDecodeError:
        raise CliError(f"--api-key-file {file}: holds something else than a key in plain ASCII") from None
    if readable_by_others:
        # Not refused: container tools mount secrets read-only and readable by all.
        say(f"warning: other users may read the API key in {file}; if you can, run: chmod 600 {file}")
    if not key:
        raise CliError(f"--api-key-file {file}: is empty; delete it, and a new key will be made")
    return key
