"""Ways out through the kernel: calls that change namespaces, reach into processes, or go around the filter."""

from guerdon.sandbox.selfcheck.probe import Probe, calls

_CALLS = (
    ("mount", "0, 0, 0, 0, 0, 0", "programs cannot rearrange their file system"),
    ("umount2", 'b"/tmp/nothing", 0', "programs cannot uncover what mounts hide"),
    ("pivot_root", 'b".", b"nothing"', "programs cannot leave their file system for another"),
    ("chroot", 'b"nothing"', "programs cannot climb out of their file system"),
    ("unshare", "0x10000000", "programs cannot make themselves root of namespaces of their own"),
    ("clone", "0x10010000, 0, 0, 0, 0", "programs cannot start a process in new namespaces"),
    ("setns", "-1, 0", "programs cannot join namespaces of others"),
    ("ptrace", "0x4206, @NEIGHBOUR@, 0, 0", "programs cannot take control of other processes"),
    (
        "process_vm_readv",
        "@PID@, (ctypes.c_ulong * 2)(ctypes.addressof(ctypes.create_string_buffer(64)), 1), 1, "
        "(ctypes.c_ulong * 2)(@ADDRESS@, @SIZE@), 1, 0",
        "programs cannot read memory of other processes",
    ),
    ("process_vm_writev", "@NEIGHBOUR@, 0, 0, 0, 0, 0", "programs cannot write memory of other processes"),
    ("pidfd_getfd", "-1, 0, 0", "programs cannot take open files of other processes"),
    ("kcmp", "@PID@, @PID@, 0, 0, 0", "programs cannot compare other processes, which tells of kernel addresses"),
    ("keyctl", "0, -3, 0", "keys of the user's keyring stay out of reach"),
    ("add_key", "0, 0, 0, 0, 0", "nothing can be left in a keyring"),
    ("bpf", "0, 0, 0", "programs load no code into the kernel"),
    ("io_uring_setup", "1, (ctypes.c_uint * 30)()", "no calls are made around the filter"),
    ("userfaultfd", "1", "a common tool of kernel exploits is out of reach"),
    ("perf_event_open", "0, 0, -1, -1, 0", "another common tool of kernel exploits is out of reach"),
    ("name_to_handle_at", "-1, 0, 0, 0, 0", "files cannot be named by number"),
    ("open_by_handle_at", "-1, 0, 0", "files cannot be opened by number, which goes around folders"),
    ("finit_module", "-1, 0, 0", "programs load no modules"),
    ("kexec_load", "0, 1 << 20, 0, 0", "programs load no other kernel"),
    ("sethostname", "0, -1", "the host's name is not theirs to change"),
    ("settimeofday", "0, 0", "the host's clock is not theirs to change"),
    ("personality", "0x0040000", "the layout of memory stays random"),
    ("shmget", "0, 0, 0o1600", "no memory is shared with other runs"),
)

PROBES = (
    *calls(_CALLS),
    Probe(
        name="a signal to everybody (kill -1)",
        means="programs cannot end the service or their neighbours",
        source="""
try:
    os.kill(-1, 0)
except OSError as error:
    refused(error)
else:
    reached("other processes can be signalled")
""",
    ),
    Probe(
        name="a signal to a process of this host",
        means="programs cannot end a neighbour",
        source="""
try:
    os.kill(@NEIGHBOUR@, 15)
except OSError as error:
    refused(error)
else:
    reached("another process was signalled")
""",
    ),
    Probe(
        name="a signal to the engine",
        means="programs cannot end the engine",
        source="""
answers = []
for target in {@PID@, os.getppid()} - {0}:
    try:
        os.kill(target, 0)
    except OSError as error:
        answers.append(error)
    else:
        reached(f"process {target} can be signalled")
refused(answers[0] if answers else "there is no parent to see")
""",
    ),
    Probe(
        name="starting another program",
        means="a single-process language stays a single process",
        source="""
try:
    os.posix_spawn("/bin/true", ["true"], {})
except OSError as error:
    refused(error)
else:
    reached("/bin/true was started")
""",
    ),
)
