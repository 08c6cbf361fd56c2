"""The record of an edge: what was made from what, written beside the child, and found there again."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from glasswright import __version__
from glasswright.errors import Misuse
from glasswright.export.folder import KEPT
from glasswright.foreign import Missing, NotRead, read, size_of
from glasswright.lineage import adapter
from glasswright.lineage.derived import Derivation
from glasswright.lineage.stored import CONFIG, Stored
from glasswright.model.weights import INDEX
from glasswright.records.lineage import MAX_EDGE_BYTES, Artifact, Edge, FileDigest, TensorDigest, edge_bytes, edge_from
from glasswright.records.progress import Report, of_bytes, silent
from glasswright.store.atomic import write_atomic

IN_FOLDER, BESIDE = "lineage.json", ".lineage.json"
OF_A_MODEL = (CONFIG, adapter.CONFIG, INDEX, *KEPT)  # what counts beside the weights


def place_of(child: Path) -> Path:
    """Where the record of a child lies."""
    return child / IN_FOLDER if child.is_dir() else child.with_name(child.name + BESIDE)


def read_edge(child: Path) -> Edge | None:
    """The record beside a child, if there is one.

    Raises:  Misuse if it is none.
    """
    place = place_of(child)
    try:
        return edge_from(read(place, max_bytes=MAX_EDGE_BYTES), str(place))
    except Missing:
        return None
    except NotRead as error:
        raise Misuse(str(error), hint="take it away, or fetch the child again") from error


def write_edge(
    child: Stored, parents: Sequence[Stored], derivation: Derivation, *, name: str, report: Report = silent
) -> None:
    """Put the record of an edge beside the child.

    name:  what the child is called

    Raises:  WriteFailed if the disk does not take it.
    """
    edge = Edge(
        glasswright=__version__,
        kind=derivation.kind,
        parameters=dict(derivation.parameters),
        parents=tuple(artifact(parent, parent.path.resolve().name, report) for parent in parents),
        child=artifact(child, name, report),
    )
    write_atomic(place_of(child.path), edge_bytes(edge))


def artifact(stored: Stored, name: str, report: Report = silent) -> Artifact:
    """A model with the digests of its files and of its tensors."""
    total, done = sum(it.size_bytes for it in stored.tensors.values()), 0
    tensors = []
    for tensor, it in sorted(stored.tensors.items()):
        report(of_bytes("hash", done, total))
        sha256 = hashlib.sha256(stored.raw(tensor).data).hexdigest()
        tensors.append(TensorDigest(name=tensor, kind=it.kind, shape=it.shape, sha256=sha256))
        done += it.size_bytes
    return Artifact(name=name, files=file_digests(stored), tensors=tuple(tensors))


def file_digests(stored: Stored) -> tuple[FileDigest, ...]:
    """The files that are the model, each with its digest."""
    found = []
    for name in files_of(stored):
        with stored.files.opened(name) as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
            found.append(FileDigest(name=name, size_bytes=size_of(file), sha256=sha256))
    return tuple(found)


def files_of(stored: Stored) -> list[str]:
    """The files that are the model: its weights, and what says how they are used."""
    weights = {it.file for it in stored.tensors.values()}
    is_folder = stored.path.is_dir()
    return sorted(weights | {name for name in OF_A_MODEL if is_folder and stored.files.has(name)})
