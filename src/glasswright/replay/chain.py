"""From a child to what it was made from and on, edge by edge, each computed again.

    merged.gguf  --quantize-->  merged  --merge-adapter-->  base, adapter  --train-->  base

What was merged, converted or quantized has a record beside it (`lineage`). What was trained is a release, or its model:
the release is held to its root and all of its training is run again from the parent on record. A parent is found by the
digests of its files. One with neither record nor release ends the way: its weights are unexplained, and that is said.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from glasswright.errors import ClaimFalse, Misuse, Unknown
from glasswright.lineage.edge import read_edge
from glasswright.lineage.verdict import NOT_CHECKED
from glasswright.lineage.walk import Places, check_edge, not_at_hand
from glasswright.records.lineage import Artifact, FileDigest
from glasswright.records.parents import ParentModel
from glasswright.records.progress import Report, silent
from glasswright.records.verdict import Answer, Finding, Verdict
from glasswright.replay.segments import segments
from glasswright.replay.standing import standing
from glasswright.train.effort import Effort
from glasswright.train.parent import release_root
from glasswright.verify.evidence import Evidence

MAX_EDGES = 64
EVERY = 2**31  # segments: more than a run has


@dataclass(frozen=True, slots=True, kw_only=True)
class _Edge:
    """What was found of one edge, where the parents lie that were found, and what was not looked at."""

    findings: Sequence[Finding]
    parents: Sequence[Path] = ()
    not_checked: Sequence[str] = ()


@dataclass(slots=True)
class _Way:
    """What was found on the way so far."""

    findings: list[Finding] = field(default_factory=list)
    ends: list[str] = field(default_factory=list)
    not_checked: list[str] = field(default_factory=list)


def chain(child: Path, places: Sequence[Path], *, effort: Effort, report: Report = silent) -> Verdict:
    """Whether a child follows from its parents, and they from theirs, as far as those are at hand.

    places:  where the parents may lie

    Raises:  Misuse for a path that is not there, or a record that is none; Unknown if nothing says what it was made
             from.
    """
    searched, way = Places(places), _Way()
    seen: set[Path] = set()
    ahead = [child]
    while ahead and len(seen) < MAX_EDGES:
        path = ahead.pop(0)
        if path.resolve() in seen:
            continue
        seen.add(path.resolve())
        edge = _edge(path, searched, effort, report)
        if edge is None:
            way.ends.append(f"what {path} was made from: there is no record beside it, so its weights are unexplained")
            continue
        name = (_release_of(path) or path).name
        way.findings += [replace(it, claim=f"{name}: {it.claim}") for it in edge.findings]
        way.not_checked += edge.not_checked
        ahead += edge.parents
    if not way.findings:
        raise Unknown(
            f"{child}: nothing beside it says what it was made from",
            hint="hold it to its parents by name: `glasswright lineage CHILD --from PARENT`",
        )
    way.ends += [f"{path}: more than {MAX_EDGES} edges were not walked" for path in ahead]
    return Verdict(
        subject="with all that it descends from, as far as that is at hand",
        where=str(child),
        findings=tuple(way.findings),
        not_checked=tuple(dict.fromkeys((*way.ends, *NOT_CHECKED, *way.not_checked))),
    )


def _edge(path: Path, places: Places, effort: Effort, report: Report) -> _Edge | None:
    """The edge that leads to a model; None where nothing says that there is one."""
    recorded = read_edge(path)
    if recorded is not None:
        findings, parents = check_edge(path, recorded, places, report)
        return _Edge(findings=findings, parents=parents)
    release = _release_of(path)
    return None if release is None else _trained(release, places, effort, report)


def _release_of(path: Path) -> Path | None:
    """The release that a path is, or is the model of."""
    place = path.resolve()
    places = (place, place.parent) if place.name == "model" else (place,)
    return next((it for it in places if (it / "release.json").is_file()), None)


def _trained(release: Path, places: Places, effort: Effort, report: Report) -> _Edge:
    """A release, and the training that leads to it from its parent."""
    record = _parent_of(release)
    wanted = None if record is None else _artifact(record)
    parent = None if wanted is None else places.find(wanted)
    if record is None or wanted is None or parent is None:
        _, stands = standing(release, num_threads=effort.num_threads, report=report)
        if wanted is not None:
            return _Edge(findings=(*stands.findings, not_at_hand(wanted, release.name)), not_checked=stands.not_checked)
        told = f"that {release} follows from its documents: `glasswright rebuild {release}`"
        return _Edge(findings=stands.findings, not_checked=(told, *stands.not_checked))
    try:
        again = segments(release, count=EVERY, draw_seed=0, effort=effort, parent=parent, report=report)
    except Misuse as error:
        claim = f"training leads from {record.name} to it"
        found = Finding(claim=claim, answer=Answer.UNKNOWN, evidence=str(error), hint=error.hint)
        return _Edge(findings=(found,))
    return _Edge(
        findings=(*again.findings, *_same_root(record, parent)), parents=(parent,), not_checked=again.not_checked
    )


def _parent_of(release: Path) -> ParentModel | None:
    """What is on record of a release's parent; None if there is none, or nothing that can be read."""
    try:
        return Evidence(release, 1, silent).parent()
    except (ClaimFalse, Unknown):
        return None


def _artifact(record: ParentModel) -> Artifact:
    files = tuple(FileDigest(name=it.path, size_bytes=it.size_bytes, sha256=it.sha256) for it in record.files)
    return Artifact(name=record.name, files=files, tensors=())


def _same_root(record: ParentModel, parent: Path) -> list[Finding]:
    """Whether a parent that is a release is the one on record: its files are, what lies under its root may not be."""
    if record.release is None:
        return []
    claim = f"{record.name} is the release of root {record.release[:12]}"
    release = _release_of(parent)
    if release is None:
        found = f"{parent} is its model, without the release around it"
        return [Finding(claim=claim, answer=Answer.UNKNOWN, evidence=found)]
    root = release_root(release) or "none"
    answer = Answer.PROVED if root == record.release else Answer.UNKNOWN
    return [Finding(claim=claim, answer=answer, evidence=f"{release} states root {root[:12]}")]
