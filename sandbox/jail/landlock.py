"""Landlock: which files and sockets this process and its children may still reach, for want of namespaces."""

import ctypes
import os
import stat
import struct

from guerdon.sandbox.jail.syscalls import numbers, syscall

_NUMBER = numbers()
_CREATE, _ADD, _RESTRICT = (
    _NUMBER[f"landlock_{name}"] for name in ("create_ruleset", "add_rule", "restrict_self")
)
del _NUMBER

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
REMOVE_DIR, REMOVE_FILE = 1 << 4, 1 << 5
MAKE_DIR, MAKE_REG, MAKE_FIFO, MAKE_SYM = 1 << 7, 1 << 8, 1 << 10, 1 << 12
REFER, TRUNCATE, IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15

_FILES_OF_ABI = {1: (1 << 13) - 1, 2: REFER, 3: TRUNCATE, 5: IOCTL_DEV}
_BIND_AND_CONNECT_TCP = 0b11
_SCOPE_ABSTRACT_SOCKETS_AND_SIGNALS = 0b11
_ABI_NET, _ABI_SCOPES = 4, 6

_READ = READ_FILE | READ_DIR
_WRITE = (
    _READ | WRITE_FILE | REMOVE_DIR | REMOVE_FILE | MAKE_DIR | MAKE_REG | MAKE_FIFO | MAKE_SYM | REFER | TRUNCATE
)
_EXECUTE = EXECUTE | READ_FILE | READ_DIR
_OF_A_FILE = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV

_ASK_VERSION = 1
_PATH_BENEATH = 1


def abi() -> int:
    """Return the version of Landlock that this kernel offers, 0 where it offers none."""
    try:
        return syscall(_CREATE, 0, 0, _ASK_VERSION)
    except OSError:
        return 0


def restrict(read: list[str], write: list[str], execute: list[str]) -> None:
    """Take every file right not given here, TCP and, with ABI 6, signals and abstract sockets to the outside.

    Applies to this thread and what it starts from now on; open descriptors stay usable; no_new_privs must be set.
    Paths are files or folders with all beneath. ``write`` includes reading, but neither executing nor making
    devices or sockets; ``execute`` includes reading. Before ABI 3 truncating is not restricted, before ABI 4 TCP
    is not.

    Raises:
        OSError: Landlock is absent, no_new_privs is missing, or a path does not exist.
    """
    version = abi()
    files = sum(rights for since, rights in _FILES_OF_ABI.items() if since <= version)
    net = _BIND_AND_CONNECT_TCP if version >= _ABI_NET else 0
    scopes = _SCOPE_ABSTRACT_SOCKETS_AND_SIGNALS if version >= _ABI_SCOPES else 0
    attributes = ctypes.create_string_buffer(struct.pack("=QQQ", files, net, scopes), 24)
    size = 24 if version >= _ABI_SCOPES else 16 if version >= _ABI_NET else 8
    ruleset = syscall(_CREATE, ctypes.addressof(attributes), size)
    try:
        for paths, rights in ((read, _READ), (write, _WRITE), (execute, _EXECUTE)):
            for path in paths:
                _allow(ruleset, path, rights & files)
        syscall(_RESTRICT, ruleset)
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            rights &= _OF_A_FILE
        rule = ctypes.create_string_buffer(struct.pack("=Qi", rights, descriptor), 12)
        syscall(_ADD, ruleset, _PATH_BENEATH, ctypes.addressof(rule))
    finally:
        os.close(descriptor)
