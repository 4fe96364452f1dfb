"""What a run leaves behind, taken out once nothing runs there any more; a hostile program may have made it."""

import os
import stat


def plain_file(folder: int, name: str, max_bytes: int) -> bytes:
    """Read a plain file of bounded size.

    Args:
        folder: descriptor of the folder.
        name: of the file; a link is not followed.
        max_bytes: more is refused.

    Raises:
        OSError: there is no such file, it is not a plain one, or it is empty or too large.
    """
    descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    with os.fdopen(descriptor, "rb") as file:
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode):
            raise OSError(f"{name} is not a plain file")
        if not 0 < facts.st_size <= max_bytes:
            raise OSError(f"{name} has {facts.st_size} bytes")
        return file.read(facts.st_size)
