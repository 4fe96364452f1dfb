"""Languages that share much of their vocabulary, so that single words do not tell them apart."""

from __future__ import annotations

_FAMILIES = (
    "ru uk be bg mk sr rue", "es pt gl ca an ast oc", "da no nn sv", "cs sk pl hsb dsb", "hr bs sh sr sl",
    "hi mr ne mai sa", "fa ur ps ckb", "tr az tk", "nl af li vls", "id ms tl jv su", "et fi", "kk ky tt ba",
)  # fmt: skip
_KIN = {
    code: frozenset(" ".join(family for family in _FAMILIES if code in family.split()).split())
    for family in _FAMILIES
    for code in family.split()
}


def are_kin(code: str, other: str) -> bool:
    """Whether two languages share much of their vocabulary."""
    return other in _KIN.get(code, ())
