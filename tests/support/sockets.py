"""Which ports processes listen on, as the kernel tells."""

from pathlib import Path

LOOPBACK = {"0100007F", "00000000000000000000000001000000", "0000000000000000FFFF00000100007F"}
"""127.0.0.1, ::1 and 127.0.0.1 as an IPv6 address, as /proc/net/tcp writes them."""


def listening(pids: list[int]) -> dict[int, str]:
    """Ports on which processes listen, each with its local address as the kernel writes it."""
    inodes = set()
    for pid in pids:
        try:
            inodes |= {str(entry.readlink()) for entry in Path(f"/proc/{pid}/fd").iterdir()}
        except OSError:
            continue
    found = {}
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and f"socket:[{fields[9]}]" in inodes:
                address, port = fields[1].split(":")
                found[int(port, 16)] = address
    return found


def beyond_loopback(pids: list[int]) -> set[int]:
    """Ports of processes that other machines can reach."""
    return {port for port, address in listening(pids).items() if address not in LOOPBACK}
