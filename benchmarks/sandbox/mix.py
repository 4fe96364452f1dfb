"""Programs of all sorts with what must come of them, worked out here and not in a sandbox.

Some do what the next run must not feel: leave files, threads and broken modules, fill memory, flood, attack.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from guerdon.sandbox import Case, CaseResult, Limits, Program, Verdict
from guerdon.sandbox.jail.values import decode

Check = Callable[[CaseResult], str]
"""Says what is wrong with a result; empty if it is right."""

OTHER_LANGUAGES = ("cpp", "bash")
"""Languages beside Python of which there are samples."""
FLOOD_BYTES = 64 << 10
_MEBIBYTE = 1 << 20
_ATTACKS = (
    ("import socket\nsocket.socket()", "socket:"),
    ("import os\nos.fork()", "process:"),
    ("import os\nos.execv('/bin/sh', ['sh', '-c', 'echo out'])", "process:"),
    ("import ctypes\nctypes.CDLL(None).ptrace(0, 0, 0, 0)", "syscall:ptrace"),
    ("import ctypes\nctypes.CDLL(None).mount(b'x', b'/tmp', b'tmpfs', 0, None)", "syscall:mount"),
    ("import ctypes\nctypes.CDLL(None).unshare(0x10000000)", "process:namespace"),
    ("import subprocess\nsubprocess.run(['id'])", "process:"),
)
# Each ends well, and the next run must find nothing of it.
_LITTER = (
    "for n in range(20):\n    open(f'/tmp/left-{n}', 'w').write('x' * 1000)",
    "import os\nos.makedirs('/tmp/a/b/c')\nos.symlink('/etc/passwd', '/tmp/link')",
    "open('/dev/shm/left', 'wb').write(bytes(1 << 20))",
    "import threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()",
    "import builtins, json, sys\nbuiltins.sum = None\njson.dumps = None\nsys.modules['math'] = None",
    "import os\nos.chdir('/tmp')\nos.umask(0o777)\nos.environ['PYTHONHASHSEED'] = '7'",
    "import resource\nresource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))",
    "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nsignal.alarm(60)",
)
_CLEAN = "import os\nprint(sorted(os.listdir('/tmp')), len(os.listdir('/dev/shm')))"
_THREADS = """
import threading
found, lock = [], threading.Lock()
def work(n):
    total = sum(range(n))
    with lock:
        found.append(total)
