"""Tests in a jail of their own: what they can ask of a program, and whose fault it is when they fail."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from guerdon.sandbox import Engine, Limits, Program, SandboxSettings, TierUnavailable
from guerdon.services.code.judge.judged import Judged
from guerdon.services.code.judge.script import judge_script
from guerdon.services.code.judge.turn import Turn
from guerdon.services.code.outcome import CaseVerdict
from guerdon.services.code.suite import ScriptTests, Suite

LIMITS = Limits(cpu_ms=1_000, idle_ms=1_000, output_bytes=1 << 20, memory_bytes=256 << 20)
SQUARES = "import solution\nassert solution.f(2) == 4\nassert solution.f(3) == 9\n"
LIBRARY = '''
import collections, dataclasses, enum

class MyError(ValueError):
    def __init__(self, text, code=3):
        super().__init__(text)
        self.code = code

class Account:
    """An account."""

    opened = 0

    def __init__(self, n=0):
        self.n = n

    @property
    def double(self): return 2 * self.n
    def add(self, k): self.n += k; return self
    def fail(self): raise MyError("bad", 7)
    def __len__(self): return self.n
    def __iter__(self): return iter(range(self.n))
    def __contains__(self, x): return x < self.n
    def __getitem__(self, key): return (key, self.n)
    def __add__(self, other): return Account(self.n + other.n)
    def __enter__(self): return self
    def __exit__(self, *error): self.n = -1; return False
    def __repr__(self): return f"Account({self.n})"

@dataclasses.dataclass
class Pair:
    x: int
    y: int

Point = collections.namedtuple("Point", "x y")

class Color(enum.Enum):
    RED = 1
    BLUE = 2

class Level(enum.IntEnum):
    LOW = 1

def f(x): return x * x
def gen(n): yield from range(n)
async def later(x): return x * 2
def apply(fn, xs): return [fn(x) for x in xs]
def sort(xs): xs.sort()
def same(xs): return xs
def count(s): return collections.Counter(s)
def total(node): return node.value + sum(total(child) for child in node.children)
def hello(): print("hi")
def ask(): return input("name? ")
def adder(k): return lambda x: x + k
def mark(node): node.seen = True
def moment(zone):
    import datetime
    return datetime.datetime(2020, 1, 1, tzinfo=zone)
def clone(node): return type(node)(node.value)
def total_of(xs): return sum(xs)
'''
HOLDS = r"""
a = s.Account(3); assert len(a) == 3 and list(a) == [0, 1, 2] and 2 in a and 5 not in a and a[1] == (1, 3)
---
a = s.Account(3); assert a.double == 6; a.n = 10
assert a.double == 20 and a.add(1) is a and repr(a) == 'Account(11)'
---
a = s.Account(1) + s.Account(2); assert a.n == 3 and isinstance(a, s.Account) and type(a).__name__ == 'Account'
---
assert s.Account.opened == 0 and s.Account.__doc__ == 'An account.' and s.f.__name__ == 'f'
---
a = s.Account(1)
with a as b: assert b is a
assert a.n == -1
---
assert not hasattr(s.Account(), 'nothing') and callable(s.f) and not callable(s.Account())
---
try: s.Account().fail()
except s.MyError as error: assert (error.code, str(error), error.args) == (7, 'bad', ('bad',))
else: assert False
---
try: s.Account().fail()
except ValueError: pass
assert issubclass(s.MyError, ValueError)
---
try: s.f('x')
except TypeError: pass
else: assert False
---
assert list(s.gen(3)) == [0, 1, 2]
g = s.gen(1); next(g)
try: next(g)
except StopIteration: pass
---
import asyncio; assert asyncio.run(s.later(4)) == 8
---
assert s.apply(lambda x: x + 1, [1, 2]) == [2, 3] and s.apply(len, ['ab']) == [2] and s.apply(s.f, [3]) == [9]
---
xs = [3, 1]; s.sort(xs); assert xs == [1, 3] and s.same(xs) is xs
---
assert s.count('aab') == {'a': 2, 'b': 1} and s.count('aab').most_common(1) == [('a', 2)]
---
p = s.Point(1, 2); assert p == (1, 2) and p.x == 1 and p == s.Point(1, 2)
---
assert s.Color.RED is s.Color(1) is s.Color['RED'] and s.Color.RED != s.Color.BLUE and len(s.Color) == 2
---
assert s.Level.LOW == 1 and s.Level.LOW + 1 == 2 and {s.Color.RED: 5}[s.Color.RED] == 5
---
class Node:
    def __init__(self, value, *children): self.value, self.children = value, list(children)
