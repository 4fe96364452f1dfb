"""Asserts lowered to calls, and what has to be run instead."""

import math

import pytest

from guerdon.services.code.suite import Check, ScriptTests

LOWERED = [
    ("assert f(1) == 2", (1,), Check(relation="equal", expected=2)),
    ("assert 2 == f(1)", (1,), Check(relation="equal", expected=2)),
    ("assert (f(1)) == 2, 'no: ' + str(f(1))", (1,), Check(relation="equal", expected=2)),
    ("assert f(1) != 2", (1,), Check(relation="not_equal", expected=2)),
    ("assert not f(1) == 2", (1,), Check(relation="not_equal", expected=2)),
    ("assert not f(1) != 2", (1,), Check(relation="equal", expected=2)),
    ("assert f(1) is True", (1,), Check(relation="is", expected=True)),
    ("assert f(1) is None", (1,), Check(relation="is", expected=None)),
    ("assert f(1) == None", (1,), Check(relation="equal", expected=None)),
    ("assert f() in (1, 2)", (), Check(relation="equal", expected=1, also=(2,))),
    ("assert round(f(), 2) == 0.5", (), Check(relation="equal", expected=0.5, wrapper="round", wrapper_args=(2,))),
    ("assert abs(f()) == 3", (), Check(relation="equal", expected=3, wrapper="abs")),
    ("assert abs(f() - 2.0) <= 0.5", (), Check(relation="near", expected=2.0, abs_tolerance=0.5)),
    ("assert 0.5 >= abs(2 - f())", (), Check(relation="near", expected=2, abs_tolerance=0.5)),
    (
        "assert abs(f() - 2.0) < 0.5",
        (),
        Check(relation="near", expected=2.0, abs_tolerance=math.nextafter(0.5, 0)),
    ),
    ("assert math.isclose(f(), 2)", (), Check(relation="near", expected=2, tolerance=1e-9, symmetric=True)),
    (
        "from math import isclose\nassert isclose(3.5, f(), rel_tol=0.1, abs_tol=1)",
        (),
        Check(relation="near", expected=3.5, tolerance=0.1, abs_tolerance=1, symmetric=True),
    ),
    ("want = [1]\nassert f() == want", (), Check(relation="equal", expected=[1])),
    (
        "import os\nfrom typing import *\nprint('go')\npass\nassert f() == 1",
        (),
        Check(relation="equal", expected=1),
    ),
    ("from solution import f\nassert f() == 1", (), Check(relation="equal", expected=1)),
    ("'''All of it.'''\nassert True, 'ok'\nassert f() == 1", (), Check(relation="equal", expected=1)),
]


@pytest.mark.parametrize(("source", "args", "check"), LOWERED, ids=[source[:60] for source, _, _ in LOWERED])
def test_simple_asserts_become_calls(suite_of, source, args, check):
    """An assert about one call and a literal is judged without running any test code."""
    suite = suite_of({"kind": "assert", "entry_point": "f", "test_code": source})
    assert [(call.args, call.check) for call in suite.calls] == [(args, check)]
    assert suite.script is None


LITERALS = [
    ("-1", -1),
    ("2 ** 10 - 3 * 19 / 2", 995.5),
    ("7 // 2 % 2", 1),
    ("'ab' * 2 + 'c'", "ababc"),
    ("[0] * 2 + [1]", [0, 0, 1]),
    ("float('inf')", math.inf),
    ("complex(1, 2) + 3j", 1 + 5j),
    ("{1: (2, None), 'a': b'x'}", {1: (2, None), "a": b"x"}),
    ("set()", set()),
    ("dict([(1, 2)])", {1: 2}),
    ("frozenset({1})", frozenset({1})),
    ("list(range(3))", [0, 1, 2]),
    ("sorted([2, 1])", [1, 2]),
    ("not 0", True),
]


@pytest.mark.parametrize(("written", "value"), LITERALS)
def test_literals_are_evaluated(suite_of, written, value):
    """Constants, containers, arithmetic and a few built-ins of them are data."""
    (call,) = suite_of({"kind": "assert", "test_code": f"assert f(k={written}) == 1"}).calls
    assert call.kwargs == {"k": value}
    assert type(call.kwargs["k"]) is type(value)


SCRIPTS = [
    "for i in range(3):\n    assert f(i) == i",
    "assert f(1) == f(2)",
    "assert f(1) == 2\nassert f(1) == 3",
    "assert f(1) == x",
    "x = g()\nassert f(x) == 1",
    "assert f(1) > 2",
    "assert f(1) is not None",
    "assert f(1) != None",
    "assert not f(1) == None",
    "assert f(1) in 'abc'",
    "assert f(1) in []",
    "assert 1 < f(1) < 3",
    "assert int(f(1)) == 1",
    "assert round(f(1), ndigits=2) == 1",
    "assert sorted(f(1), reverse=True) == [1]",
    "assert f(1)[0] == 1",
    "assert f(*[1]) == 1",
    "assert f(**{'a': 1}) == 1",
    "assert f(g(1)) == 1",
    "assert f(int) == 1",
    "assert f(...) == 1",
    "assert f([{**{}}]) == 1",
    "def sorted(x): return 1\nassert sorted(f(1)) == 1",
    "from lib import sorted\nassert sorted(f(1)) == [1]",
    "from lib import *\nassert f(1) == 1",
    "from lib import isclose\nassert isclose(f(1), 1)",
    "assert isclose(f(1), 1)",
    "x = [1]\nassert f(x) == 1\nassert f(x) == 1",
    "print(f(1))\nassert f(1)",
    "assert f(1) == 1, 'a'\nf(2)",
    "assert False\nassert f(1)",
    "assert (f(1), 'message')",
    "assert not (f(1) is None)",
    "assert abs(f(1) - 'a') < 1",
    "assert abs(f(1) - 1) < -1",
    "assert abs(g(1) - 1) < f(1)",
    "assert abs(f(1) - float('inf')) < 1",
    "assert math.isclose(f(1), float('nan'))",
    "assert math.isclose(f(1), 1, rel=2)",
    "assert math.isclose(1, 1) and f(1)",
    "assert f(1 / 0) == 1",
    "assert f({[]}) == 1",
    "assert f([1] + (2,)) == 1",
    "assert f('%s' % 1) == 1",
    "assert f(9 ** 9 ** 9) == 1",
    "assert f('a' * 10 ** 9) == 1",
    "assert f([[0] * 1000] * 1000) == 1",
    "assert f(str(['a' * 10 ** 6] * 10 ** 6)) == 1",
    "assert f(list(range(10 ** 9))) == 1",
    "assert f(" + "[" * 99 + "]" * 99 + ") == 1",
    "assert f({" + ",".join(str(n * (2**61 - 1)) for n in range(100)) + "}) == 1",
]


