"""Shows on this very host what the sandbox holds, by trying from inside what programs must not be able to do.

Most modules are one group of checks each, and most checks are data: a small program and what must become of it.
"""

from guerdon.sandbox.selfcheck.check import selfcheck
from guerdon.sandbox.selfcheck.finding import Finding, Report, State

__all__ = ["Finding", "Report", "State", "selfcheck"]