threads = [threading.Thread(target=work, args=(n,)) for n in {sizes}]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(sorted(found))
"""
_FUNCTIONS: tuple[tuple[str, Callable[[list[int]], object]], ...] = (
    ("return sum(x * x for x in xs)", lambda xs: sum(x * x for x in xs)),
    ("return sorted(set(xs))", lambda xs: sorted(set(xs))),
    ("return {str(x): xs.count(x) for x in xs}", lambda xs: {str(x): xs.count(x) for x in xs}),
    ("return (max(xs), min(xs), len(xs) / 3)", lambda xs: (max(xs), min(xs), len(xs) / 3)),
)
_TRANSFORMS: tuple[tuple[str, Callable[[list[str]], str]], ...] = (
    ("print(*sorted(input().split()))", lambda words: " ".join(sorted(words))),
    ("print(sum(map(len, input().split())))", lambda words: str(sum(map(len, words)))),
    ("import sys\nprint(sys.stdin.read().strip().upper()[::-1])", lambda words: " ".join(words).upper()[::-1]),
    (
        "import hashlib, sys\nprint(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())",
        lambda words: hashlib.sha256(" ".join(words).encode()).hexdigest(),
    ),
    (
        "import collections, json\nprint(json.dumps(sorted(collections.Counter(input().split()).values())))",
        lambda words: str(sorted(words.count(word) for word in set(words))),
    ),
)
_CPP = "#include <iostream>\nint main() { long a, sum = 0; while (std::cin >> a) sum += a; std::cout << sum; }"
_BASH = "read -r a b\necho $((a * b))"


@dataclass(frozen=True)
class Sample:
    """One submission and what is right for each of its cases."""

    kind: str
    program: Program
    cases: Sequence[Case]
    limits: Limits
    checks: Sequence[Check]


class Mix:
    """An endless supply of samples.

    Args:
        seed: the same seed gives the same samples.
        languages: kinds of other languages are left out.
    """

    def __init__(self, seed: int, languages: Collection[str]) -> None:
        self._random = random.Random(seed)  # noqa: S311 - to be repeatable, no secret
        weights: dict[Callable[[], Sample], int] = {
            self._trivial: 400,
            self._transform: 200,
            self._batch: 20,
            self._calls: 40,
            self._error: 80,
            self._security: 60,
            self._litter: 60,
            self._clean: 60,
            self._threads: 30,
            self._flood: 20,
            self._memory: 15,
            self._time: 8,
            self._idle: 8,
        }
        if "cpp" in languages:
            weights[self._cpp] = 20
        if "bash" in languages:
            weights[self._bash] = 15
        self._kinds, self._weights = list(weights), list(weights.values())

    def next(self) -> Sample:
        """Another one."""
        return self._random.choices(self._kinds, self._weights)[0]()

    def _trivial(self) -> Sample:
        a, b = self._random.randrange(10**6), self._random.randrange(10**6)
        return _stdio("trivial", f"print({a}+{b})", f"{a + b}\n")

    def _transform(self) -> Sample:
        source, answer = self._random.choice(_TRANSFORMS)
        words = self._words()
        return _stdio("transform", source, answer(words) + "\n", stdin=" ".join(words))

    def _batch(self) -> Sample:
        source, answer = self._random.choice(_TRANSFORMS)
        inputs = [self._words() for _ in range(8)]
        return Sample(
            kind="batch",
            program=_python(source),
            cases=[Case(stdin=" ".join(words).encode()) for words in inputs],
            limits=Limits(),
            checks=[_prints(answer(words) + "\n") for words in inputs],
        )

    def _calls(self) -> Sample:
        body, answer = self._random.choice(_FUNCTIONS)
        inputs = [[self._random.randrange(-50, 50) for _ in range(9)] for _ in range(4)]
        return Sample(
            kind="calls",
            program=Program(language="python", source=f"def f(xs):\n    {body}", entry="f"),
            cases=[Case.of_call(xs) for xs in inputs],
            limits=Limits(),
            checks=[_returns(answer(xs)) for xs in inputs],
        )

    def _error(self) -> Sample:
        source, code, says = self._random.choice(
            [
                ("print(1)\n1/0", 1, b"ZeroDivisionError"),
                ("raise ValueError('no')", 1, b"ValueError: no"),
                ("import sys\nsys.exit(7)", 7, b""),
                ("import os\nos._exit(9)", 9, b""),
                ("def f(): f()\nf()", 1, b"RecursionError"),
                ("x = [", 1, b"SyntaxError"),
            ]
        )

        def check(result: CaseResult) -> str:
            verdicts = (
                (Verdict.RUNTIME_ERROR, Verdict.COMPILE_ERROR)
                if says == b"SyntaxError"
                else (Verdict.RUNTIME_ERROR,)
            )
            right = result.verdict in verdicts and result.exit_code == code and says in result.stderr
            return "" if right else f"{result.verdict}, exit code {result.exit_code}, {result.stderr[-80:]!r}"

        return _one("error", _python(source), check)

    def _security(self) -> Sample:
        source, fired = self._random.choice(_ATTACKS)

        def check(result: CaseResult) -> str:
            right = result.verdict is Verdict.SECURITY and result.filter.startswith(fired)
            return "" if right else f"{result.verdict} by {result.filter!r}: {source!r}"

        return _one("security", _python(source), check)

    def _litter(self) -> Sample:
        return _stdio("litter", f"{self._random.choice(_LITTER)}\nprint('done', flush=True)", "done\n")

    def _clean(self) -> Sample:
        return _stdio("clean", _CLEAN, "[] 0\n")

    def _threads(self) -> Sample:
        sizes = [self._random.randrange(100) for _ in range(8)]
        return _stdio("threads", _THREADS.format(sizes=sizes), f"{sorted(sum(range(n)) for n in sizes)}\n")

    def _flood(self) -> Sample:
        def check(result: CaseResult) -> str:
            exact = result.stdout == b"x" * FLOOD_BYTES and result.stdout_bytes > FLOOD_BYTES
            return (
                ""
                if result.verdict is Verdict.OUTPUT_LIMIT and exact
                else f"{result.verdict}, {len(result.stdout)} bytes"
            )

        source = "import sys\nwhile True: sys.stdout.write('x' * 8192)"
        return _one("flood", _python(source), check, Limits(output_bytes=FLOOD_BYTES))

    def _memory(self) -> Sample:
        source = self._random.choice(["x = bytearray(300 << 20)", "x = []\nwhile True: x.append(bytes(100_000))"])
        limits = Limits(memory_bytes=48 * _MEBIBYTE)
        return _one("memory", _python(source), _ends(Verdict.MEMORY_LIMIT), limits)

    def _time(self) -> Sample:
        return _one("time", _python("while True: pass"), _ends(Verdict.TIME_LIMIT), Limits(cpu_ms=40))

    def _idle(self) -> Sample:
        return _one("idle", _python("import time\ntime.sleep(60)"), _ends(Verdict.IDLE_LIMIT), Limits(idle_ms=40))

    def _cpp(self) -> Sample:
        numbers = [self._random.randrange(10**9) for _ in range(20)]
        case = Case(stdin=" ".join(map(str, numbers)).encode())
        return Sample("c++", Program(language="cpp", source=_CPP), [case], Limits(), [_prints(str(sum(numbers)))])

    def _bash(self) -> Sample:
        a, b = self._random.randrange(1000), self._random.randrange(1000)
        program = Program(language="bash", source=_BASH)
        return Sample("bash", program, [Case(stdin=f"{a} {b}\n".encode())], Limits(), [_prints(f"{a * b}\n")])

    def _words(self) -> list[str]:
        letters = "abcdeéß✓"
        return ["".join(self._random.choices(letters, k=self._random.randint(1, 6))) for _ in range(12)]


def _python(source: str) -> Program:
    return Program(language="python", source=source)


def _one(kind: str, program: Program, check: Check, limits: Limits | None = None, stdin: str = "") -> Sample:
    return Sample(kind, program, [Case(stdin=stdin.encode())], limits or Limits(), [check])


def _stdio(kind: str, source: str, expected: str, stdin: str = "") -> Sample:
    return _one(kind, _python(source), _prints(expected), stdin=stdin)


def _prints(expected: str) -> Check:
    def check(result: CaseResult) -> str:
        if result.verdict is Verdict.OK and result.stdout == expected.encode():
            return ""
        return f"{result.verdict} {result.detail}, {result.stdout[-80:]!r} {result.stderr[-160:]!r}"

    return check


def _returns(expected: object) -> Check:
    def check(result: CaseResult) -> str:
        if result.verdict is not Verdict.OK:
            return f"{result.verdict} {result.detail}, {result.stderr[-160:]!r}"
        value = decode(result.value)
        return "" if value == expected else f"{value!r} for {expected!r}"

    return check


def _ends(verdict: Verdict) -> Check:
    return lambda result: (
        "" if result.verdict is verdict else f"{result.verdict} {result.detail} {result.stderr[-160:]!r}"
    )
