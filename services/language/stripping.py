r"""Blots out what is in no language: code, formulas, addresses, markup; the text keeps its length.

What hides there could be anything, so each kind of wrapper is only believed as far as its content looks like
what it claims to be: a fence or a formula full of prose is prose. Words inside ``\text{…}`` of a formula
stay.
"""

from __future__ import annotations

import re

from guerdon.services.language.hidden import put_back
from guerdon.services.language.lexicon import COMMON
from guerdon.services.language.terms import TERMS

_COMMANDS = r"\\(?:text|textbf|textit|textrm|mbox|mathrm|operatorname)\s*\{"
# A pattern that begins with a set lets the engine skip to the next candidate by itself.
_INLINE = (
    r"[\[$`<](?:(?<=\[)(?P<drawing>asy\](?s:.*?)(?:\[/asy\]|\Z))"
    r"|(?<=\$)(?P<math>\$[^$]++\$\$|[^$\n]*+(?:\n[^$\n]++){0,3}\$)"
    r"|(?<=`)(?P<code>[^`\n]++`)"
    r"|(?<=<)(?P<markup><[^<>\n]{1,200}>>|/?[A-Za-z][^<>\n]{0,200}>|\|[^|\n]{1,64}\|>))"
)
_FENCE = r"(?P<fence>^[ \t]*(?P<mark>`{3,}|~{3,})[^\n`]*\n(?s:.*?)(?:^[ \t]*(?P=mark)[`~]*[ \t]*$|\Z))"
_WRAPPER, _FENCED = re.compile(_INLINE), re.compile(f"{_FENCE}|{_INLINE}", re.MULTILINE)
_DISPLAY = re.compile(r"\\[\[(]|\\begin\{([A-Za-z]{1,20}\*?)\}")
_CLOSING = {"\\[": "\\]", "\\(": "\\)"}
_MOST_UNCLOSED = 32
# A pattern that begins with its sign, not with what stands before it, is searched for fast.
_ADDRESSES = (
    ("://", re.compile(r"(?:https?|ftp|file)://[^\s<>\"'、。，）」]++")),
    ("www.", re.compile(r"www\.[A-Za-z0-9][^\s<>\"'、。，）」]*+")),
    ("@", re.compile(r"[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}")),
    ("/", re.compile(r"/(?<![\w/]/)[A-Za-z0-9_.+-]++(?:/[A-Za-z0-9_.+-]++)++/?")),
    ("\\", re.compile(r"\\(?<=[A-Za-z]:\\)[A-Za-z0-9_.+-]++(?:\\[A-Za-z0-9_.+-]++)*+")),
    (
        ".",
        re.compile(
            r"\.(?:py|js|ts|cpp|hpp|java|txt|json|csv|html|md|sh|rs|go|ya?ml|toml|pdf|png|exe|xlsx?|docx?)\b"
        ),
    ),
)
_MARKS = (
    ("\\", re.compile(r"\\[A-Za-z]++(?:\{[A-Za-z*]{1,20}\}(?=[\s\\{]))?")),
    ('"', re.compile(r"\"[A-Za-z_][A-Za-z0-9_ -]{0,40}\"\s{0,4}:")),
)
"""What is blotted out by itself, with a sign that is in all of it."""
_VISIBLE = re.compile(rf"{_COMMANDS}([^{{}}]*)\}}")
_PROSE = re.compile(r"(?:[^\W\d_][^\s\d_\\{}$=+^|&*/<>()\[\]]++\s++){3}[^\W\d_][^\s\d_\\{}$=+^|&*/<>()\[\]]")
_MONEY = re.compile(r"\$\d[\d,.]*+\s++[^\W\d_][^\W\d_]")
_WORD = re.compile(r"[^\W\d_]{2,}")
_LONGEST_SPEECH = 100
_UNSPACED_LETTERS = re.compile(r"[぀-ヿ㐀-鿿가-힣\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]{3}")
_CODE_SIGN = re.compile(r"[=(){}\[\];<>#|\\]|->|^\s*(?:def|class|import|from|return|if|for|while|else|elif|try)\b")
_CODE_LINE = re.compile(
    r"[ \t]*(?:(?:def|class|async def)\s+\w+.*:|(?:from\s+[\w.]+\s+)?import\s+[\w.,* ]+|return\b[^\n]*[\w)\]}]"
    r"|(?:if|elif|while|for)\b[^\n]*[=<>()\[\]][^\n]*:|(?:else|try|finally):|[\w.\[\]'\"]+\s*[+\-*/%]?=\s*[^\n]*[()\[\]{}][^\n]*"
    r"|[\w.]+\([^\n]*\);?|@\w+[^\n]*|[^\n]*[;{}]|#include[^\n]*)[ \t]*"
)
_CODE_SIGNS = (";\n", "{", "def ", "import ", "= [", "= {", "()", "return ", "](", ")]", "):")
_LONGEST_CODE_LINE = 200


