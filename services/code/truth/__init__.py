"""Reads ground truths: native tests and the rows of data sets, each into one :class:`Suite`."""

from guerdon.services.code.suite import NoTests, TruthError
from guerdon.services.code.truth.parse import parse_suite

__all__ = ["NoTests", "TruthError", "parse_suite"]
