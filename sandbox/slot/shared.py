"""What a loaded program holds that its cases would share, so that one could leave word for the next."""

import os

_WRITABLE = frozenset(b"ws")
_OWN_DESCRIPTORS = {"0", "1", "2", "3"}


def shares_anything(pid: int) -> bool:
    """Tell whether a loaded snapshot has threads, open files or shared memory of its own making.

    Forks of such a process are no clean runs, so its cases are run one by one instead. What cannot be looked at is
    taken for shared.
    """
    try:
        if len(os.listdir(f"/proc/{pid}/task")) > 1:
            return True
        if not _OWN_DESCRIPTORS.issuperset(os.listdir(f"/proc/{pid}/fd")):
            return True
        with open(f"/proc/{pid}/maps", "rb") as maps:
            return any(_WRITABLE.issubset(line.split(b" ", 2)[1]) for line in maps)
    except OSError:
        return True
