"""Many statements, one answer: the nearest speaks, and where two that are equally near differ there is none.

nearness      identifier in the text, then the document itself, then the row that came with it, then the folder tree,
              then the package, then the recipe
agreement     the same license, whatever its version; one that is told more exactly is taken from another that agrees
conflict      two of one nearness that agree on nothing: nobody can say, and the document is held back
"""

from collections.abc import Sequence
from dataclasses import dataclass

from glasswright.corpus.found import Nearness, Statement
from glasswright.licenses.kinship import PUBLIC_DOMAIN, VAGUE, agree, families, is_unversioned, taken_by


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
