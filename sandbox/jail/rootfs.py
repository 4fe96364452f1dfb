"""The jail's file system: a small tmpfs with read-only binds of what a runtime needs, and nothing else.

Built by a process that may still mount, in a mount namespace of its own; afterwards the host's tree is out of
reach for good.
"""

import os

from guerdon.sandbox.jail import kernel

# A place every system has and the jail needs nothing of; mounted over in our own namespace only.
_WORKPLACE = "/sys"
_DEVICES = ("null", "zero", "full", "random", "urandom")
_ETC = {
    "passwd": "root:x:0:0:root:/:/bin/false\nrunner:x:1000:1000:runner:/tmp:/bin/false\n",
    "group": "root:x:0:\nrunner:x:1000:\n",
    "hosts": "127.0.0.1 localhost\n",
    "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
}
_LOCKED = kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOATIME


def enter(binds: "list[tuple[str, str]]", masks: "list[str]", links: "list[tuple[str, str]]") -> None:
    """Build the root and make it this process's root.

    Args:
        binds: ``(host path, path in the jail)``, bound read-only with what is mounted below; parents come first.
        masks: folders in the jail to hide under an empty one.
        links: ``(target, path in the jail)`` symbolic links.

    Raises:
        OSError: the kernel refused a step; the message says which.
    """
    kernel.mount("none", "/", flags=kernel.MS_REC | kernel.MS_PRIVATE)
    kernel.mount("jail", _WORKPLACE, "tmpfs", _LOCKED, "size=1m,nr_inodes=4096,mode=755")
    for name in ("etc", "tmp", "dev"):
        os.mkdir(f"{_WORKPLACE}/{name}", 0o755)
    for name, text in _ETC.items():
        _write(f"{_WORKPLACE}/etc/{name}", text)
    for name in _DEVICES:
        _write(f"{_WORKPLACE}/dev/{name}", "")
        kernel.mount(f"/dev/{name}", f"{_WORKPLACE}/dev/{name}", flags=kernel.MS_BIND)
    os.symlink("/tmp", f"{_WORKPLACE}/dev/shm")
    os.symlink("/tmp/.stdin", f"{_WORKPLACE}/dev/stdin")
    for source, target in binds:
        _bind(source, _WORKPLACE + target)
    for target in masks:
        if os.path.isdir(_WORKPLACE + target):
            kernel.mount(
                "mask", _WORKPLACE + target, "tmpfs", _LOCKED | kernel.MS_RDONLY, "size=4k,nr_inodes=1,mode=555"
            )
    for target, path in links:
        if not os.path.lexists(_WORKPLACE + path):
            os.makedirs(os.path.dirname(_WORKPLACE + path), exist_ok=True)
            os.symlink(target, _WORKPLACE + path)
    os.chdir(_WORKPLACE)
    kernel.pivot_root(".", ".")
    kernel.unmount(".")
    os.chdir("/")
    fresh_tmp(1 << 20, 16)
    kernel.mount("none", "/", flags=kernel.MS_REMOUNT | kernel.MS_BIND | kernel.MS_RDONLY | _LOCKED)


def fresh_tmp(size_bytes: int, inodes: int, executable: bool = False) -> None:
    """Mount an empty ``/tmp`` of the given size and number of files and folders."""
    options = f"size={size_bytes},nr_inodes={inodes + 1},mode=1777"
    kernel.mount("tmp", "/tmp", "tmpfs", _LOCKED | (0 if executable else kernel.MS_NOEXEC), options)


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def _bind(source: str, target: str) -> None:
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        if not os.path.lexists(target):
            _write(target, "")
    kernel.mount(source, target, flags=kernel.MS_BIND | kernel.MS_REC)
    kernel.seal_mounts(target)
