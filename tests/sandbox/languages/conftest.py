"""Languages found on this machine, and a place for what is prepared for them."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from guerdon.sandbox.languages import ALL, Language


@pytest.fixture
def language(request: pytest.FixtureRequest) -> Language:
    """Return the language named by the parameter; skip where its toolchain is missing, saying what to install."""
    found = ALL[request.param]
    availability = found.availability()
    if not availability.available:
        pytest.skip(f"{found.name}: {availability.detail}")
    return found


@pytest.fixture(scope="session")
def toolchains() -> Iterator[Path]:
    """Return an empty cache for preparations, outside of /tmp, which jails have of their own."""
    folder = Path(tempfile.mkdtemp(prefix="guerdon-toolchains-", dir="/var/tmp"))
    yield folder
    shutil.rmtree(folder)
