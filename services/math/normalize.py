"""Brings an answer into one spelling: LaTeX without layout, one blank between words, no wrappers around it.

Nothing here changes what a text means. The steps are regular expressions without backtracking over
overlapping runs and single passes over brackets, so the cost is linear in the length.
"""

from __future__ import annotations

import re

from guerdon.services.math.brackets import strip_redundant_pairs
from guerdon.services.math.characters import collapse_spaces, to_ascii_math

DOLLAR = "USD"
"""What an escaped dollar sign becomes, so that it is not taken for the edge of a formula."""

_FUNCTIONS = "arcsin|arccos|arctan|arccot|sinh|cosh|tanh|sin|cos|tan|cot|csc|ln|log|lg|exp|gcd|lcm|det"
_TEXT_COMMANDS = frozenset([
    "text", "textbf", "textit", "textrm", "texttt", "textsf", "textnormal", "mathrm", "mathbf",
    "mathit", "mathsf", "mathtt", "mathnormal", "bm", "boldsymbol", "mbox", "hbox", "operatorname",
    "emph", "underline", "boxed", "fbox", "framebox", "ensuremath", "displaystyle",
])  # fmt: skip
_PLAIN_DIGITS = re.compile(r"-?[0-9]++(?:\.[0-9]++)?")
_GROUP = re.compile(r"\\([A-Za-z]+)\*?\s*\{|\\.|[{}]", re.DOTALL)
_NAMED_FUNCTION = re.compile(rf"\\(?:operatorname|mathrm|text|mathop)\*?\s*\{{\s*({_FUNCTIONS}|mod)\s*\}}")
_LAYOUT = re.compile(
    r"\\(?:left|right|big|Big|bigg|Bigg|bigl|bigr|Bigl|Bigr|mleft|mright)(?![A-Za-z])\s*\.?"
    r"|\\(?:displaystyle|textstyle|scriptstyle|limits|nolimits|rm|bf|it|tt|cal|strut|noindent|centering)(?![A-Za-z])"
    r"|\\(?:hspace|vspace|phantom|hphantom|label|tag)\*?\{[^{}]*\}"
    r"|\\!"
)
_SEPARATING_BLANK = re.compile(r"(?<![,;\s])\s*\\q?quad(?![A-Za-z])\s*(?=[A-Za-z](?:_\{?\w\}?)?\s*=)")
_BLANK = re.compile(r"(?<!\\)\\[,;: ]|\\(?:quad|qquad|enspace|thinspace|space)(?![A-Za-z])|(?<!\\)~|&nbsp;")
_DELIMITER = re.compile(r"\\[()\[\]]|\$\$")
_SAME = (
    (re.compile(r"\\[dtc]frac(?![A-Za-z])"), r"\\frac"),
    (re.compile(r"\\[dt]binom(?![A-Za-z])"), r"\\binom"),
    (re.compile(r"\{([^{}]{1,40})\\choose(?![A-Za-z])([^{}]{1,40})\}"), r"\\binom{\1}{\2}"),
    (re.compile(r"\\(?:lt)(?![A-Za-z])"), "<"),
    (re.compile(r"\\(?:gt)(?![A-Za-z])"), ">"),
    (re.compile(r"\\(?:le|leqslant|leqq)(?![A-Za-z])|<=|=<"), r"\\leq "),
    (re.compile(r"\\(?:ge|geqslant|geqq)(?![A-Za-z])|>="), r"\\geq "),
    (re.compile(r"\\ne(?![A-Za-z])|!=|\\not\s*="), r"\\neq "),
    (re.compile(r"\\(?:lbrace)(?![A-Za-z])"), r"\\{"),
    (re.compile(r"\\(?:rbrace)(?![A-Za-z])"), r"\\}"),
    (re.compile(r"\\(?:varnothing|O)(?![A-Za-z])"), r"\\emptyset "),
    (re.compile(r"\\(?:infin|infty)(?![A-Za-z])|(?<![\\A-Za-z])(?:infinity|inf|oo)(?![A-Za-z])"), r"\\infty "),
    (re.compile(r"\\colon(?![A-Za-z])|\\ratio(?![A-Za-z])"), ":"),
    (re.compile(r"\\(?:dots|ldots|cdots|dotsc|dotsb)(?![A-Za-z])"), "..."),
    (re.compile(r"\^\s*\{\s*\\circ\s*\}|\^\s*\\circ(?![A-Za-z])|\\degree(?![A-Za-z])"), r"^\\circ "),
    (re.compile(r"\\mod(?![A-Za-z])"), r"\\bmod "),
    (re.compile(r"\\%|％"), "%"),
    (re.compile(r"\\([#&_])"), r"\1"),
    (re.compile(r" ?\{ ?, ?\} ?"), ","),
    (re.compile(r"(?<=[)\]}0-9])\s?(and|or)\s?(?=[(\[{\\0-9-]|[A-Za-z] ?[=(])"), r" \1 "),
    (re.compile(r"\\(?:overrightarrow|vec|mathbf|bar)\s*\{([A-Za-z])\}"), r"\1"),
    (re.compile(rf"(?<![\\A-Za-z])({_FUNCTIONS})(?![A-Za-z])"), r"\\\1 "),
    (re.compile(r"(?<![\\A-Za-z])(sec|min|max)(?=\s?[({\\])"), r"\\\1 "),
    (re.compile(r"(?<![\\A-Za-z])pi(?![A-Za-z])"), r"\\pi "),
    (re.compile(r"(?<![\\A-Za-z])sqrt(?![A-Za-z])"), r"\\sqrt"),
    (re.compile(r"\*\*"), "^"),
    (re.compile(r"(?<=[A-Za-z0-9)}]) (?:equals|is equal to) (?=[-\\A-Za-z0-9(\[{])"), " = "),
)
_SHORT_ARGUMENTS = (
    (re.compile(r"\\(frac|binom)\s*(\d)\s*(\d)"), r"\\\1{\2}{\3}"),
    (re.compile(r"\\(frac|binom)\s*([0-9A-Za-z])\s*(?=\{)"), r"\\\1{\2}"),
    (re.compile(r"(\\(?:frac|binom)\s*\{[^{}]*\})\s*([0-9A-Za-z])"), r"\1{\2}"),
    (re.compile(r"\\frac\s*([0-9A-Za-z])\s*([0-9A-Za-z])"), r"\\frac{\1}{\2}"),
    (re.compile(r"\\sqrt\s*(\d+(?:\.\d+)?|[A-Za-z])"), r"\\sqrt{\1}"),
)
_CALLED = re.compile(r"(\\sqrt|\^)\s*\(")
_EDGES = " \t\n\r*_`\"',;:。，；"
_LEADING = re.compile(r"(?:(?:\\(?:approx|sim|Rightarrow|therefore|implies)(?![A-Za-z])|=)\s*)+")
_LONE_DOLLAR = re.compile(r"^(-?)\$\s*(?=-?[\d.])")
_IDLE_BLANK = re.compile(r"(?<![A-Za-z0-9]) | (?![A-Za-z0-9])")
_AFTER_COMMAND = re.compile(r"(\\[A-Za-z]+) (?![A-Za-z])")