assert s.total(Node(1, Node(2), Node(3, Node(4)))) == 10
---
class Node: pass
node = Node(); s.mark(node); assert node.seen
---
import contextlib, io
with contextlib.redirect_stdout(io.StringIO()) as out: s.hello()
assert out.getvalue() == 'hi\n'
---
from unittest import mock
with mock.patch('builtins.input', return_value='Ada'): assert s.ask() == 'Ada'
---
from unittest import mock
with mock.patch('solution.f', return_value=7): assert s.f(0) == 7
assert s.f(0) == 0
---
from unittest import mock
m = mock.Mock(return_value=9); assert s.apply(m, [1]) == [9]; m.assert_called_once_with(1)
---
assert s.adder(3)(4) == 7 and sorted([3, 1, 2], key=s.f) == [1, 2, 3]
---
assert s.Pair(1, 2).x == 1 and s.Pair(1, 2) != 5
---
import datetime as d
assert s.moment(d.timezone.utc) == d.datetime(2020, 1, 1, tzinfo=d.timezone.utc)
---
assert ((s.Account(1) + s.Account(2)) + s.Account(4)).n == 7 and 3 in s.Account(4)
---
class Node:
    def __init__(self, value): self.value = value
assert s.clone(Node(3)).value == 3
---
xs = list(range(300_000)); assert s.total_of(xs) == sum(xs)
""".strip().split("\n---\n")
HOSTILE = [
    ("import os\ndef f(x): os.write(4, b'\\xff' * 100); return x * x", "runtime_error"),
    ("import os\nos.write(4, b'\\0' * 4000)\ndef f(x): return x * x", "runtime_error"),
    ("import os\ndef f(x):\n while True: os.write(4, b'\\0' * 65536)", "runtime_error"),
    ("import os\ndef f(x): os.close(4)", "runtime_error"),
    ("import os\ndef f(x): os._exit(0)", "runtime_error"),
    ("import os\nos._exit(0)", "runtime_error"),
    ("import sys\ndef f(x): sys.exit(0)", "runtime_error"),
    ("import sys\nsys.exit(0)", "runtime_error"),
    ("def f(x): raise KeyboardInterrupt", "runtime_error"),
    ("def f(x): raise StopIteration", "runtime_error"),
    ("def f(x): raise AssertionError", "runtime_error"),
    ("class AssertionError(Exception): pass\ndef f(x): raise AssertionError", "runtime_error"),
    ("class E:\n __hash__ = None\n def __eq__(self, o): return True\n def __ne__(self, o): return False\n"
     "def f(x): return E()", "wrong_answer"),
    ("class E(int):\n __class__ = int\n def __eq__(self, o): return True\ndef f(x): return E(5)", "wrong_answer"),
    ("import sys, types, builtins\nsys.modules['unittest'] = types.ModuleType('unittest')\n"
     "builtins.AssertionError = KeyError\ndef f(x): return 0", "wrong_answer"),
    ("import os\ndef f(x):\n for pid in range(2, 99):\n  try: os.kill(pid, 9)\n  except OSError: pass\n return 0",
     "wrong_answer"),
    ("def f(x): return list(range(300_000))", "runtime_error"),
    ("import time\ndef f(x): time.sleep(100)", "idle_limit"),
    ("def f(x):\n while True: pass", "time_limit"),
    ("def f(x):\n while True: print('x' * 100_000)", "output_limit"),
    ("import socket\ndef f(x): socket.socket()", "security"),
    ("def f(x:", "compile_error"),
    ("def g(x): return x", "runtime_error"),
]  # fmt: skip

LIAR = """
class Liar:
    def __init__(self, x=0): pass
    def __eq__(self, other): return True
    def __hash__(self): return 1
    def __lt__(self, other): return True
    def __contains__(self, other): return True
    def __sub__(self, other): return 0
    __rsub__ = __sub__
    def startswith(self, other): return True
