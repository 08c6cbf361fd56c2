"""Many statements, one answer: the nearest speaks, and where two that are equally near differ there is none.

nearness      identifier in the text, then the document itself, then the row that came with it, then the folder tree,
              then the package, then the recipe
agreement     the same license, whatever its version; one that is told more exactly is taken from another that agrees
conflict      two of one nearness that agree on nothing: nobody can say, and the document is held back
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from glasswright.corpus.found import Nearness, Statement

PUBLIC_DOMAIN = frozenset({"LicenseRef-PD", "LicenseRef-PD-US", "CC0-1.0", "CC-PDDC", "CC-PDM-1.0", "Unlicense"})

TAKEN = re.compile(r"\b(?:NC|ND|no-copies|no-training|changed)\b")
VAGUE = frozenset({"LicenseRef-NC", "LicenseRef-ND"})  # said in words, by no license's name


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
    against += [other for other in equals if taken_by(other.license) - taken_by(first.license)]
    if against:
        other = against[0]
        evidence = f"{first.evidence} says {first.license}; {other.evidence} says {other.license}"
        return Weighed(license=first.license, evidence=evidence, is_conflict=True)
    for other in [*equals, *statements]:
        if _tells_more(other, first):
            return Weighed(license=other.license, evidence=f"{first.evidence}; more exactly {other.evidence}")
    return Weighed(license=first.license, evidence=first.evidence)


def _tells_more(other: Statement, first: Statement) -> bool:
    """Whether another statement says the same, and more exactly.

    A version; by which deed a work was given to the public; which Creative Commons license forbids commerce; that later
    versions of a GNU license hold too, which its text and its bare name leave open.
    """
    if is_unversioned(first.license):
        return not is_unversioned(other.license) and families(other.license) == families(first.license)
    if first.license in VAGUE:
        return taken_by(other.license) >= taken_by(first.license) and other.license not in VAGUE
    if first.license == "LicenseRef-PD" and other.nearness == first.nearness:
        return other.license in PUBLIC_DOMAIN - {"LicenseRef-PD", "LicenseRef-PD-US"}  # by which deed
    is_open_end = first.nearness is Nearness.TREE and first.license.endswith("-only")
    return is_open_end and other.license == first.license.replace("-only", "-or-later")


def taken_by(expression: str) -> set[str]:
    """What of an open license an expression takes away."""
    return set(TAKEN.findall(expression))


def agree(one: str, other: str) -> bool:
    """Whether two expressions share a license, versions aside, or one says no more than what the other takes away."""
    vague = (one in VAGUE and taken_by(one) <= taken_by(other)) or (other in VAGUE and taken_by(other) <= taken_by(one))
    return vague or bool(families(one) & families(other))


def families(expression: str) -> frozenset[str]:
    """The licenses of an expression without their versions."""
    names = re.findall(r"[A-Za-z0-9.+-]+", re.sub(r"\b(AND|OR|WITH)\b", " ", expression))
    return frozenset("public domain" if name in PUBLIC_DOMAIN else _family(name) for name in names)


def is_unversioned(license: str) -> bool:
    """Whether a license is named without its version."""
    return bool(re.fullmatch(r"LicenseRef-(CC-[A-Z-]+|[AL]?GPL|GFDL)", license))


def _family(name: str) -> str:
    bare = re.sub(r"(-no-invariants|-invariants)?(-only|-or-later|\+)$", "", name.removeprefix("LicenseRef-"))
    return re.sub(r"-\d+(\.\d+)*(-[A-Z]{2,})?$", "", bare)
