"""Empties a folder that a hostile program has filled: any depth, any mode, links never followed."""

import os
import stat

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def wipe(path: str) -> None:
    """Remove everything in a folder in which nothing runs any more.

    Works by descriptors and one level at a time, for a tree may be deeper than a path may be long or than a
    function may recurse.

    Raises:
        OSError: something cannot be removed.
    """
    here = os.open(path, _FOLDER)
    above: list[str] = []
    try:
        while True:
            folder = _remove_files(here)
            if folder is not None:
                above.append(folder)
                here = _move(here, folder)
            elif above:
                here = _move(here, "..")
                os.rmdir(above.pop(), dir_fd=here)
            else:
                return
    finally:
        os.close(here)


def _remove_files(folder: int) -> str | None:
    """Remove all that is no folder; return the name of a folder that is left, None if there is none."""
    left = None
    for name in os.listdir(folder):
        if stat.S_ISDIR(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
            left = name
        else:
            os.unlink(name, dir_fd=folder)
    return left


def _move(folder: int, name: str) -> int:
    if name != "..":
        os.chmod(name, 0o700, dir_fd=folder)
    moved = os.open(name, _FOLDER, dir_fd=folder)
    os.close(folder)
    return moved
