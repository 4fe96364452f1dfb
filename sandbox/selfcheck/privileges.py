"""What rights a program runs with, as it sees them itself."""

from guerdon.sandbox.selfcheck.probe import Probe

PROBES = (
    Probe(
        name="the user",
        means="a program that broke out would be nobody in particular",
        source="""
ids = {*os.getresuid(), *os.getresgid(), *os.getgroups()}
reached(f"runs as root: {sorted(ids)}") if 0 in ids else refused(f"ids {sorted(ids)}")
""",
    ),
    Probe(
        name="becoming root",
        means="programs cannot become somebody else",
        source="""
for change in (lambda: os.setresuid(0, 0, 0), lambda: os.setresgid(0, 0, 0), lambda: os.setgroups([0])):
    try:
        change()
    except OSError as error:
        answer = error
    else:
        reached("the identity was changed")
refused(answer)
""",
    ),
    Probe(
        name="capabilities",
        means="no operation of root's is open to programs",
        source="""
sets = (ctypes.c_uint * 6)()
result, code = call(@capget@, (ctypes.c_uint * 2)(0x20080522, 0), sets)
held = [f"{word:#x}" for word in sets if word]
reached(f"capabilities {held}") if held or result else refused("all sets are empty")
""",
    ),
    Probe(
        name="no_new_privs",
        means="set-user-id programs such as sudo give nothing",
        source="""
import ctypes
value = ctypes.CDLL(None).prctl(39, 0, 0, 0, 0)
refused("it is set") if value == 1 else reached("it is not set")
""",
    ),
    Probe(
        name="the system call filter",
        means="calls that are not on the list are refused by the kernel",
        source="""
import ctypes
mode = ctypes.CDLL(None).prctl(21, 0, 0, 0, 0)
refused("seccomp mode 2, a filter") if mode == 2 else reached(f"seccomp mode {mode}")
""",
    ),
    Probe(
        name="a filter of the program's own",
        means="programs cannot answer calls in the kernel's place",
        source="""
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
code = (ctypes.c_ulonglong * 1)(0x7FFF000000000006)
class Filter(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("code", ctypes.c_void_p)]
if libc.prctl(22, 2, ctypes.byref(Filter(1, ctypes.addressof(code))), 0, 0) < 0:
    refused(OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno())))
else:
    reached("it was taken")
""",
    ),
)
