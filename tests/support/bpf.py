"""A small interpreter for filters, so that those of other machines can be tried here."""

import struct

from guerdon.sandbox.jail import seccomp


def interpret(program: bytes, machine: str, number: int, arguments: tuple[int, ...] = ()) -> int:
    """Run classic BPF over one call's ``seccomp_data`` as the kernel would."""
    full = (*arguments, *(0,) * (6 - len(arguments)))
    data = struct.pack("=IIQ6Q", number & 0xFFFFFFFF, seccomp.AUDIT_ARCHITECTURES[machine], 0, *full)
    code = list(struct.iter_unpack("=HBBI", program))
    at = value = 0
    while True:
        instruction, yes, no, k = code[at]
        at += 1
        if instruction == 0x20:
            (value,) = struct.unpack_from("=I", data, k)
        elif instruction == 0x54:
            value &= k
        elif instruction == 0x05:
            at += k
        elif instruction == 0x15:
            at += yes if value == k else no
        elif instruction == 0x35:
            at += yes if value >= k else no
        elif instruction == 0x06:
            return k
        else:
            assert instruction == 0x07, f"unknown instruction {instruction:#x}"
