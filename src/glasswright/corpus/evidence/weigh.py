"""Many statements, one answer: the nearest speaks, and where two that are equally near differ there is none.

nearness      identifier in the text, then the document itself, then the row that came with it, then the folder tree,
              then the package, then the recipe
agreement     the same license, whatever its version; a name without version takes the version of one that agrees
conflict      two of one nearness that agree on nothing: nobody can say, and the document is held back
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from glasswright.corpus.found import Statement

PUBLIC_DOMAIN = frozenset({"LicenseRef-PD", "LicenseRef-PD-US", "CC0-1.0", "CC-PDDC", "CC-PDM-1.0", "Unlicense"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """What the statements come to."""

    license: str | None
    evidence: str | None
    is_conflict: bool = False


def weigh(statements: Sequence[Statement]) -> Weighed:
    """The license that holds, from statements in order of nearness."""
    if not statements:
        return Weighed(license=None, evidence=None)
    first = min(statements, key=lambda statement: statement.nearness)
    equals = [statement for statement in statements if statement.nearness == first.nearness]
    against = [other for other in equals if not agree(first.license, other.license)]
    if against:
        other = against[0]
        evidence = f"{first.evidence} says {first.license}; {other.evidence} says {other.license}"
        return Weighed(license=first.license, evidence=evidence, is_conflict=True)
    for other in equals:
        if is_unversioned(first.license) and not is_unversioned(other.license):
            return Weighed(license=other.license, evidence=f"{first.evidence}; version from {other.evidence}")
    return Weighed(license=first.license, evidence=first.evidence)


def agree(one: str, other: str) -> bool:
    """Whether two expressions share a license, versions aside."""
    return bool(families(one) & families(other))


def families(expression: str) -> frozenset[str]:
    """The licenses of an expression without their versions."""
    names = re.findall(r"[A-Za-z0-9.+-]+", re.sub(r"\b(AND|OR|WITH)\b", " ", expression))
    return frozenset("public domain" if name in PUBLIC_DOMAIN else _family(name) for name in names)


def is_unversioned(license: str) -> bool:
    """Whether a license is named without its version."""
    return bool(re.fullmatch(r"LicenseRef-(CC-[A-Z-]+|[AL]?GPL|GFDL)", license))


def _family(name: str) -> str:
    bare = re.sub(r"(-only|-or-later|\+)$", "", name.removeprefix("LicenseRef-"))
    return re.sub(r"-\d+(\.\d+)*(-[A-Z]{2,})?$", "", bare)
