"""Preparations of languages, made once on a host and kept in a cache folder."""

import fcntl
import hashlib
import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

from guerdon.sandbox.errors import SandboxError
from guerdon.sandbox.languages.language import Language

_READY = ".ready"


class PreparationFailed(SandboxError):
    """A preparation could not be made; the language works without it, at a higher price."""


def prepared(language: Language, cache: Path) -> Language:
    """Return the language with its preparation in use, making that first if it is not in the cache.

    The folder is filled where it will stay, because some of what toolchains write holds its own path. A lock lets
    one process at a time do so, and a mark made last tells a whole folder from one whose maker was killed.

    Args:
        language: as the registry gives it.
        cache: folder that nobody else may write to; it is made if it is not there. Not below ``/tmp``, which a
            jail has of its own.

    Raises:
        PreparationFailed: a tool failed, or the cache cannot be written or not be shown in a jail.
    """
    if language.preparation is None or not language.runtime:
        return language
    folder = _folder(language, cache)
    if folder.is_relative_to("/tmp"):  # noqa: S108
        raise PreparationFailed(
            f"{language.name}: a cache below /tmp cannot be shown in a jail; name another folder"
        )
    try:
        if not (folder / _READY).exists():
            _make(language, folder)
    except subprocess.CalledProcessError as error:
        raise PreparationFailed(f"{language.name}: {error}: {_tail(error.stderr)}") from error
    except (OSError, subprocess.SubprocessError) as error:
        raise PreparationFailed(f"{language.name}: {error}") from error
    return _applied(language, folder)


def as_prepared(language: Language, cache: Path) -> Language:
    """Return the language with its preparation in use if that has been made, else as it is.

    Args:
        language: as the registry gives it.
        cache: folder that :func:`prepared` was called with.
    """
    if language.preparation is None or not language.runtime:
        return language
    folder = _folder(language, cache)
    # Not by Path.exists, which raises where a folder above may not be entered.
    return _applied(language, folder) if os.path.exists(folder / _READY) else language  # noqa: PTH110


def _folder(language: Language, cache: Path) -> Path:
    inputs = language.preparation.inputs if language.preparation is not None else ""
    key = hashlib.sha256(f"{language.identity}\n{inputs}".encode()).hexdigest()[:16]
    return cache.resolve() / f"{language.name}-{key}"


def _applied(language: Language, folder: Path) -> Language:
    assert language.preparation is not None  # noqa: S101 - the callers have looked
    done = language.preparation.apply(language, folder)
    return replace(done, mounts=(*done.mounts, str(folder)), preparation=None)


def _make(language: Language, folder: Path) -> None:
    assert language.preparation is not None  # noqa: S101 - the only caller has looked
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (folder / _READY).exists():
            return
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o755)
        language.preparation.build(folder)
        _let_read(folder)
        (folder / _READY).touch()


def _let_read(folder: Path) -> None:
    """Let the jail's user, who is nobody here, read what was made whatever the service's umask is."""
    for path, _, names in os.walk(folder):
        Path(path).chmod(0o755)
        for name in names:
            Path(path, name).chmod(0o644)


def build_tool(*argv: str, folder: Path, env: dict[str, str] | None = None) -> str:
    """Run a trusted tool in a folder with a small environment and return its standard output.

    Raises:
        OSError: it cannot be started.
        subprocess.SubprocessError: it failed.
    """
    base = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "TMPDIR": str(folder), "LANG": "C.UTF-8"}
    done = subprocess.run(
        argv,
        cwd=folder,
        env=base | (env or {}),
        check=True,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    return done.stdout


def _tail(text: str | None) -> str:
    return (text or "").strip()[-500:]