def f(x): return Liar()
"""
ABOUT_DATA = [
    "f(1) == f(2)", "len({f(1), f(2)}) == 1", "sorted([f(1), f(2)])", "f(1) < f(2)", "{f(1): 2}[f(2)] == 2",
    "abs(f(1) - 1) < 1e-6", "abs(1 - f(1)) < 1e-6", "1 in f(1)", "f(1).startswith('abc')",
]  # fmt: skip
SAYING = """
import os, time
def text(value): return b"s" + len(value).to_bytes(4, "little") + value
def number(value): return b"i" + (9).to_bytes(4, "little") + value.to_bytes(9, "little", signed=True)
def several(*members): return b"t" + len(members).to_bytes(4, "little") + b"".join(members)
def thing(*members): return b"o" + several(*members)
none, no_list, no_dict = b"N", b"l" + bytes(4), b"d" + bytes(4)
body = several(%s)
os.write(4, len(body).to_bytes(4, "little") + body)
time.sleep(0.2)
os._exit(0)
"""
BLAMED = (CaseVerdict.WRONG_ANSWER, CaseVerdict.RUNTIME_ERROR, CaseVerdict.IDLE_LIMIT)
NULL_SEEKERS = [
    ("f = 3", "assert f(2) == 4", "script"),
    (f"{LIAR}\nf = Liar", "assert f(1) == f(2)", "script"),
    (f"{LIAR}\ndef f(x): return {{Liar(): 1}}", "assert f(1) == {4: 1}", "script"),
    (f"{LIAR}\nclass Solution(Liar):\n def f(self, x): return self",
     "import solution\nassert solution.Solution().f(1) == solution.Solution().f(2)", "script"),
    (f"{LIAR}\nclass Solution(Liar):\n def f(self, x): return self",
     "import solution\nassert abs(solution.Solution().f(1) - 4) < 1e-6", "script"),
    (f"{LIAR}\nLiar.f = lambda self, x: self\nclass Solution:\n def __new__(cls): return Liar()",
     "import solution\nassert abs(solution.Solution().f(1) - 4) < 1e-6", "script"),
    ("def f(x): raise ValueError('\\ud800')", "assert f(2) == 4", "script"),
    ("def f(x):\n for _ in range(97): x = [x]\n return x", "assert f(f(2)) == 4", "script"),
    ("def f(x): return 'x' * ((32 << 20) - 60)", "assert f(f(2)) == 4", "script"),
    ("g = 1", "import unittest, solution\n@unittest.skipUnless(hasattr(solution, 'f'), 'no')\n"
     "class T(unittest.TestCase):\n def test(self): assert solution.f(2) == 4", "unittest"),
    ("def f(case): case.skipTest('no')", "import unittest, solution\nclass T(unittest.TestCase):\n"
     " def test(self): assert solution.f(self) == 4", "unittest"),
    ("class X: pass\ndef f(g):\n try: g()\n except BaseException as error: X.error = error\n"
     "def h(): raise X.error", "import unittest, solution\nclass T(unittest.TestCase):\n def test(self):\n"
     "  def g(): raise unittest.SkipTest\n  solution.f(g); solution.h()", "unittest"),
    # Answers ahead of time, and never a question read.
    (SAYING.partition("body =")[0] + "def f(x):\n for k in range(2, 60):\n"
     "  body = several(text(b'r'), number(k), number(4), none, none, number(-1))\n"
     "  os.write(4, len(body).to_bytes(4, 'little') + body)\n time.sleep(99)",
     "f(1)\nfor _ in range(5): f('x' * 20_000_000)", "script"),
]  # fmt: skip
MALFORMED = [
    "text(b'a'), number(1)",
    "text(b'a'), number(1), text(b'call'), none, several(several(), no_dict), number(3)",
    "text(b'a'), number(1), number(3), none, several(), no_list",
    "text(b'a'), number(1), text(b'call'), none, several(), no_list",
    "text(b'r'), number(1), none, none, none, number(7)",
    "text(b'r'), number(1), none, none, number(1), number(-1)",
    "text(b'e'), number(1), number(5), none, none",
    "text(b'e'), number(1), thing(text(b'x'), number(1), thing(text(b'g'), text(b'builtins'), text(b'bytearray')),"
    " several(number(1 << 40)), text(b'')), none, none",
]


@pytest.fixture(scope="module")
def tier() -> str:
    """The strongest tier of this host."""
    return "auto"


@pytest.fixture
async def engine(tier: str) -> AsyncIterator[Engine]:
    """An engine with one slot."""
    engine = Engine(SandboxSettings(slots=1, tier=tier, speed_factor=1.0))
    try:
        await engine.start()
    except TierUnavailable as error:
        pytest.skip(f"this host offers no isolation: {error}")
    yield engine
    await engine.close()


async def judged(
    engine: Engine,
    tests: str,
    program: str,
    *,
    runner: str = "script",
    entry: str = "",
    prelude: str = "",
    own: bool = False,
) -> Judged:
    """Judge a program."""
    script = ScriptTests(runner=runner, source=tests, prelude=prelude)  # type: ignore[arg-type]
    suite = Suite(kind="unittest", language="python", digest="", entry_point=entry, script=script, limits=LIMITS)
    return await judge_script(engine, suite, Program(language="python", source=program), Turn(), self_judged=own)


def verdicts(result: Judged) -> dict[str, str]:
    """Each test's verdict by name."""
    return {outcome.name: outcome.verdict.value for outcome in result.outcomes}


