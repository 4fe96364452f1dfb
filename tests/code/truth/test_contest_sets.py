"""Rows of APPS, TACO, LiveCodeBench and CodeContests, and verl's lists."""

import base64
import json
import pickle
import zlib

import pytest

from guerdon.sandbox import Limits
from guerdon.services.code.suite import Check, Compare, CompareMode
from guerdon.services.code.truth import unpacking

STDIO = {"inputs": ["1\n", ["2", "3"]], "outputs": ["1", ["2", "3"]]}
TOKENS = Compare(mode=CompareMode.TOKENS)
FRACTIONS = Compare(mode=CompareMode.FLOAT, tolerance=1e-5, abs_tolerance=1e-5, exact_integers=True)


def calls(**lists):
    """Lists whose tests call ``f``."""
    return {"fn_name": "f", **lists}


def packed(tests, pack=pickle.dumps):
    """Tests as LiveCodeBench packs them."""
    return base64.b64encode(zlib.compress(pack(json.dumps(tests)))).decode()


@pytest.mark.parametrize(
    "written",
    [
        {"input_output": json.dumps(STDIO), "question": "?", "solutions": "[]", "time_limit": "2.0 seconds"},
        {"input_output": STDIO},
        STDIO,
        json.dumps(STDIO),
        {"value": json.dumps({**STDIO, "fn_name": None})},
    ],
)
def test_lists_without_a_function_are_texts(suite_of, written):
    """Inputs and outputs are whole texts or lists of lines."""
    suite = suite_of(written)
    assert [(case.stdin, case.expected) for case in suite.stdio] == [(b"1\n", "1"), (b"2\n3", "2\n3")]
    assert (suite.kind, suite.compare) == ("stdio", TOKENS)


@pytest.mark.parametrize(
    ("outputs", "compare"),
    [
        (["10", "Case 1.: x3.5y"], TOKENS),
        (["0.50"], FRACTIONS),
        (["x 1e-7"], FRACTIONS),
        (["127.0.0.1 5"], FRACTIONS),
    ],
)
def test_tolerance_is_for_fractions_alone(suite_of, outputs, compare):
    """Where all expected numbers are whole, one that is nearly right is wrong."""
    assert suite_of({"inputs": ["1"] * len(outputs), "outputs": outputs}).compare == compare


def test_own_compare_wins(suite_of):
    """The caller's ``compare`` and limits stand beside the lists."""
    suite = suite_of({**STDIO, "compare": "exact", "cpu_limit_ms": 9})
    assert (suite.compare.mode, suite.limits.cpu_ms) == (CompareMode.EXACT, 9)


@pytest.mark.parametrize(
    ("lists", "args", "checks"),
    [
        (calls(inputs=[[1, [2]]], outputs=[5]), [(1, [2])], [Check(relation="json_equal", expected=5)]),
        (
            calls(inputs=[[1], [2]], outputs=[[5], [[6]]]),
            [(1,), (2,)],
            [
                Check(relation="json_equal", expected=5, also=([5],)),
                Check(relation="json_equal", expected=[6], also=([[6]],)),
            ],
        ),
        (
            calls(inputs=[[1], [2]], outputs=[[5], [6, 7]]),
            [(1,), (2,)],
            [Check(relation="json_equal", expected=[5]), Check(relation="json_equal", expected=[6, 7])],
        ),
        (
            calls(inputs=[[{"1": 2}, {"1": 2}]], outputs=[{"3": {"4": 5}}]),
            [({1: 2}, {"1": 2})],
            [Check(relation="json_equal", expected={3: {"4": 5}})],
        ),
        (
            calls(inputs=[[{"a": 2}]], outputs=[[{"3": 4}]]),
            [({"a": 2},)],
            [Check(relation="json_equal", expected={3: 4}, also=([{3: 4}],))],
        ),
        (
            calls(inputs=['[1, 2]\n"a"\n'], outputs=["[true]"]),
            [([1, 2], "a")],
            [Check(relation="json_equal", expected=[True])],
        ),
    ],
)
def test_lists_with_a_function_are_calls(suite_of, lists, args, checks):
    """Arguments and results follow the metric of APPS: wrapped results, integer keys, JSON lines."""
    suite = suite_of(lists)
    assert (suite.kind, suite.entry_point) == ("function", "f")
    assert [call.args for call in suite.calls] == args
    assert [call.check for call in suite.calls] == checks
    assert "from typing import *" in suite.prelude