@pytest.mark.parametrize("source", SCRIPTS, ids=[source[:60] for source in SCRIPTS])
def test_everything_else_stays_a_script(suite_of, source):
    """A script with one part that is more than data is kept as it is written, whole."""
    suite = suite_of({"kind": "assert", "entry_point": "f", "test_code": source})
    assert suite.calls == ()
    assert suite.script is not None
    assert (suite.script.runner, suite.script.source) == ("script", source)


@pytest.mark.parametrize(
    "condition",
    [
        *(f"{wrapper}(f(1)) == 1" for wrapper in ("set", "sorted", "list", "tuple", "len", "sum", "str")),
        *("f(1)", "not f(1)", "f(1) and f(2) == 1", "f(1) and f(2) == True and f(3) == 1", "f(1) != None"),
    ],
)
def test_checks_that_take_objects_stay_a_script(suite_of, condition):
    """A right program may hand out an iterator, a view, a match, a date: what Python accepts is not refused."""
    assert suite_of({"kind": "assert", "entry_point": "f", "test_code": f"assert {condition}"}).calls == ()


def test_bare_truth_is_lowered_beside_booleans(suite_of):
    """Where every other check says that the result is a boolean, nothing else can be meant."""
    source = "assert f(1)\nassert not f(2)\nassert f(3) is True\nassert f(4) == False"
    calls = suite_of({"kind": "assert", "test_code": source}).calls
    assert [call.check.relation for call in calls] == ["truthy", "falsy", "is", "equal"]


def test_methods_of_a_fresh_object_are_lowered(suite_of):
    """``Solution().f(…)`` is a call of the entry point ``Solution.f``."""
    source = "assert Solution().f(1) == 2"
    suite = suite_of({"kind": "assert", "entry_point": "Solution.f", "test_code": source})
    assert [call.args for call in suite.calls] == [(1,)]


def test_conditions_joined_by_and_are_cases_of_their_own(suite_of):
    """All of them have to hold, so each is a case."""
    suite = suite_of({"kind": "assert", "test_code": "assert f(1) == 2 and f(3) != 2"})
    assert [call.args for call in suite.calls] == [(1,), (3,)]


def test_a_name_for_text_may_be_used_again(suite_of):
    """What the program cannot change may have a name and be used any number of times."""
    suite = suite_of({"kind": "assert", "test_code": "x = 'a'\nassert f(x) == x\nx = 'b'\nassert f(x) == x"})
    assert [(call.args, call.check.expected) for call in suite.calls] == [(("a",), "a"), (("b",), "b")]


def test_standard_modules_a_script_forgets_are_imported(suite_of):
    """Tests that rely on the program's imports find the standard modules in their own jail."""
    suite = suite_of({"kind": "assert", "test_code": "assert f(1) == sys.getsizeof(2)"})
    assert suite.script == ScriptTests(
        runner="script", source="assert f(1) == sys.getsizeof(2)", prelude="import sys\n"
    )


@pytest.mark.parametrize(
    ("source", "entry_point", "prelude"),
    [
        ("assert Counter(f([1])) == Counter([1])", "f", "from collections import Counter\n"),
        ("assert isclose(area(1), pi)", "area", "from math import isclose\nfrom math import pi\n"),
        ("assert f(1) == approx(2)", "f", "from pytest import approx\n"),
        ("assert np.allclose(f(1), pd.NA)", "f", "import numpy as np\nimport pandas as pd\n"),
        ("assert numpy.allclose(f(1), pytest.approx(2))", "f", "import numpy\nimport pytest\n"),
        ("import numpy as np\nassert np.allclose(f(1), 2)", "f", ""),
        ("np = Point(1)\nassert np.x == f(1) == f(2)", "f", ""),
        ("from collections import Counter\nassert Counter(f(1)) == Counter()", "f", ""),
        ("def sqrt(x): return f(x)\nassert sqrt(4) == 2", "f", ""),
        ("assert gcd(4, 6) == gcd(6, 4)", "gcd", ""),
        ("from solution import Counter\nassert Counter().n() == Counter().n()", "Counter", ""),
    ],
)
def test_names_of_the_library_are_the_librarys(suite_of, source, entry_point, prelude):
    """A name that the tests forget to import is never the program's, which would judge itself by it."""
    suite = suite_of({"kind": "assert", "test_code": source})
    assert suite.script is not None
    assert (suite.entry_point, suite.script.prelude) == (entry_point, prelude)
