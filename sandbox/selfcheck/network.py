"""The network: listeners on this host and the world outside."""

from guerdon.sandbox.selfcheck.probe import Probe

_CONNECT = """
import socket
try:
    with socket.socket(socket.FAMILY, socket.KIND) as door:
        door.settimeout(1)
        door.connect(ADDRESS)
        door.send(b"x")
except OSError as error:
    refused(error)
else:
    reached("WHAT")
"""


def _connect(family: str, kind: str, address: str, what: str) -> str:
    words = {"FAMILY": family, "KIND": kind, "ADDRESS": address, "WHAT": what}
    source = _CONNECT
    for word, value in words.items():
        source = source.replace(word, value)
    return source


PROBES = (
    Probe(
        name="TCP to a listener on this host",
        means="programs reach no service of this host, and no neighbour's",
        source=_connect("AF_INET", "SOCK_STREAM", '("127.0.0.1", @TCP@)', "a listener on 127.0.0.1"),
    ),
    Probe(
        name="UDP to a listener on this host",
        means="programs cannot send datagrams to them",
        source=_connect("AF_INET", "SOCK_DGRAM", '("127.0.0.1", @UDP@)', "a listener on 127.0.0.1"),
    ),
    Probe(
        name="TCP over IPv6 to a listener on this host",
        means="programs do not reach them by IPv6 either",
        source=_connect("AF_INET6", "SOCK_STREAM", '("::1", @TCP6@)', "a listener on ::1"),
    ),
    Probe(
        name="an address outside this host",
        means="programs cannot fetch answers, send anything away, or ask for cloud credentials",
        # A datagram socket takes the address of a documentation network without sending anything there.
        source="""
import socket
try:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        door.connect(("192.0.2.1", 53))
except OSError as error:
    refused(error)
else:
    reached("a route to the outside")
""",
    ),
    Probe(
        name="an abstract unix socket of this host",
        means="programs cannot talk to the session bus or container engines by names that are no files",
        source=_connect("AF_UNIX", "SOCK_STREAM", '"\\0@ABSTRACT@"', "an abstract socket"),
    ),
    Probe(
        name="an abstract unix datagram socket of this host",
        means="programs cannot send such daemons datagrams",
        source=_connect("AF_UNIX", "SOCK_DGRAM", '"\\0@DATAGRAM@"', "an abstract datagram socket"),
    ),
    Probe(
        name="a unix socket in a folder of this host",
        means="programs cannot talk to daemons such as Docker's",
        source=_connect("AF_UNIX", "SOCK_STREAM", '"@SOCKET@"', "a socket file"),
    ),
    Probe(
        name="the kernel's network configuration (netlink)",
        means="programs see no interfaces, addresses or routes",
        source="""
import socket
try:
    socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0).close()
except OSError as error:
    refused(error)
else:
    reached("a netlink socket")
""",
    ),
)
