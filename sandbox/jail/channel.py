"""What a child may say to its slot, one letter a message; the slot believes none of it where it matters.

``H`` hello (with the listener's descriptor), ``C`` the source does not compile, ``M`` memory ran out, ``U`` the call's result is
not plain data, ``E`` the program could not be executed, ``L`` the snapshot is loaded, ``X`` a case of it ended.
"""

import socket

CHANNEL = 3


def open_channel() -> socket.socket:
    """Return the run's channel as a socket."""
    return socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET, 0, fileno=CHANNEL)


def say(message: bytes) -> None:
    """Send one message; a slot that no longer listens is no reason to fail."""
    channel = open_channel()
    try:
        channel.send(message, socket.MSG_DONTWAIT)
    except OSError:
        pass
    finally:
        channel.detach()