def strip(text: str) -> str:
    """The text with everything in no language replaced by spaces, character by character; linear time."""
    stripped = put_back(text, _blot(text))
    for sign, pattern in _ADDRESSES:
        if sign in stripped:
            stripped = pattern.sub(_spaces, stripped)
    return stripped


def _blot(text: str) -> str:
    """Blot out what looks like code, a formula, a key or markup."""
    if "```" in text or "~~~" in text:
        text = _FENCED.sub(_blot_wrapper, text)
    elif "$" in text or "`" in text or "<" in text or "[asy]" in text:
        text = _WRAPPER.sub(_blot_wrapper, text)
    if "\\" in text:
        text = _blot_displays(text)
    if any(map(text.__contains__, _CODE_SIGNS)) or (" = " in text and "(" in text):
        text = "\n".join(map(_blot_line, text.split("\n")))
    for sign, pattern in _MARKS:
        if sign in text:
            text = pattern.sub(_spaces, text)
    return text


def _spaces(match: re.Match[str]) -> str:
    return " " * len(match[0])


def _blot_line(line: str) -> str:
    """Blot out a line of code that stands outside of any fence."""
    if len(line) > _LONGEST_CODE_LINE or _CODE_LINE.fullmatch(line) is None or _looks_like_prose(line):
        return line
    return " " * len(line)


def _blot_wrapper(match: re.Match[str]) -> str:
    found, kind = match[0], match.lastgroup
    if kind in {"markup", "drawing"}:
        return " " * len(found)
    if kind == "fence":
        return _blot_fence(found)
    if kind == "math":
        return _blot_formula(found)
    return found if _looks_like_prose(found) or _speaks(found) else " " * len(found)


def _blot_displays(text: str) -> str:
    """Blot out formulas between commands; what is never closed is looked for once, so time stays linear."""
    pieces: list[str] = []
    unclosed: set[str] = set()
    done = position = 0
    while (opening := _DISPLAY.search(text, position)) and len(unclosed) < _MOST_UNCLOSED:
        position = opening.end()
        closing = _CLOSING.get(opening[0], f"\\end{{{opening[1]}}}")
        end = -1 if closing in unclosed else text.find(closing, position)
        if end < 0:
            unclosed.add(closing)
            continue
        position = end + len(closing)
        pieces += (text[done : opening.start()], _blot_formula(text[opening.start() : position]))
        done = position
    return "".join([*pieces, text[done:]])


def _blot_fence(fence: str) -> str:
    """Blot out the lines of a fence that are code; comments and lines of prose are words like others."""
    head, *lines = fence.split("\n")
    return "\n".join([" " * len(head), *(_blot_code(line) for line in lines)])


def _blot_code(line: str) -> str:
    code, mark, comment = line.partition("#")
    if mark and _looks_like_prose(comment):
        return " " * (len(code) + 1) + comment
    if _looks_like_prose(line) and _CODE_SIGN.search(line) is None:
        return line
    return " " * len(line)


def _blot_formula(formula: str) -> str:
    if "\\" not in formula:
        return formula if _reads(formula) else " " * len(formula)
    if _looks_like_prose(_VISIBLE.sub(" ", formula) if "{" in formula else formula):
        return formula
    kept = list(" " * len(formula))
    for words in _VISIBLE.finditer(formula) if "{" in formula else ():
        start, end = words.span(1)
        kept[start:end] = formula[start:end]
    return "".join(kept)


def _reads(formula: str) -> bool:
    """Whether a formula without any command is prose, or two prices."""
    if formula.isascii() and len(formula.split(None, 1)) == 1:
        return False
    return _looks_like_prose(formula) or _MONEY.match(formula) is not None or _speaks(formula)


def _looks_like_prose(text: str) -> bool:
    """Whether words stand side by side as in a sentence."""
    return _PROSE.search(text) is not None or _UNSPACED_LETTERS.search(text) is not None


def _speaks(text: str) -> bool:
    """Whether a few words are mostly common ones of some language, and not those of programs."""
    if len(text) > _LONGEST_SPEECH:
        return False
    words = [word for word in _WORD.findall(text.lower()) if word not in TERMS]
    return len(words) > 2 and sum(word in COMMON for word in words) * 2 > len(words)