def test_tolerance_of_wrapped_results_is_for_what_is_inside(suite_of):
    """With a stated tolerance the list around an output is taken for APPS's."""
    suite = suite_of({**calls(inputs=[[1]], outputs=[[0.5]]), "compare": {"tolerance": 0.1}})
    assert suite.calls[0].check == Check(relation="near", expected=0.5, tolerance=0.1)


def test_starter_code_tells_the_class(suite_of):
    """A function of LeetCode's form is a method of ``Solution``."""
    tests = json.dumps(calls(inputs=[[1]], outputs=[2]))
    row = {"input_output": tests, "starter_code": "class Solution:\n    def f(self, x):\n"}
    assert suite_of(row).entry_point == "Solution.f"


PUBLIC = [{"input": "1\n", "output": "2\n", "testtype": "stdin"}]
PRIVATE = [{"input": "3\n", "output": "4\n", "testtype": "stdin"}]
FUNCTIONAL = [{"input": '[1, 2]\n"a"', "output": "[3]", "testtype": "functional"}]


@pytest.mark.parametrize("private", [json.dumps(PRIVATE), PRIVATE, packed(PRIVATE)])
@pytest.mark.parametrize("public", [json.dumps(PUBLIC), PUBLIC])
def test_livecodebench_stdin_tests(suite_of, public, private):
    """Private tests count behind the public ones, in whatever form they are packed."""
    suite = suite_of({"question_title": "A", "public_test_cases": public, "private_test_cases": private})
    assert [(case.stdin, case.expected) for case in suite.stdio] == [(b"1\n", "2\n"), (b"3\n", "4\n")]
    assert [case.name for case in suite.stdio] == ["public_test_cases[0]", "private_test_cases[0]"]
    assert suite.compare == TOKENS


@pytest.mark.parametrize("protocol", range(6))
def test_pickles_of_all_protocols_are_read(suite_of, protocol):
    """A pickled string is read without running the pickle."""
    private = packed(PRIVATE, lambda text: pickle.dumps(text, protocol))
    assert suite_of({"public_test_cases": PUBLIC, "private_test_cases": private}).count == 2


@pytest.mark.parametrize(
    ("starter", "entry_point"),
    [("class Solution:\n    def f(self): ...", "Solution.f"), ("", "Solution.f"), ("def f(): ...", "f")],
)
@pytest.mark.parametrize("metadata", [{"func_name": "f"}, '{"func_name": "f"}'])
def test_livecodebench_functional_tests(suite_of, metadata, starter, entry_point):
    """Functional tests are calls with one JSON value a line."""
    suite = suite_of({"public_test_cases": FUNCTIONAL, "metadata": metadata, "starter_code": starter})
    assert suite.entry_point == entry_point
    (call,) = suite.calls
    assert (call.args, call.check) == (([1, 2], "a"), Check(relation="json_equal", expected=[3]))


def test_list_of_tests_is_enough(suite_of):
    """The list of tests alone, as a text, is a ground truth."""
    assert suite_of(json.dumps(PUBLIC)).stdio[0].expected == "2\n"


CODECONTESTS = {
    "name": "76_B. Mice",
    "public_tests": {"input": ["1\n"], "output": ["2\n"]},
    "private_tests": {"input": [], "output": []},
    "generated_tests": {"input": ["3\n"], "output": ["4\n"]},
}


def test_codecontests_groups_in_order(suite_of):
    """All groups of tests are used, with the data set's limits."""
    suite = suite_of(
        {**CODECONTESTS, "time_limit": {"seconds": 1, "nanos": 500_000_000}, "memory_limit_bytes": 99}
    )
    assert [(case.name, case.stdin) for case in suite.stdio] == [
        ("public_tests[0]", b"1\n"),
        ("generated_tests[0]", b"3\n"),
    ]
    assert suite.limits == Limits(cpu_ms=1500, memory_bytes=99)


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ({"time_limit": 3}, Limits(cpu_ms=3000)),
        ({"time_limit": 3, "cpu_limit_ms": 10}, Limits(cpu_ms=10)),
        ({"time_limit": None, "memory_limit_bytes": 0}, Limits()),
    ],
)
def test_codecontests_limits(suite_of, limits, expected):
    """A time limit may be a number of seconds; a stated CPU limit wins; 0 and null are none."""
    assert suite_of({**CODECONTESTS, **limits}).limits == expected