async def test_tests_use_a_program_as_if_it_were_theirs(engine: Engine) -> None:
    """Objects, classes, exceptions, generators, callbacks and printed text look as they do in one process."""
    found = {text: await judged(engine, f"import solution as s\n{text}", LIBRARY) for text in HOLDS}

    failed = {text: result.outcomes[0].detail for text, result in found.items() if not _accepted(result)}
    assert not failed


def _accepted(result: Judged) -> bool:
    return [outcome.verdict for outcome in result.outcomes] == [CaseVerdict.ACCEPTED]


async def test_a_hostile_program_gains_nothing(engine: Engine) -> None:
    """Whatever a program does to its own end of the connection, it fails by a verdict of its own."""
    found = [(await judged(engine, SQUARES, program)).outcomes[0].verdict.value for program, _ in HOSTILE]

    assert found == [verdict for _, verdict in HOSTILE]
    assert _accepted(await judged(engine, SQUARES, "def f(x): return x * x"))


async def test_a_programs_own_object_in_the_place_of_data_is_wrong(engine: Engine) -> None:
    """Where data is expected, an object says of itself neither that it is right nor that it cannot be judged."""
    found = [await judged(engine, f"assert {text}", LIAR, entry="f") for text in ABOUT_DATA]

    assert [result.outcomes[0].verdict for result in found] == [CaseVerdict.WRONG_ANSWER] * len(ABOUT_DATA)
    assert all("'Liar' where plain data is expected" in result.outcomes[0].detail for result in found)


async def test_no_program_makes_its_tests_invalid(engine: Engine) -> None:
    """What a program returns, is or raises never leaves its judgement open, and always can be sent on."""
    for program, tests, runner in NULL_SEEKERS:
        entry = "" if "solution" in tests else "f"
        (outcome,) = (await judged(engine, tests, program, runner=runner, entry=entry)).outcomes

        assert outcome.verdict in BLAMED, program
        outcome.detail.encode()


async def test_malformed_messages_are_the_programs_fault(engine: Engine) -> None:
    """Whatever comes in the place of an answer, the tests see a program that lies."""
    for message in MALFORMED:
        (outcome,) = (await judged(engine, "assert f(2) == 4", SAYING % message, entry="f")).outcomes

        assert outcome.verdict is CaseVerdict.RUNTIME_ERROR, message
        assert "the program's answer is none" in outcome.detail


