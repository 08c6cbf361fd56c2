"""What our own records say a model was made from.

    parents.json                       of a release: each parent's name, and the root of its release, if it was one
    lineage.json, *.lineage.json       beside what `merge` and `export` made: the kind, and what each parent was called

Of a parent that was none, nothing shows how its weights came about: they are proved from here on, and unknown before.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from glasswright.audit.record import Evidence, Fact, shorten
from glasswright.audit.subject import Snapshot, Subject
from glasswright.foreign import NotRead, read

PARENTS = "parents.json"
ROOT = "release.json"
EDGE = re.compile(r"(?:[^/]+\.)?lineage\.json")
MAX_EDGES = 8
MAX_BYTES = 32_000_000
MAX_RECORDED = 32
UNEXPLAINED = "unexplained weights: PROVED from here on, UNKNOWN before"


@dataclass(frozen=True, slots=True)
class Recorded:
    """A parent on record."""

    name: str
    release: str | None
    evidence: Evidence


def recorded(snapshot: Snapshot) -> Iterator[Recorded]:
    """Every parent on record in a snapshot; none where the file is not what it should be."""
    parents = _record(snapshot, PARENTS).get("parents")
    for parent in parents[:MAX_RECORDED] if isinstance(parents, list) else ():
        name, release = (parent.get("name"), parent.get("release")) if isinstance(parent, dict) else (None, None)
        if isinstance(name, str) and name.strip():
            told = shorten(f"parent {name}: {f'release {release}' if release else 'no release'}")
            evidence = Evidence(file=f"{snapshot.name}/{PARENTS}", lines=None, quote=told, rule="lineage.record")
            yield Recorded(name, release if isinstance(release, str) else None, evidence)


def edges(snapshot: Snapshot) -> Iterator[tuple[str, Recorded]]:
    """(kind, parent) of every parent in the records beside what was merged, converted or quantized."""
    paths = [entry.path for entry in snapshot.entries if EDGE.fullmatch(entry.path)]
    for path in paths[:MAX_EDGES]:
        record = _record(snapshot, path)
        kind, parents = record.get("kind"), record.get("parents")
        for parent in parents[:MAX_RECORDED] if isinstance(parents, list) else ():
            name = parent.get("name") if isinstance(parent, dict) else None
            if isinstance(kind, str) and isinstance(name, str) and name.strip():
                told = shorten(f"{kind} of {name}")
                evidence = Evidence(file=f"{snapshot.name}/{path}", lines=None, quote=told, rule="lineage.record")
                yield kind, Recorded(name, None, evidence)


def explained(fact_id: str, parent: Recorded, subject: Subject) -> Fact:
    """Whether it is shown how the weights of a parent came about: by its own release, where that is at hand."""
    if parent.release is None:
        return _unknown(fact_id, parent, UNEXPLAINED)
    for snapshot in (s for given in (*subject.parents, *subject.beside) for s in given.snapshots):
        if _record(snapshot, ROOT).get("root") == parent.release:
            note = "its release is at hand and has the root on record; `glasswright verify` shows whether it is that"
            return Fact(
                id=fact_id, status="proved", value=f"release {parent.release}", evidence=(parent.evidence,), note=note
            )
    return _unknown(fact_id, parent, f"its release, root {parent.release[:12]}, is not at hand")


def _unknown(fact_id: str, parent: Recorded, note: str) -> Fact:
    return Fact(id=fact_id, status="unknown", gap="unreachable", evidence=(parent.evidence,), note=note)


def _record(snapshot: Snapshot, path: str) -> dict[str, Any]:
    """A record as it lies there: its one line is longer than those of a text."""
    if snapshot.root is None or all(entry.path != path for entry in snapshot.entries):
        return {}
    try:
        record = json.loads(read(path, max_bytes=MAX_BYTES, below=snapshot.root))
    except (NotRead, ValueError, RecursionError):
        return {}
    return record if isinstance(record, dict) else {}
