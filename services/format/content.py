r"""Checks of what stands in the last part of a layout: exactly one box, exactly one code block."""

from __future__ import annotations

import re

from guerdon.services.contract.completion import Span
from guerdon.services.format.blank import is_blank
from guerdon.services.format.boxes import find_boxes
from guerdon.services.format.fences import find_fences
from guerdon.services.format.languages import canonical_language, language_of_info
from guerdon.services.format.scanner import Failure

_TEX_SPACING = re.compile(r"(\\\\)|\s++|~|\\[,:;!> ]|\\q?quad(?![A-Za-z])")
"""Spacing, and the line break, whose second backslash must not be read as the first of a spacing command."""
_BRACES = str.maketrans("", "", "{}")


def check_box(text: str, searched: str, span: Span, *, copies: bool = False) -> Failure | None:
    r"""Check for exactly one ``\boxed{…}``, closed and not empty.

    Args:
        text: the text.
        searched: the same text at the same length, with whatever is not to be searched for boxes blotted out.
        span: where to look.
        copies: whether the box may be repeated; spacing apart, every box then holds the same.
    """
    boxes = find_boxes(searched, *span)
    if not boxes:
        return Failure("missing_box", span[1], r"there is no \boxed{…} after the thoughts")
    first, *others = boxes
    if not first.closed:
        return Failure("unclosed_box", first.start, "the box opened here is never closed")
    start, end = first.content
    shown = _unspaced(text[start:end])
    if is_blank(shown.translate(_BRACES)):
        return Failure("blank_box", start, "the box shows nothing that a reader could see")
    for other in others:
        if not copies:
            return Failure("duplicate_box", other.start, "a second box stands here; exactly one may")
        if not other.closed:
            return Failure("unclosed_box", other.start, "the box opened here is never closed")
        if _unspaced(text[slice(*other.content)]) != shown:
            return Failure("duplicate_box", other.start, "a box with another content stands here; one content may")
    return None


def check_code_block(text: str, span: Span, language: str) -> Failure | None:
    """Check for exactly one fenced block of a language, closed and not empty; other languages may stand beside it.

    Args:
        text: the text.
        span: where to look.
        language: name or alias of the language.
    """
    wanted = canonical_language(language)
    base, end = span
    fences = find_fences(text[base:end])
    blocks = [fence for fence in fences if language_of_info(fence.info) == wanted]
    if not blocks:
        if fences:
            return Failure("wrong_language", base + fences[0].start, f"no fenced block is marked as {wanted!r}")
        return Failure("missing_fence", end, f"there is no fenced block of {wanted!r} in the answer")
    if len(blocks) > 1:
        return Failure("duplicate_fence", base + blocks[1].start, f"a second block of {wanted!r} stands here")
    if not fences[-1].closed:
        return Failure("unclosed_fence", base + fences[-1].start, "the fence opened here is never closed")
    code_start, code_end = blocks[0].code
    if is_blank(text[base + code_start : base + code_end]):
        return Failure("blank_fence", base + code_start, "the fenced block shows nothing that a reader could see")
    return None


def _unspaced(tex: str) -> str:
    """A formula without its spacing."""
    return _TEX_SPACING.sub(r"\1", tex)