class Malicious:
    """Prints when it is unpickled."""

    def __reduce__(self):
        return (print, ("never",))


PACKED_FAULTS = [
    (packed(PRIVATE, lambda _: pickle.dumps(Malicious())), "does more than hold one string"),
    (packed(PRIVATE, lambda _: pickle.dumps(["a"])), "does more than hold one string"),
    (packed(PRIVATE, lambda _: b"\x80\x04."), "holds 0 strings instead of one"),
    (packed(PRIVATE, lambda _: b"\x80\x04\x8d\xff\xff\xff\xff\xff\xff\xff\x7f"), "no pickled string"),
    (packed(PRIVATE, lambda _: b"junk"), "the compressed tests are no pickled string"),
    (base64.b64encode(zlib.compress(b"x" * 99)[:-6]).decode(), "cut off"),
    ("!!!", "neither JSON nor base64"),
    ("abcd", "neither JSON nor base64"),
]


@pytest.mark.parametrize(("private", "message"), PACKED_FAULTS, ids=[message for _, message in PACKED_FAULTS])
def test_packed_tests_are_never_run(fault_of, private, message, capsys):
    """A pickle that is more than one string is refused, not loaded."""
    assert message in fault_of({"public_test_cases": PUBLIC, "private_test_cases": private})
    assert capsys.readouterr().out == ""


def test_unpacked_size_is_bounded(fault_of, monkeypatch):
    """A small text that unpacks to a huge one is refused."""
    monkeypatch.setattr(unpacking, "MAX_UNPACKED_BYTES", 1000)
    assert "unpack to more than 1000 bytes" in fault_of({"private_test_cases": packed(PRIVATE * 100)})


FAULTS = [
    ({"input_output": ""}, "input_output: no JSON"),
    ({"input_output": "{}"}, "input_output: Object missing required field `inputs`"),
    ({"input_output": {"inputs": [], "outputs": []}}, "input_output.inputs: is empty"),
    ({"inputs": ["1"], "outputs": []}, "outputs: has 0 members, but inputs has 1"),
    ({**STDIO, "assert_case": ["x"]}, "unknown field `assert_case`"),
    ({"inputs": [1], "outputs": ["1"]}, "inputs[0]: without `fn_name`"),
    (calls(inputs=[1], outputs=[1]), "inputs[0]: with `fn_name`"),
    (calls(inputs=["1"], outputs=[1]), "inputs[0]: is a text, so that its output has to be one too"),
    (calls(inputs=["x"], outputs=["1"]), "inputs[0]: no JSON"),
    ({"public_test_cases": "[]"}, "testtype: has to be"),
    ({"public_test_cases": PUBLIC + FUNCTIONAL}, "testtype: has to be"),
    ({"public_test_cases": "{}"}, "public_test_cases: is no list"),
    ({"public_test_cases": [{"input": "1"}]}, "public_test_cases[0]: Object missing required field `output`"),
    ({"public_test_cases": FUNCTIONAL}, "metadata.func_name: is missing"),
    ({"public_tests": {"input": ["1"], "output": []}}, "public_tests.output: has 0"),
    ({"public_tests": {"input": [], "output": []}}, "there are no tests"),
    ({"public_tests": {"input": [1], "output": ["1"]}}, "public_tests[0]: inputs and outputs are texts"),
    ({**CODECONTESTS, "time_limit": -1}, "time_limit: -1"),
    ({**CODECONTESTS, "time_limit": 100}, "cpu_limit_ms: 100000 is not between"),
    ({"question": "?", "answer": "!"}, "(answer, question) is no row of a known data set"),
    ({"value": ["a", 5]}, "tests are a JSON object, not list"),
    ("x = assert 42", "no JSON object of tests"),
    ("{", "ground truth: no JSON"),
    ("[" * 100_000, "ground truth: the JSON nests too deep"),
    ({"all_of": ["assert f(1)"]}, "of the form all_of holds no tests"),
]


@pytest.mark.parametrize(("written", "message"), FAULTS, ids=[message[:60] for _, message in FAULTS])
def test_broken_rows_are_refused(fault_of, written, message):
    """A row that cannot be judged is refused with the place that is wrong."""
    assert message in fault_of(written)
