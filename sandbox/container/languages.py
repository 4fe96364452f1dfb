"""The languages whose toolchains are in the image; what the host has does not matter.

``python -m guerdon.sandbox.container.languages`` prints them; it is run in a container of the image.
"""

import sys
from collections.abc import Sequence

from msgspec import Struct, json, structs

from guerdon.sandbox.errors import UnknownLanguage
from guerdon.sandbox.program import Case, Program
from guerdon.sandbox.tier import Tier


class ImageTest(Struct, frozen=True, kw_only=True):
    """What must pass before a language is offered."""

    program: Program
    case: Case
    stdout: bytes


class ImageLanguage(Struct, frozen=True, kw_only=True):
    """One language of the image, as the engine must know it."""

    name: str
    aliases: tuple[str, ...]
    compiled: bool
    callable: bool
    runtime: str
    identity: str
    reserved: tuple[str, ...]
    tiers: frozenset[Tier]
    """``container`` if the tier inside can run it, else nothing."""
    selftest: ImageTest


def parse(report: bytes, inner: Tier) -> tuple[ImageLanguage, ...]:
    """Read what the image reported.

    Args:
        report: its output.
        inner: tier inside the container.

    Raises:
        ValueError: it is no report.
    """
    offered = json.decode(report, type=list[ImageLanguage])
    here = frozenset({Tier.CONTAINER})
    return tuple(structs.replace(each, tiers=here if inner in each.tiers else frozenset()) for each in offered)


def look_up(name: str, languages: Sequence[ImageLanguage], image: str) -> ImageLanguage:
    """Return the language of a name or alias.

    Raises:
        UnknownLanguage: the image has none.
    """
    wanted = name.lower()
    for language in languages:
        if wanted == language.name or wanted in language.aliases:
            return language
    names = ", ".join(language.name for language in languages)
    raise UnknownLanguage(
        f"the image {image} has no {name}, only {names}; build it with --build-arg TOOLCHAINS=… for more"
    )


def report() -> bytes:
    """Return what this machine, which is the container, can run."""
    from guerdon.sandbox.languages import ALL

    here = [language for language in ALL.values() if language.availability().available]
    return json.encode(
        [
            ImageLanguage(
                name=each.name,
                aliases=each.aliases,
                compiled=each.compiled,
                callable=each.callable,
                runtime=each.runtime,
                identity=each.identity,
                tiers=each.tiers,
                reserved=each.reserved,
                selftest=ImageTest(
                    program=each.selftest.program, case=each.selftest.case, stdout=each.selftest.stdout
                ),
            )
            for each in here
        ]
    )


if __name__ == "__main__":
    sys.stdout.buffer.write(report())
