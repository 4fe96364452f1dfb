"""Names of programming languages as they stand in the info string of a code fence."""

from __future__ import annotations

import re
from collections.abc import Mapping

_WORD = re.compile(r"(?:\{[ \t]*+\.?)?([\w+#.-]++)(.?)")

_FAMILIES = (
    ("python", "py", "python3", "py3"),
    ("c++", "cpp", "cxx", "cc"),
    ("c#", "csharp", "cs"),
    ("go", "golang"),
    ("haskell", "hs"),
    ("javascript", "js", "node"),
    ("julia", "jl"),
    ("kotlin", "kt"),
    ("ruby", "rb"),
    ("rust", "rs"),
    ("bash", "sh", "shell"),
    ("typescript", "ts"),
)

_CANONICAL: Mapping[str, str] = {alias: family[0] for family in _FAMILIES for alias in family}


def canonical_language(name: str) -> str:
    """The one name of a language, whatever its case or alias; an unknown one stands for itself."""
    name = name.casefold()
    return _CANONICAL.get(name, name)


def language_of_info(info: str) -> str:
    """Canonical language of an info string, or an empty string.

    The language is the first word; attributes may follow after a space, a comma, a colon or in braces, and all of
    it may stand in braces as Pandoc writes it: ``python title="a.py"``, ``python,ignore``, ``{.python .numbers}``.
    """
    word = _WORD.match(info)
    if word is None or word[2] not in {"", " ", "\t", ",", ";", ":", "{", "}"}:
        return ""
    return canonical_language(word[1])
