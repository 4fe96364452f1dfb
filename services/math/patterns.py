"""Puts regular expressions together from word lists, one phrase a string."""

from __future__ import annotations

import re


def any_of(*patterns: str) -> re.Pattern[str]:
    """A pattern that matches any of several, in any case."""
    return re.compile("|".join(patterns), re.IGNORECASE)


def words(*phrases: str) -> str:
    """A pattern for whole words or phrases, each a regular expression without groups."""
    return rf"\b(?:{'|'.join(phrases)})\b"
