r"""Counts the marks of reasoning in steps.

The kinds are open-r1's: ``Step 1:``, a numbered line (``1.``), a bullet line (``-``, ``*``), and the words
``First,`` ``Second,`` ``Next,`` ``Finally,``. Numbered lines and bullets count on every line, the first one
included, and a mark with nothing behind it on its line counts as none.
"""

from __future__ import annotations

import re

_MARK = re.compile(
    r"""
      ^[ \t]*+ (?: \d++\. | [-*] ) (?= [ \t]++ \S )
    | \b (?: Step[ ]\d++: | First, | Second, | Next, | Finally, ) (?= [ \t]*+ \S )
    """,
    re.MULTILINE | re.VERBOSE,
)


def count_steps(text: str) -> int:
    """Number of marks in a text; linear time."""
    return sum(1 for _ in _MARK.finditer(text))
