"""Tells which form a ground truth has, and reads it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from guerdon.services.code.suite import NoTests, Suite, TruthError
from guerdon.services.code.truth import codecontests, humaneval, livecodebench
from guerdon.services.code.truth.code_tests import assert_suite, file_suite
from guerdon.services.code.truth.codecontests import codecontests_row
from guerdon.services.code.truth.fields import fault, read_json
from guerdon.services.code.truth.foreign import is_foreign
from guerdon.services.code.truth.humaneval import humaneval_row, humaneval_suite
from guerdon.services.code.truth.inputs_outputs import apps_row, lists_row
from guerdon.services.code.truth.livecodebench import livecodebench_row
from guerdon.services.code.truth.mbpp import mbpp_row, mbpp_suite
from guerdon.services.code.truth.native import function_suite, stdio_suite
from guerdon.services.contract import GroundTruth

_KINDS: dict[str, Callable[[dict[str, Any]], Suite]] = {
    "stdio": stdio_suite,
    "function": function_suite,
    "assert": assert_suite,
    "unittest": file_suite,
    "pytest": file_suite,
    "humaneval": humaneval_suite,
    "mbpp": mbpp_suite,
}


def parse_suite(truth: GroundTruth) -> Suite:
    """Return the tests of a ground truth.

    It is an object with ``kind``, a row of a data set (HumanEval, MBPP, APPS, TACO, LiveCodeBench, CodeContests),
    one of them as a JSON string, or a list of asserts.

    Raises:
        NoTests: it is no attempt at any of them, such as ``42``.
        TruthError: it is none of them, or cannot be used; the message begins with the place that is wrong.
    """
    if is_foreign(truth):
        raise NoTests(
            "it holds no tests, but what seems to be another verifier's; tests are an object with 'kind'"
        )
    if truth.form == "any_of":
        return _asserts(truth.texts)
    if truth.form == "text":
        return _parse(_object(truth.texts[0]))
    if truth.form in ("tests", "value"):
        return _parse(_object(truth.data) if isinstance(truth.data, str) else truth.data)
    raise TruthError(f"a ground truth of the form {truth.form} holds no tests; write an object with 'kind'")


def _object(text: str) -> Any:
    if text.lstrip()[:1] not in ("{", "["):
        raise TruthError("the ground truth is a text, but no JSON object of tests; write an object with 'kind'")
    return read_json(text, "ground truth")


def _asserts(texts: tuple[str, ...]) -> Suite:
    """A list of asserts, as MBPP's column ``test_list``; any other list would be one of accepted answers."""
    if not all(text.lstrip().startswith("assert") for text in texts):
        raise TruthError("a list of texts holds tests only if each is an assert; write an object with 'kind'")
    return mbpp_row({"test_list": list(texts)})


def _parse(data: Any) -> Suite:
    if isinstance(data, list) and data and all(isinstance(member, str) for member in data):
        return _asserts(tuple(data))
    if isinstance(data, list) and data and isinstance(data[0], dict):
        return livecodebench_row({"public_test_cases": data, "metadata": data[0].get("metadata")})
    if not isinstance(data, dict):
        raise TruthError(f"tests are a JSON object, not {type(data).__name__}; write an object with 'kind'")
    if "kind" in data:
        read = _KINDS.get(data["kind"]) if isinstance(data["kind"], str) else None
        if read is None:
            raise fault("kind", f"{str(data['kind'])[:100]!r} is unknown; there are {', '.join(_KINDS)}")
        return read(data)
    return _row(data)


def _row(row: dict[str, Any]) -> Suite:
    columns = row.keys()
    if columns >= humaneval.COLUMNS:
        return humaneval_row(row)
    if "test_list" in columns:
        return mbpp_row(row)
    if "input_output" in columns:
        return apps_row(row)
    if not columns.isdisjoint(livecodebench.COLUMNS):
        return livecodebench_row(row)
    if not columns.isdisjoint(codecontests.COLUMNS):
        return codecontests_row(row)
    if {"inputs", "outputs"} <= columns:
        return lists_row(row)
    shown = ", ".join(sorted(str(name)[:40] for name in columns)[:12])
    raise TruthError(
        f"the object ({shown}) is no row of a known data set; write one with 'kind': {', '.join(_KINDS)}"
    )