def normalize(text: str) -> str:
    """One spelling of an answer: LaTeX without layout, delimiters, wrappers and closing punctuation."""
    if _PLAIN_DIGITS.fullmatch(text):
        return text
    text = to_ascii_math(text)
    if "\\" in text:
        text = _undo_doubled_backslashes(text)
    text = text.replace("\\$", f" {DOLLAR} ")
    text = _DELIMITER.sub(" ", text)
    text = _strip_edges(text)
    text = _LONE_DOLLAR.sub(rf"\1{DOLLAR} ", text) if text.count("$") % 2 else text
    text = text.replace("$", " ")
    if "\\" in text:
        text = _NAMED_FUNCTION.sub(r" \\\1 ", text)
        text = _BLANK.sub(" ", _SEPARATING_BLANK.sub(", ", _LAYOUT.sub("", text)))
    if "{" in text or "}" in text:
        text = _unwrap(text)
    for pattern, spelling in _SAME:
        text = pattern.sub(spelling, text)
    text = _round_to_curly(text)
    for pattern, spelling in _SHORT_ARGUMENTS:
        text = pattern.sub(spelling, text)
    return strip_redundant_pairs(_strip_edges(collapse_spaces(text)))


def squeeze(text: str) -> str:
    """A normalised text without the blanks that separate nothing, for literal comparison."""
    return _IDLE_BLANK.sub("", _AFTER_COMMAND.sub(r"\1", text))


def _undo_doubled_backslashes(text: str) -> str:
    if "\\\\begin" in text:
        return text.replace("\\\\", "\\")
    if "\\begin" in text:
        return text
    return re.sub(r"\\\\(?=[A-Za-z{}()\[\]%,;!$])", r"\\", text)


def _strip_edges(text: str) -> str:
    """Remove punctuation, emphasis and leading signs such as ``=`` or ``≈`` from both ends."""
    text = text.lstrip(_EDGES)
    if leading := _LEADING.match(text):
        text = text[leading.end() :].lstrip(_EDGES)
    shorter = text.rstrip(_EDGES + ".?？\\")
    return f"{shorter}..." if text.startswith("...", len(shorter)) else shorter


def _unwrap(text: str) -> str:
    """Drop commands that only set type, keeping their content between blanks."""
    out: list[str] = []
    closers: list[str] = []
    position = 0
    for found in _GROUP.finditer(text):
        out.append(text[position : found.start()])
        position = found.end()
        if found[1] in _TEXT_COMMANDS:
            out.append(" ")
            closers.append(" ")
        elif found[0].endswith("{") and not found[0].startswith("\\{"):
            out.append(found[0])
            closers.append("}")
        elif found[0] == "}":
            out.append(closers.pop() if closers else "")
        else:
            out.append(found[0])
    out.append(text[position:])
    return "".join(out)


def _round_to_curly(text: str) -> str:
    """Write ``sqrt(x+1)`` and ``x^(n+1)`` with the groups LaTeX wants."""
    if not _CALLED.search(text):
        return text
    opened = {found.end() - 1 for found in _CALLED.finditer(text)}
    out = list(text)
    awaiting: list[int] = []
    for index, sign in enumerate(text):
        if sign == "(":
            awaiting.append(index)
        elif sign == ")" and awaiting:
            start = awaiting.pop()
            if start in opened:
                out[start], out[index] = "{", "}"
    return "".join(out)
