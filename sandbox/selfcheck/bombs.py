"""What a program may use up: processes, threads, memory, disk, files, output. Each goes a few times over."""

import msgspec

from guerdon.sandbox.program import MEBIBYTE
from guerdon.sandbox.result import Verdict
from guerdon.sandbox.selfcheck.probe import LIMITS, Probe

_SMALL = msgspec.structs.replace(LIMITS, memory_bytes=64 * MEBIBYTE)
_FLOOD = msgspec.structs.replace(LIMITS, output_bytes=64 << 10)
_WIDE_DISK = msgspec.structs.replace(_SMALL, disk_bytes=512 * MEBIBYTE)

PROBES = (
    Probe(
        name="fork bomb",
        means="programs of a single-process language start no processes",
        source="""
import time
try:
    for count in range(300):
        if os.fork() == 0:
            time.sleep(2)
            os._exit(0)
except OSError as error:
    refused(error)
else:
    reached("300 processes")
""",
    ),
    Probe(
        name="fork bomb in Bash",
        means="programs that may start processes start only so many",
        language="bash",
        limits=msgspec.structs.replace(LIMITS, idle_ms=500),
        verdicts=frozenset({Verdict.IDLE_LIMIT, Verdict.RUNTIME_ERROR}),
        survivors=True,
        source="""
for ((count = 0; count < 300; count++)); do
  (exec -a @MARK@ sleep 20) &
  [[ $first ]] || first=$!
done
kill -0 "$first" && echo "reached: 300 processes"
""",
    ),
    Probe(
        name="a process that outlives its run",
        means="nothing runs on after the verdict",
        language="bash",
        survivors=True,
        verdicts=frozenset({Verdict.OK, Verdict.RUNTIME_ERROR, Verdict.SECURITY}),
        source="""
(trap '' TERM HUP; setsid bash -c 'exec -a @MARK@ sleep 30' >&- 2>&- &)
sleep 0.1
echo "refused: it is gone with its run"
""",
    ),
    Probe(
        name="thread bomb",
        means="programs have only so many threads",
        source="""
import threading
held = threading.Event()
threads = []
try:
    for _ in range(1000):
        threads.append(threading.Thread(target=held.wait, daemon=True))
        threads[-1].start()
except RuntimeError as error:
    refused(f"after {len(threads) - 1}: {error}")
else:
    reached(f"{len(threads)} threads")
os._exit(0)
""",
    ),
    Probe(
        name="memory bomb",
        means="memory is bounded, and the kernel or the runtime ends who wants more",
        limits=_SMALL,
        verdicts=frozenset({Verdict.MEMORY_LIMIT}),
        source="""
held = []
for _ in range(32):
    held.append(bytearray(os.urandom(1) * (16 << 20)))
reached("512 MiB")
""",
    ),
    Probe(
        name="memory bomb in /tmp",
        means="what is written to /tmp counts as memory too",
        limits=_WIDE_DISK,
        verdicts=frozenset({Verdict.MEMORY_LIMIT, Verdict.RUNTIME_ERROR}),
        needs=("root", "memory"),
        source="""
with open("filling", "wb", buffering=0) as file:
    for _ in range(32):
        file.write(bytes(8 << 20))
reached("256 MiB in a file")
""",
    ),
    Probe(
        name="one large file",
        means="no file grows beyond the disk limit",
        verdicts=frozenset({Verdict.RUNTIME_ERROR, Verdict.OK}),
        source="""
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with open("filling", "wb", buffering=0) as file:
    try:
        for _ in range(64):
            while file.write(bytes(1 << 20)) < 1 << 20:
                pass
    except OSError as error:
        refused(f"after {file.tell()} bytes: {error.strerror}")
    else:
        reached("64 MiB in one file")
""",
    ),
    Probe(
        name="disk fill by many files",
        means="all files together stay within the disk limit",
        needs=("root",),
        verdicts=frozenset({Verdict.RUNTIME_ERROR, Verdict.OK}),
        source="""
written = 0
try:
    for number in range(64):
        with open(f"filling{number}", "wb", buffering=0) as file:
            written += file.write(bytes(1 << 20))
except OSError as error:
    refused(f"after {written} bytes: {error.strerror}")
if written > 8 << 20:
    reached(f"{written} bytes on disk")
""",
    ),
    Probe(
        name="inode fill",
        means="there are only so many files",
        needs=("root",),
        source="""
count = 0
try:
    for count in range(2000):
        os.mkdir(f"folder{count}")
except OSError as error:
    refused(f"after {count}: {error.strerror}")
else:
    reached(f"{count + 1} folders")
""",
    ),
    Probe(
        name="open files",
        means="there are only so many open at once",
        source="""
held = []
try:
    for _ in range(1000):
        held.append(os.dup(1))
except OSError as error:
    refused(f"after {len(held)}: {error.strerror}")
else:
    reached("1000 descriptors")
""",
    ),
    Probe(
        name="output flood",
        means="output is cut at exactly the limit, and the verdict says so",
        limits=_FLOOD,
        verdicts=frozenset({Verdict.OUTPUT_LIMIT}),
        exact_output=True,
        source="""
for _ in range(64):
    os.write(1, b"x" * 65536)
""",
    ),
    Probe(
        name="flood of standard error",
        means="standard error is bounded as well",
        limits=_FLOOD,
        verdicts=frozenset({Verdict.OUTPUT_LIMIT}),
        source="""
for _ in range(64):
    os.write(2, b"x" * 65536)
""",
    ),
)
