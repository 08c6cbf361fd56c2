"""From a child to what it was made from, by the record that lies beside it, as far as its parents are at hand.

A parent is found by the digests of its files, wherever it lies in the folders that are searched and whatever it is
called there.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from glasswright.errors import GlasswrightError, Misuse
from glasswright.foreign import NotRead, walk
from glasswright.lineage import adapter
from glasswright.lineage.check import check_tensors
from glasswright.lineage.edge import artifact, file_digests, files_of
from glasswright.lineage.find import How, derivation, place_on_arc, weights_of
from glasswright.lineage.said import check_said
from glasswright.lineage.stored import CONFIG, Stored, read_stored
from glasswright.records.lineage import Artifact, Edge
from glasswright.records.progress import Report, silent
from glasswright.records.verdict import Answer, Finding

MAX_CANDIDATES = 1000


class Places:
    """Where parents may lie: every model, adapter and GGUF file in the folders, hashed when its sizes fit.

    Raises:  Misuse for a path that is not there, or for too many models.
    """

    def __init__(self, paths: Sequence[Path]):
        for path in paths:
            if not path.exists():
                raise Misuse(f"{path}: no such file or folder", hint="name where the parents lie")
        self.candidates = [it for path in paths for it in _candidates(path)]
        if len(self.candidates) > MAX_CANDIDATES:
            told = f"{len(self.candidates):,} models in the folders to search, where at most {MAX_CANDIDATES:,} are"
            raise Misuse(told, hint="name narrower folders")
        self.hashed: dict[Path, frozenset[str]] = {}

    def find(self, wanted: Artifact) -> Path | None:
        """The first that holds every file of what is wanted."""
        sizes = {it.size_bytes for it in wanted.files}
        digests = {it.sha256 for it in wanted.files}
        for path in self.candidates:
            try:
                stored = read_any(path)
                there = {_size(stored, name) for name in files_of(stored)}
                if sizes <= there and digests <= self._digests(path, stored):
                    return path
            except (GlasswrightError, OSError):
                continue  # what cannot be read is not what is wanted
        return None

    def _digests(self, path: Path, stored: Stored) -> frozenset[str]:
        if path not in self.hashed:
            self.hashed[path] = frozenset(it.sha256 for it in file_digests(stored))
        return self.hashed[path]


def _size(stored: Stored, name: str) -> int:
    return (stored.files.path / name).stat().st_size


def _candidates(path: Path) -> Iterator[Path]:
    """The path itself, and what lies below it."""
    yield path
    if not path.is_dir():
        return
    try:
        for entry in walk(path):
            if entry.kind == "file" and "/" in entry.path and entry.name in (CONFIG, adapter.CONFIG):
                yield (path / entry.path).parent
            elif entry.kind == "file" and entry.name.endswith(".gguf"):
                yield path / entry.path
    except NotRead as error:
        raise Misuse(str(error), hint="name narrower folders") from error


def read_any(path: Path) -> Stored:
    """A model, or an adapter.

    Raises:  Misuse as `read_stored` does.
    """
    is_adapter = path.is_dir() and (path / adapter.CONFIG).is_file() and not (path / CONFIG).is_file()
    return read_stored(path, weights_file=adapter.WEIGHTS if is_adapter else None)


def as_recorded(child: Stored, edge: Edge) -> Finding:
    """Whether a child's bytes are those of its record; the tensors that are not are named."""
    claim = f"{child.path.name} is the one that its record describes"
    if {it.sha256 for it in edge.child.files} == {it.sha256 for it in file_digests(child)}:
        return Finding(claim=claim, answer=Answer.PROVED, evidence=f"{len(edge.child.files)} files have its digests")
    recorded = {it.name: it.sha256 for it in edge.child.tensors}
    found = {it.name: it.sha256 for it in artifact(child, edge.child.name).tensors}
    other = sorted(name for name in recorded.keys() | found.keys() if recorded.get(name) != found.get(name))
    told = f"tensors that are others: {', '.join(other[:8])}" if other else "its tensors are; a file beside them is not"
    return Finding(claim=claim, answer=Answer.REFUTED, evidence=told, place={"tensor": other[0]} if other else {})


def check_edge(child: Path, edge: Edge, places: Places, report: Report = silent) -> tuple[list[Finding], list[Path]]:
    """The findings on one edge, and where its parents lie that were found.

    Raises:  Misuse for a record whose parameters are none.
    """
    stored = read_any(child)
    findings = [as_recorded(stored, edge)]
    found = [places.find(parent) for parent in edge.parents]
    here = [path for path in found if path is not None]
    for parent, path in zip(edge.parents, found, strict=True):
        if path is None:
            findings.append(not_at_hand(parent, child.name))
    if len(here) == len(edge.parents):
        how = how_of(edge)
        if edge.kind == "merge-adapter":
            how, ancestors = replace(how, adapter=here[-1]), [read_any(path) for path in here[:-1]]
        else:
            ancestors = [read_any(path) for path in here]
        findings += check_tensors(stored, derivation(stored, ancestors, how), report)
        findings += check_said(stored, ancestors[0])
    return findings, here


def not_at_hand(parent: Artifact, child: str) -> Finding:
    """What is said of a parent that was not found."""
    first = parent.files[0]
    return Finding(
        claim=f"{parent.name}, from which {child} was made, is at hand",
        answer=Answer.UNKNOWN,
        evidence=f"in the places named lies no model with its digests; {first.name} has {first.sha256[:12]}",
    )


def how_of(edge: Edge) -> How:
    """What a record says of how a child was made.

    Raises:  Misuse for parameters that are none.
    """
    weights, t = edge.parameters.get("weights"), edge.parameters.get("t")
    return How(kind=edge.kind, weights=weights_of(weights), t=place_on_arc(t))
