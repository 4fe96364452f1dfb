"""Libraries of tests, and names of theirs that tests use and forget to import."""

from __future__ import annotations

_MODULES = {
    "math": "ceil comb fabs factorial floor gcd inf isclose isinf isnan lcm nan pi sqrt",
    "collections": "Counter OrderedDict defaultdict deque namedtuple",
    "copy": "deepcopy",
    "decimal": "Decimal",
    "fractions": "Fraction",
    "functools": "reduce",
    "itertools": "chain combinations permutations product",
    "numpy": "allclose array_equal",
    "numpy.testing": "assert_allclose assert_almost_equal assert_array_almost_equal assert_array_equal",
    "pytest": "approx raises",
}
LIBRARY = {name: module for module, names in _MODULES.items() for name in names.split()}
"""The module of each name."""
TOOLS = frozenset({"hypothesis", "mpmath", "numpy", "pandas", "pytest", "scipy", "sympy", "unittest"})
"""Modules of test code that are not the program, beside the standard library's."""
ALIASES = {"np": "numpy", "pd": "pandas"}
"""Modules by the short names that everybody gives them."""
