"""Files of the host, its /proc, the engine's environment, and what an earlier run left."""

from guerdon.sandbox.selfcheck.probe import Probe

_READ = """
try:
    with open("@PATH@", "rb") as file:
        print(file.read(4096).decode(errors="replace"))
except OSError as error:
    refused(error)
else:
    reached("@PATH@ can be read")
"""
_CHANGE = """
try:
    CHANGE
except OSError as error:
    refused(error)
else:
    reached("WHAT")
"""


def _read(name: str, path: str, means: str) -> Probe:
    return Probe(name=name, means=means, source=_READ.replace("@PATH@", path))


def _change(name: str, change: str, what: str, means: str) -> Probe:
    return Probe(name=name, means=means, source=_CHANGE.replace("CHANGE", change).replace("WHAT", what))


_OWN = "programs cannot read the service's data, or the answers they are judged by"

PROBES = (
    _read("a file in the host's temporary folder", "@TEMP@", _OWN),
    _read("a file in the home folder", "@HOME@", "keys and tokens of the user stay secret"),
    _read("a file in the working folder", "@FOLDER@", "the service's code and settings stay secret"),
    _read("/etc/shadow", "/etc/shadow", "password hashes stay secret"),
    _read("/proc/self/environ", "/proc/self/environ", "what a process was started with cannot be read"),
    _read(
        "/proc/…/environ of the engine", "/proc/@PID@/environ", "secrets in the service's environment stay there"
    ),
    _read("/proc/…/cmdline of the engine", "/proc/@PID@/cmdline", "programs cannot see what else runs"),
    Probe(
        name="a list of processes",
        means="programs cannot see what else runs",
        source="""
try:
    found = [entry for entry in os.listdir("/proc") if entry.isdigit()]
except OSError as error:
    refused(error)
else:
    reached(f"{len(found)} processes in /proc") if found else refused("/proc is empty")
""",
    ),
    Probe(
        name="a secret in the environment",
        means="programs are started with nothing of the service's environment",
        source="""
import ctypes
libc = ctypes.CDLL(None)
libc.getenv.restype = ctypes.c_char_p
value = libc.getenv(b"@VARIABLE@")
if value is not None or "@VARIABLE@" in os.environ:
    reached("the engine's variable: " + repr(value))
else:
    refused("no such variable")
""",
    ),
    Probe(
        name="a descriptor of the engine or its slot",
        means="programs hold nothing open but their own input and outputs",
        source="""
def is_open(number):
    try:
        os.fstat(number)
    except OSError:
        return False
    return True
# 3 is the run's own channel, of which nothing is believed.
left = [number for number in range(4, 1024) if is_open(number)]
reached(f"descriptors {left}") if left else refused("none is open")
""",
    ),
    _change(
        "overwriting a file of the host",
        'open("@TEMP@", "r+b").close()',
        "a file of the host can be written",
        "programs cannot change the service's data",
    ),
    _change(
        "truncating a file of the host",
        'os.truncate("@TEMP@", 0)',
        "a file of the host was emptied",
        "programs cannot empty it",
    ),
    _change(
        "removing a file of the host",
        'os.unlink("@TEMP@")',
        "a file of the host was removed",
        "programs cannot remove it",
    ),
    _change(
        "changing the mode of a file of the host",
        'os.chmod("@TEMP@", 0o600)',
        "the mode of a file of the host was changed",
        "programs cannot take it from others, or give it to them",
    ),
    _change(
        "changing the times of a file of the host",
        'os.utime("@TEMP@", (0, 0))',
        "the times of a file of the host were changed",
        "programs cannot make it look older or newer than it is",
    ),
    _change(
        "a hard link to a file of the host",
        'os.link("@TEMP@", "link"); os.unlink("link")',
        "a file of the host was linked",
        "programs cannot bring it into reach",
    ),
    Probe(
        name="a file in a folder of the system",
        means="programs cannot plant anything for others",
        source="""
import json
answers = []
for folder in ("/", "/usr", "/usr/lib", "/etc", "/dev", "/var/tmp", os.path.dirname(json.__file__)):
    path = os.path.join(folder, "guerdon-check-@MARK@")
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        os.unlink(path)
    except OSError as error:
        answers.append(error)
    else:
        reached("a new file in " + folder)
refused(answers[0]) if answers else None
""",
    ),
    Probe(
        name="a file that the run before left",
        means="each run begins in an empty folder",
        runs=3,
        source="""
from pathlib import Path
places = [Path(folder, "guerdon-check-@MARK@") for folder in (".", "/tmp", "/dev/shm")]
if any(place.exists() for place in places):
    reached("what an earlier run wrote")
else:
    refused("there is none")
for place in places:
    try:
        place.write_text("left")
    except OSError:
        pass
""",
    ),
)