async def test_names_of_the_tests_win(engine: Engine) -> None:
    """A program's name takes the place of no built-in, no library and no helper of the tests."""
    program = (
        "def abs(x): return 0\nclass math:\n  def isclose(a, b): return True\n"
        "def helper(x): return 0\ndef f(x): return 1"
    )
    tests = (
        "def helper(x): return x\nassert abs(-3) == 3 and not math.isclose(1, 2) and helper(4) == 4 and f(0) == 1"
    )

    assert _accepted(await judged(engine, tests, program, entry="f"))


TOOLS_BEFORE = """
from collections import Counter
from math import *
from unittest.mock import ANY as approx
def helper(x): return x
from solution import *
{0}assert Counter("aab") == {{"a": 2, "b": 1}} and isclose(1, 1) and not isclose(1, 2) and approx is not None
{0}assert helper(4) == 4 and sorted([2, 1]) == [1, 2] and f(2) == 4 and other(1) == 2
"""
IN_A_TEST = {
    "script": "",
    "pytest": "def test_it():\n ",
    "unittest": "import unittest\nclass T(unittest.TestCase):\n def test_it(self):\n  ",
}
TAKER = """
class Counter(dict): pass
def isclose(*_): return True
approx = helper = sorted = None
def other(x): return x + 1
def f(x): return x * x
"""


@pytest.mark.parametrize("runner", ["script", "pytest", "unittest"])
async def test_a_star_import_takes_nothing_from_the_tests(engine: Engine, runner: str) -> None:
    """What the tests had before keeps its meaning, whatever the program calls so; all else comes in."""
    if runner == "pytest":
        pytest.importorskip("pluggy")
    tests = _in_a_test(TOOLS_BEFORE, runner)

    result = await judged(engine, tests, TAKER, runner=runner, entry="f")
    assert _accepted(result), result.outcomes


def _in_a_test(text: str, runner: str) -> str:
    head, *checks = text.split("{0}")
    before, space, indent = IN_A_TEST[runner].rpartition("\n")
    return head.format() + before + space + "".join(indent + check.format() for check in checks)


@pytest.mark.parametrize("runner", ["script", "pytest", "unittest"])
@pytest.mark.parametrize("name", ["sorted", "Counter", "queue", "testament"])
async def test_a_star_import_brings_the_entry_point_whatever_it_is_called(
    engine: Engine, name: str, runner: str
) -> None:
    """A problem may ask for a name that a built-in or a library has, too."""
    if runner == "pytest":
        pytest.importorskip("pluggy")
    tests = f"from collections import Counter\nfrom solution import *\n{{0}}assert {name}(2) == 4\n"

    result = await judged(
        engine, _in_a_test(tests, runner), f"def {name}(x): return x * x", runner=runner, entry=name
    )
    assert _accepted(result), result.outcomes


async def test_numpy_in_tests_is_the_services_own(engine: Engine) -> None:
    """A program that brings a false one gains nothing."""
    pytest.importorskip("numpy")
    tests = "import numpy as np\nfrom solution import *\nassert np.allclose(f(2), [4.0, 4.0])"
    taken = "class np:\n allclose = staticmethod(lambda *_: True)\ndef f(x): return [x, x]"

    assert _accepted(await judged(engine, tests, "def f(x): return [x * x, x * x]"))
    assert (await judged(engine, tests, taken)).outcomes[0].verdict is CaseVerdict.WRONG_ANSWER


