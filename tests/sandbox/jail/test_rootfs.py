"""The file system a program of the full tier finds."""

import ast

import pytest
from sandbox_slot import SlotClient


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/usr",
        "/usr/lib",
        "/etc",
        "/etc/passwd",
        "/dev",
        "/dev/new",
        "/lib",
        "/bin/new",
        "/root",
        "/var",
        "/home",
    ],
)
def test_nothing_but_tmp_can_be_written(full_slot: SlotClient, path: str) -> None:
    """No folder or file outside ``/tmp`` can be made, changed or removed."""
    source = (
        f"import os\npath = {path!r}\n"
        "for act in (lambda: open(path, 'a'), lambda: open(path + '/x', 'w'),\n"
        "            lambda: os.mkdir(path + '/x'),\n"
        "            lambda: os.unlink(path), lambda: os.rename(path, path + 'x'),\n"
        "            lambda: os.chmod(path, 0o777),\n"
        "            lambda: os.symlink('/tmp', path + 'x')):\n"
        "    try: act()\n    except OSError: pass\n    else: print('could')"
    )

    assert full_slot.run(source).stdout == b""


def test_the_root_holds_what_a_runtime_needs(full_slot: SlotClient) -> None:
    """There are only system folders, and of the host's configuration nothing but invented users."""
    root = full_slot.run("import os\nprint(*sorted(os.listdir('/')))").stdout.decode().split()
    users = full_slot.run("print(open('/etc/passwd').read())").stdout

    assert (
        {"dev", "etc", "tmp", "usr"}
        <= set(root)
        <= {"bin", "dev", "etc", "lib", "lib32", "lib64", "opt", "root", "sbin", "tmp", "usr"}
    )
    assert users.count(b"\n") <= 4
    assert b"runner:x:1000" in users


def test_devices_are_the_harmless_ones(full_slot: SlotClient) -> None:
    """Null, zero, full and randomness are there and work; nothing else is."""
    source = (
        "import os\nprint(sorted(os.listdir('/dev')))\n"
        "print(open('/dev/zero', 'rb').read(2), open('/dev/null', 'rb').read(),"
        "      len(open('/dev/urandom', 'rb').read(8)))\n"
        "try: os.write(os.open('/dev/full', os.O_WRONLY), b'x')\nexcept OSError as error: print(error.strerror)"
    )

    lines = full_slot.run(source).stdout.decode().splitlines()

    assert (
        {"full", "null", "random", "shm", "urandom", "zero"}
        <= set(ast.literal_eval(lines[0]))
        <= {*("full", "null", "random", "shm", "urandom", "zero", "fd", "stdin", "stdout", "stderr")}
    )
    assert lines[1:] == ["b'\\x00\\x00' b'' 8", "No space left on device"]


def test_what_lies_in_tmp_cannot_be_executed_or_be_a_device(full_slot: SlotClient) -> None:
    """The private folder holds data alone."""
    source = (
        "import os, stat\n"
        "try: os.mknod('/tmp/null', 0o666 | stat.S_IFCHR, os.makedev(1, 3))\nexcept OSError: print('no device')\n"
        "print(bool(os.statvfs('/tmp').f_flag & os.ST_NOEXEC), bool(os.statvfs('/usr').f_flag & os.ST_RDONLY))"
    )

    result = full_slot.run(source)

    assert result.stdout.splitlines()[-1] == b"True True"
