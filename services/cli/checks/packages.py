"""Python and the packages the service needs."""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version

from guerdon.services.cli.checks.check import Check

OLDEST_PYTHON = (3, 11)
NEWEST_TRIED_PYTHON = (3, 13)
NEEDED_EXTRAS = ("server", "math", "language", "code")
INSTALL = "pip install 'guerdon[server,math,language,code]'"

_REQUIREMENT = re.compile(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?\s*((?:[<>=!~]=?[^;]*)?)(?:;(.*))?")
_EXTRA = re.compile(r"extra\s*==\s*['\"]([^'\"]+)['\"]")


def check_python() -> Check:
    """Whether this Python is one the project is made for."""
    found = sys.version_info[:2]
    detail = f"{platform.python_version()} ({sys.executable})"
    if found < OLDEST_PYTHON:
        return Check("python", "fail", detail, "install Python 3.11 or newer and make a new virtual environment")
    if found > NEWEST_TRIED_PYTHON:
        return Check("python", "warn", f"{detail}; tried up to 3.13", "use Python 3.11, 3.12 or 3.13")
    return Check("python", "ok", detail)


def check_packages() -> Iterator[Check]:
    """Every package of the core and of the extras a service needs."""
    for requirement in requires("guerdon") or []:
        match = _REQUIREMENT.match(requirement)
        if match is None:
            continue
        name, wanted, marker = match[1], match[2].strip(), match[3] or ""
        extra = _EXTRA.search(marker)
        if extra is None or extra[1] in NEEDED_EXTRAS:
            yield _check_package(name, wanted, f"extra {extra[1]}" if extra else "core")


def check_gmpy2() -> Check:
    """Whether SymPy computes with gmpy2: not needed, but worth knowing when verdicts are compared."""
    found = _installed("gmpy2")
    detail = "not installed; not needed" if found is None else f"{found}; SymPy computes with it"
    return Check("package gmpy2", "ok", detail)


def _check_package(name: str, wanted: str, belongs_to: str) -> Check:
    found = _installed(name)
    if found is None:
        return Check(f"package {name}", "fail", f"not installed ({belongs_to})", INSTALL)
    if not _satisfies(found, wanted):
        return Check(f"package {name}", "fail", f"{found}, wanted {wanted} ({belongs_to})", INSTALL)
    return Check(f"package {name}", "ok", found)


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _satisfies(found: str, wanted: str) -> bool:
    """Whether a version meets ``>=`` and ``==`` bounds, the only ones this project writes."""
    for bound in filter(None, (part.strip() for part in wanted.split(","))):
        number = _number(bound.lstrip("<>=!~"))
        if bound.startswith(">=") and _number(found) < number:
            return False
        if bound.startswith("==") and _number(found)[: len(number)] != number:
            return False
    return True


def _number(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text.partition("+")[0]))
