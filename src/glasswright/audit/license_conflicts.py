"""Two sources of one repository that name different licenses for one thing: a fact of its own, with both places."""

from glasswright.audit.license_files import LicenseReading, Scope
from glasswright.audit.record import Evidence, Fact
from glasswright.licenses.kinship import agree, taken_by

FORGOTTEN = frozenset({"license.badge", "license.manifest"})


def contradiction(readings: list[LicenseReading]) -> list[LicenseReading]:
    """Two that differ: what a document states, and what a license file says; or what either says, and what a manifest
    or a header of the same repository closes."""
    for stated in readings:
        if stated.state != "open":
            continue
        others = [r for r in readings if r.snapshot == stated.snapshot and r is not stated]
        files = [r for r in others if r.is_file]
        if not stated.is_file and files and not any(_is_same(stated.name, file.name) for file in files):
            return [stated, files[0]]
        if closed := [r for r in others if r.is_from_place and r.state == "restricted"]:
            return [stated, closed[0]]
    return []


def told_otherwise(speaking: list[LicenseReading], outvoted: list[LicenseReading]) -> list[LicenseReading]:
    """Two that differ, of which the nearer counts: what it says, and a badge or a manifest that people forgot to change."""
    for other in outvoted:
        near = [r for r in speaking if r.snapshot == other.snapshot and r.state == "open"]
        if other.evidence[0].rule in FORGOTTEN and near and not any(_is_same(r.name, other.name) for r in near):
            return [near[0], other]
    return []


def _is_same(one: str, other: str) -> bool:
    return agree(one, other) and taken_by(one) == taken_by(other)


def conflict_fact(scope: Scope, clash: list[LicenseReading]) -> list[Fact]:
    """A contradiction is a fact of its own, with both places."""
    if not clash:
        return []
    note = "two places of one repository name different licenses for it"
    return [
        Fact(id=f"license_conflict.{scope}", status="proved", value=both(clash), evidence=places(clash), note=note)
    ]  # fmt: skip


def both(clash: list[LicenseReading]) -> str:
    """The names of two that differ."""
    return " / ".join(sorted(reading.name for reading in clash))


def places(clash: list[LicenseReading]) -> tuple[Evidence, ...]:
    """Where two that differ stand."""
    return tuple(reading.evidence[0] for reading in clash)
