"""What a run has given up by the time its program begins."""

import pytest
from sandbox_slot import SlotClient


def test_a_program_has_no_capabilities(slot: SlotClient) -> None:
    """It holds none, but for reading where Landlock alone says what can be read."""
    source = (
        "import ctypes\nlibc = ctypes.CDLL(None)\n"
        "data = (ctypes.c_uint32 * 6)()\n"
        "print(libc.capget((ctypes.c_uint32 * 2)(0x20080522, 0), data), list(data))"
    )

    reading = 1 << 2
    shown = slot.run(source).stdout.decode()

    allowed = [[0] * 6, [reading, reading, 0, 0, 0, 0]] if slot.standing.tier == "restricted" else [[0] * 6]
    assert shown in [f"0 {held}\n" for held in allowed]


def test_a_program_cannot_gain_privileges(slot: SlotClient) -> None:
    """The bit that makes set-user-id files void is set, and the filter is in place."""
    source = (
        "import ctypes\nlibc = ctypes.CDLL(None)\nprint(libc.prctl(39, 0, 0, 0, 0), libc.prctl(21, 0, 0, 0, 0))"
    )

    assert slot.run(source).stdout == b"1 2\n"


def test_a_program_is_nobody(full_slot: SlotClient) -> None:
    """All its users and groups are the runner's, and there are no further groups."""
    source = (
        "import os\nprint(os.getresuid(), os.getresgid(), [g for g in os.getgroups() if g not in (1000, 65534)])"
    )

    assert full_slot.run(source).stdout == b"(1000, 1000, 1000) (1000, 1000, 1000) []\n"


@pytest.mark.parametrize("act", ["os.setuid(0)", "os.setgid(0)", "os.setgroups([0])"])
def test_a_program_stays_nobody(full_slot: SlotClient, act: str) -> None:
    """Users cannot be changed; trying is refused and counted."""
    result = full_slot.run(f"import os\ntry: {act}\nexcept OSError: print(os.getuid())")

    assert result.stdout == b"1000\n"
    assert sum(result.denied.values()) == 1


def test_limits_cannot_be_raised(slot: SlotClient) -> None:
    """A program may lower its own limits but not raise them."""
    source = (
        "import resource as r\n"
        "for kind in (r.RLIMIT_NOFILE, r.RLIMIT_FSIZE, r.RLIMIT_NPROC, r.RLIMIT_CORE):\n"
        "    soft, hard = r.getrlimit(kind)\n"
        "    try: r.setrlimit(kind, (hard + 1, hard + 1))\n"
        "    except (ValueError, OSError): pass\n"
        "    print(soft == hard == r.getrlimit(kind)[1])"
    )

    assert slot.run(source).stdout == b"True\n" * 4


def test_no_core_is_written(slot: SlotClient) -> None:
    """A crash leaves no memory image."""
    assert slot.run("import resource\nprint(resource.getrlimit(resource.RLIMIT_CORE))").stdout == b"(0, 0)\n"
