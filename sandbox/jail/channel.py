"""What a child may say to its slot, one letter a message; the slot believes none of it where it matters.

``H`` hello (with the listener's descriptor), ``C`` the source does not compile, ``M`` memory ran out, ``U`` the
call's result is not plain data, ``E`` the program could not be executed, ``L`` the snapshot is loaded, ``X`` a
case of it ended.
"""

import _socket
import os
import sys

CHANNEL = 3


_made: "list[_socket.socket]" = []


def occupy() -> None:
    """Make the channel's object before any fork, for the descriptor that will be there after it."""
    ours, theirs = _socket.socketpair(_socket.AF_UNIX, _socket.SOCK_SEQPACKET)
    theirs.close()
    descriptor = ours.detach()
    if descriptor != CHANNEL:
        os.dup2(descriptor, CHANNEL, inheritable=False)
        os.close(descriptor)
    _made.append(_socket.socket(_socket.AF_UNIX, _socket.SOCK_SEQPACKET, 0, CHANNEL))


def say(message: bytes, descriptor: int = -1) -> None:
    """Send one message, with a descriptor if one is given; a slot that no longer listens is no reason to fail."""
    extra = (
        [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, descriptor.to_bytes(4, sys.byteorder))]
        if descriptor >= 0
        else []
    )
    try:  # noqa: SIM105 - contextlib would be one more thing a forked child touches
        _made[0].sendmsg([message], extra, _socket.MSG_DONTWAIT)
    except OSError:
        pass


def hear() -> "tuple[bytes, list[int]]":
    """Wait for one message and its descriptors; nothing when the slot is gone."""
    data, extra, _, _ = _made[0].recvmsg(16, _socket.CMSG_SPACE(32))
    return data, [
        int.from_bytes(content[at : at + 4], sys.byteorder)
        for level, kind, content in extra
        if level == _socket.SOL_SOCKET and kind == _socket.SCM_RIGHTS
        for at in range(0, len(content) - 3, 4)
    ]
