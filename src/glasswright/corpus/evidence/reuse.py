"""REUSE: which license holds for which file, said outside the file.

    a.md.license       beside a.md: SPDX-License-Identifier for it
    REUSE.toml         annotations by glob, in any folder; the last one that matches holds
    .reuse/dep5        the same in the older form, see `dep5`

    precedence = "closest"      for files that say nothing themselves (also where nothing is said)
    precedence = "override"     whatever the file says
    precedence = "aggregate"    beside what the file says

Source:  REUSE Specification 3.3, sections "Comment headers", "Associating information", "REUSE.toml".
"""

import re
from dataclasses import dataclass

from glasswright.corpus.evidence.globs import Glob
from glasswright.corpus.found import Nearness, Statement
from glasswright.licenses.toml import read_toml

IDENTIFIER = re.compile(r"SPDX-License-Identifier:[ \t]*([^\r\n]+)")
MAX_PATTERNS = 5000  # each of which is held against every file
TOO_MANY = "LicenseRef-too-many-patterns"  # which nobody knows: nothing under the file is kept
NEARNESS = {"override": Nearness.OVERRIDE, "aggregate": Nearness.IDENTIFIER}


@dataclass(frozen=True, slots=True)
class Annotation:
    """What one table of REUSE.toml says."""

    patterns: tuple[Glob, ...]
    license: str
    nearness: Nearness


def sidecar(text: str, path: str) -> Statement | None:
    """What a `.license` file says of the file beside it."""
    found = [match.group(1).strip() for match in IDENTIFIER.finditer(text)]
    return Statement(license=joined(found), evidence=path, nearness=Nearness.IDENTIFIER) if found else None


def annotations(text: str) -> list[Annotation]:
    """The tables of a REUSE.toml; none if it cannot be read as one."""
    try:
        tables = read_toml(text).get("annotations", [])
    except ValueError:
        return []
    if not isinstance(tables, list):
        return []
    found = [said for table in tables if isinstance(table, dict) and (said := _annotation(table))]
    if sum(len(table.patterns) for table in found) > MAX_PATTERNS:
        return [Annotation((Glob("**"),), TOO_MANY, Nearness.OVERRIDE)]
    return found


def stated(tables: list[Annotation], path: str, file: str) -> Statement | None:
    """What a REUSE.toml says of a path relative to its folder."""
    for table in reversed(tables):
        if any(pattern.matches(path) for pattern in table.patterns):
            return Statement(license=table.license, evidence=file, nearness=table.nearness)
    return None


def joined(identifiers: list[str]) -> str:
    """Several identifiers of one file hold together."""
    once = list(dict.fromkeys(identifiers))
    return " AND ".join(f"({each})" if " OR " in each and len(once) > 1 else each for each in once)


def _annotation(table: dict[str, object]) -> Annotation | None:
    paths, licenses = _texts(table.get("path")), _texts(table.get("SPDX-License-Identifier"))
    if not paths or not licenses:
        return None
    nearness = NEARNESS.get(str(table.get("precedence", "closest")), Nearness.METADATA)
    return Annotation(tuple(Glob(path) for path in paths), joined(licenses), nearness)


def _texts(value: object) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [text for text in values if isinstance(text, str)]