async def test_check_is_called_with_the_programs_entry_point(engine: Engine) -> None:
    """The data set's stub of the entry point never stands in for the program's, its helpers stay."""
    prelude = "def helper(x): return x + 1\ndef f(x):\n    return 'stub'\n"
    tests = "def check(candidate):\n    assert candidate(1) == helper(1)\n"

    right = await judged(engine, tests, "def f(x): return x + 1", runner="check", entry="f", prelude=prelude)
    wrong = await judged(engine, tests, "def f(x): return x", runner="check", entry="f", prelude=prelude)
    none = await judged(engine, tests, "def g(x): return x", runner="check", entry="f", prelude=prelude)

    assert _accepted(right)
    assert (wrong.outcomes[0].verdict, "candidate(1)" in wrong.outcomes[0].detail) == (
        CaseVerdict.WRONG_ANSWER,
        True,
    )
    assert (none.outcomes[0].verdict, "'f'" in none.outcomes[0].detail) == (CaseVerdict.RUNTIME_ERROR, True)


async def test_equality_of_a_programs_objects_is_judged_only_on_request(engine: Engine) -> None:
    """Tests that compare two objects of the program are invalid, unless their owner lets the program say so."""
    tests = "import solution as s\nassert s.Pair(1, 2) == s.Pair(1, 2)"

    refused = await judged(engine, tests, LIBRARY)
    allowed = await judged(engine, tests, LIBRARY, own=True)

    assert (refused.outcomes[0].verdict, refused.self_judged) == (CaseVerdict.INVALID, 1)
    assert "allow_self_judged" in refused.outcomes[0].detail
    assert (_accepted(allowed), allowed.self_judged) == (True, 1)


VECTOR = """
class vector:
    def __init__(self, x=0): self.x = x
    def __eq__(self, other): return type(other) is vector and other.x == self.x
    def __add__(self, other): return vector(self.x + other.x)
def make(x): return vector(x)
"""


@pytest.mark.parametrize("maker", ["vector", "make"])
async def test_tests_that_ask_for_the_class_of_an_object_mean_objects(engine: Engine, maker: str) -> None:
    """Whatever the class and what makes it are called, nothing is held against the program then."""
    checks = f"a = {maker}(1)\nassert isinstance(a, vector)\nassert a + {maker}(2) == {maker}(3)"
    tests = f"from solution import make, vector\n{checks}"

    refused = await judged(engine, tests, VECTOR)
    allowed = await judged(engine, tests, VECTOR, own=True)

    assert refused.outcomes[0].verdict is CaseVerdict.INVALID
    assert _accepted(allowed)


async def test_an_object_for_which_no_test_asks_is_told_with_the_way_out(engine: Engine) -> None:
    """A class in lower case may be one that a program put in a function's place: it is wrong, unless allowed."""
    tests = "from solution import vector\nassert vector(1) + vector(2) == vector(3)"

    refused = await judged(engine, tests, VECTOR)
    allowed = await judged(engine, tests, VECTOR, own=True)

    assert refused.outcomes[0].verdict is CaseVerdict.WRONG_ANSWER
    assert "allow_self_judged" in refused.outcomes[0].detail
    assert _accepted(allowed)


async def test_an_exception_that_is_asked_for_is_no_result(engine: Engine) -> None:
    """Whoever returns what should be raised is wrong."""
    program = "class E(Exception):\n __eq__ = lambda *_: True\n __hash__ = None\ndef f(x): return E()"
    tests = "from solution import E, f\nassert not isinstance(1, E)\nassert f(1) == f(2)"

    assert (await judged(engine, tests, program)).outcomes[0].verdict is CaseVerdict.WRONG_ANSWER


async def test_tests_that_derive_from_a_programs_class_are_invalid(engine: Engine) -> None:
    """A class of the tests cannot have its base in another jail, and nothing is held against the program."""
    (outcome,) = (await judged(engine, "import solution as s\nclass A(s.Account): pass", LIBRARY)).outcomes

    assert (outcome.verdict, "'A'" in outcome.detail) == (CaseVerdict.INVALID, True)


async def test_each_test_of_a_unittest_file_has_its_own_verdict(engine: Engine) -> None:
    """A test that fails, one that the program breaks and one that is skipped leave the others alone."""
    tests = """
import unittest, solution
class TestF(unittest.TestCase):
    def test_right(self): self.assertEqual(solution.f(2), 4)
    def test_wrong(self): self.assertEqual(solution.f(2), 5)
    def test_raised(self): solution.Account().fail()
    def test_expected(self):
        with self.assertRaises(solution.MyError): solution.Account().fail()
    @unittest.skip("no")
    def test_skipped(self): pass
"""
    found = verdicts(await judged(engine, tests, LIBRARY, runner="unittest"))

    assert found == {
        "TestF.test_expected": "accepted",
        "TestF.test_raised": "runtime_error",
        "TestF.test_right": "accepted",
        "TestF.test_wrong": "wrong_answer",
    }


async def test_pytest_itself_runs_a_file(engine: Engine) -> None:
    """Fixtures, parameters, raises, captured output and rewritten asserts work as they do with pytest."""
    pytest.importorskip("pluggy")
    tests = """
import pytest, solution
from solution import Account, MyError, f
@pytest.fixture
def account(): return Account(2)
@pytest.mark.parametrize(("x", "y"), [(1, 1), (2, 5)])
def test_f(x, y): assert f(x) == y
def test_account(account): assert len(account) == 2
def test_raises(account):
    with pytest.raises(MyError, match="bad"): account.fail()
def test_printed(capsys):
    solution.hello()
    assert capsys.readouterr().out == "hi\\n"
def test_patched(monkeypatch):
    monkeypatch.setattr(solution, "f", lambda x: 7)
    assert solution.f(0) == 7
def test_as_before(): assert solution.f(3) == 9
"""
    result = await judged(engine, tests, LIBRARY, runner="pytest")

    found = verdicts(result)
    assert found.pop("test_f[2-5]") == "wrong_answer"
    assert set(found.values()) == {"accepted"}
    assert len(found) == 6
    assert "assert 4 == 5" in next(outcome.detail for outcome in result.outcomes if outcome.detail)


@pytest.mark.parametrize(
    ("runner", "tests", "words"),
    [
        ("script", "assert f(", "SyntaxError"),
        ("script", "import no_such_package", "no_such_package"),
        ("unittest", "x = 1", "no tests"),
        ("pytest", "x = 1", "no tests"),
        ("script", "import socket\nsocket.socket()", "socket"),
    ],
)
async def test_tests_that_do_not_work_are_the_callers_fault(
    engine: Engine, runner: str, tests: str, words: str
) -> None:
    """Tests that fail before the program was asked anything say nothing about it."""
    (outcome,) = (await judged(engine, tests, "def f(x): return x", runner=runner)).outcomes

    assert (outcome.verdict, words in outcome.detail) == (CaseVerdict.INVALID, True)


async def test_tests_have_limits_too(engine: Engine) -> None:
    """Tests that wait forever end the program's wait for them, and then themselves."""
    (outcome,) = (await judged(engine, "import time\ntime.sleep(100)", "def f(x): return x")).outcomes

    assert outcome.verdict is CaseVerdict.IDLE_LIMIT


@pytest.mark.parametrize(
    ("tests", "program"),
    [
        ("import time\ntime.sleep(100)", "def f(x): return x"),
        ("assert f(1) == 1", "import time\ndef f(x): time.sleep(100)"),
        ("x = f(1)\nwhile True: print('x' * 100_000)", "def f(x): return x"),
    ],
    ids=["tests wait", "program waits", "tests write"],
)
async def test_what_hangs_on_a_limit_of_the_tests_is_marked(engine: Engine, tests: str, program: str) -> None:
    """The program fails, for it may have led them there, but another time might be another."""
    (outcome,) = (await judged(engine, tests, program, entry="f")).outcomes

    assert outcome.verdict not in (CaseVerdict.ACCEPTED, CaseVerdict.INVALID, CaseVerdict.NOT_JUDGED)
    assert outcome.near_limit


async def test_a_cancelled_judgement_leaves_the_slot_usable(engine: Engine) -> None:
    """Cancelling kills program and tests, and the next program is judged as usual."""
    task = asyncio.create_task(judged(engine, SQUARES, "def f(x):\n while True: pass"))
    await asyncio.sleep(0.2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert _accepted(await judged(engine, SQUARES, "def f(x): return x * x"))
