"""A folder or a file scanned: each file told, entered and read, within bounds, and what was not looked into is said."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

from glasswright.audit.scan.archives import scan_archive
from glasswright.audit.scan.arrays import scan_array
from glasswright.audit.scan.bounds import (
    MAX_READ_BYTES,
    MAX_UNPACKED_BYTES,
    MAX_UNPACKED_IN_ALL_BYTES,
    Bounded,
    BoundReached,
    Budget,
    beginning,
    named,
)
from glasswright.audit.scan.configs import scan_json, scan_yaml
from glasswright.audit.scan.documents import scan_document
from glasswright.audit.scan.encoded import pickle_in
from glasswright.audit.scan.gguf import scan_gguf
from glasswright.audit.scan.graphs import scan_keras_metadata, scan_onnx, scan_tensorflow, scan_vocabulary
from glasswright.audit.scan.hdf5 import scan_hdf5
from glasswright.audit.scan.item import Item, Notes
from glasswright.audit.scan.kinds import FIRST_BYTES, INERT, PACKED, kinds
from glasswright.audit.scan.msgpack import scan_msgpack
from glasswright.audit.scan.packed import scan_packed
from glasswright.audit.scan.pickles import scan_pickle
from glasswright.audit.scan.python_files import scan_python
from glasswright.audit.scan.says import proved, unknown
from glasswright.audit.scan.tables import scan_table
from glasswright.audit.scan.tensors import scan_safetensors
from glasswright.audit.scan.texts import scan_code, scan_page, scan_requirements, scan_template, scan_tensorflow_index
from glasswright.errors import Misuse
from glasswright.foreign import Changed, Entry, Missing, NotRead, TooLarge, opened, size_of, walk
from glasswright.records.verdict import Finding, Verdict

NOT_CHECKED = (
    "whether the weights themselves were made to misbehave: no scan of files can tell",
    "what a text says to a person, and what code does that you run yourself",
)
LAST_BYTES = 2**16 + 22  # the end of a zip, with the longest comment
MAX_WORDS_BYTES = 2**24  # of a text, in which a pickle is looked for
WORDS = frozenset(("text", "table", "json", "yaml", "template", "page", "safetensors"))
FOLLOW = "scan what it leads to, or a copy: `cp -rL` writes files where links were"


def scan_path(path: Path) -> Verdict:
    """Look at a file, or at every file below a folder.

    Raises:  Misuse if there is nothing at `path`; NotRead if it is neither a file nor a folder, or cannot be opened.
    """
    notes = Notes()
    findings = tuple(_scan_folder(path, notes) if path.is_dir() else _scan_named(path, notes))
    return Verdict(subject=str(path), findings=(*findings, *_of_all(path, notes, findings)), not_checked=NOT_CHECKED)


def _of_all(path: Path, notes: Notes, findings: tuple[Finding, ...]) -> Iterator[Finding]:
    """What is said once: files of no kind that is known, files that hold nothing that is run."""
    left = [name for name in notes.unknown if name not in notes.numbers]
    if left:
        yield _unread("every file is of a kind that is known", f"{len(left)} are not: {named(left)}")
    inert = [f"{number} {kind}" for kind, number in sorted(notes.num_inert.items())]
    if len(left) < len(notes.unknown):
        inert.append(f"{len(notes.unknown) - len(left)} of numbers that a graph or an index describes")
    if inert:
        evidence = named(inert, at_most=len(inert))
        yield proved("the files that hold words, pictures, tables or numbers alone run nothing", evidence)
    if not (inert or left or findings):
        yield _unread("there is a file to look at", f"{path}: there is none")


def _scan_named(path: Path, notes: Notes) -> Iterator[Finding]:
    """The one file that the user named; a link to it is theirs."""
    try:
        with opened(path) as file:
            size_bytes = size_of(file)
    except Missing as error:
        raise Misuse(f"{path}: nothing is there", hint="give a model folder or one of its files") from error
    yield from _scan_file(
        Item(
            shown=path.name,
            size_bytes=size_bytes,
            open=_Opener(path, None, size_bytes),
            is_beside=lambda name: (path.parent / name).is_file(),
            unpacked=Budget(MAX_UNPACKED_BYTES),
            notes=notes,
        )
    )


def _scan_folder(root: Path, notes: Notes) -> Iterator[Finding]:
    entries, unlisted = _entries(root)
    if unlisted:
        yield _unread("every file of the folder was looked at", unlisted)
    files = {entry.path for entry in entries if entry.kind == "file"}
    unpacked = Budget(MAX_UNPACKED_IN_ALL_BYTES)
    for entry in entries:
        if entry.kind in ("other", "unlisted"):
            yield _unread(f"{entry.path}: nothing unsafe is in it", entry.why)
        elif entry.kind == "file":
            yield from _scan_file(
                Item(
                    shown=entry.path,
                    size_bytes=entry.size_bytes,
                    open=_Opener(entry.path, root, entry.size_bytes),
                    is_beside=_beside(entry.path, files),
                    unpacked=Budget(MAX_UNPACKED_BYTES, part_of=unpacked),
                    notes=notes,
                )
            )


def _entries(root: Path) -> tuple[list[Entry], str | None]:
    """What lies in the folder, and why not all of it was listed."""
    entries = []
    try:
        for entry in walk(root):
            entries.append(entry)
    except TooLarge as error:
        return entries, error.why
    return entries, None


def _beside(path: str, files: set[str]) -> Callable[[str], bool]:
    return lambda name: (PurePosixPath(path).parent / name).as_posix() in files


@dataclass(frozen=True)
class _Opener:
    """Opens a file of the folder, or one that the user named, anew for each who looks at it."""

    path: str | Path
    below: Path | None
    size_bytes: int  # when it was first looked at

    @contextmanager
    def __call__(self) -> Iterator[BinaryIO]:
        with opened(self.path, below=self.below) as file:
            if size_of(file) != self.size_bytes:
                raise Changed(self.path, f"changed meanwhile: {self.size_bytes} bytes, then {size_of(file)}")
            yield cast(BinaryIO, Bounded(file, Budget(MAX_READ_BYTES)))


def _scan_file(item: Item) -> Iterator[Finding]:
    """The findings of a file. One that could not be read to its end is UNKNOWN, whatever was found before."""
    try:
        yield from list(_look_into(item))
    except NotRead as error:
        yield _unread(f"{item.shown}: nothing unsafe is in it", error.why)
    except BoundReached as error:
        yield _unread(f"{item.shown}: nothing unsafe is in it", f"not all of it was looked at: {error}")


def _look_into(item: Item) -> Iterator[Finding]:
    """What each reader says of a file, of those that read a kind that it is."""
    first, last = _ends(item)
    found = kinds(item.name, first, last)
    findings = [finding for kind in found if kind in READERS or kind not in INERT for finding in _read(item, kind)]
    if WORDS.intersection(found) and (begins := pickle_in(item.beginning(MAX_WORDS_BYTES))):
        hint = "do not unpack it; look up who wrote it there, and what loads it"
        findings.append(unknown(f"{item.shown}: it is words", f"a pickle in base64 is in it: {begins}...", hint=hint))
    is_only_like_a_pickle = found[:1] == ["pickle"] and not findings  # as numbers may begin
    if (not found and item.size_bytes) or is_only_like_a_pickle:
        item.notes.unknown.append(item.shown)
    elif not findings and (not found or found[0] in INERT):
        item.notes.inert(found[0] if found else "empty")
    yield from findings


def _ends(item: Item) -> tuple[bytes, bytes]:
    """Its first and its last bytes."""
    with item.open() as file:
        first = beginning(file, FIRST_BYTES)
        if item.size_bytes > FIRST_BYTES:
            file.seek(max(0, item.size_bytes - LAST_BYTES))
            return first, beginning(file, LAST_BYTES)
    return first, first


def _read(item: Item, kind: str) -> Iterator[Finding]:
    if kind in ("zip", "tar"):
        yield from scan_archive(item, kind, _look_into)
    elif kind in PACKED:
        yield from scan_packed(item, kind, _look_into)
    elif kind in READERS:
        found = READERS[kind](item)
        yield from () if found is None else (found,) if isinstance(found, Finding) else found
    else:
        yield _unread(f"{item.shown}: nothing unsafe is in it", f"{kind} is not looked into")


READERS: dict[str, Callable[[Item], Iterable[Finding] | Finding | None]] = {
    "pickle": scan_pickle,
    "npy": scan_array,
    "safetensors": scan_safetensors,
    "gguf": scan_gguf,
    "hdf5": scan_hdf5,
    "msgpack": scan_msgpack,
    "onnx": scan_onnx,
    "graph": scan_tensorflow,
    "keras metadata": scan_keras_metadata,
    "tensorflow index": scan_tensorflow_index,
    "sentencepiece": scan_vocabulary,
    "json": scan_json,
    "yaml": scan_yaml,
    "template": scan_template,
    "page": scan_page,
    "python": scan_python,
    "columns": scan_table,
    "requirements": scan_requirements,
    "code": scan_code,
    "document": scan_document,
}


def _unread(claim: str, evidence: str) -> Finding:
    return unknown(claim, evidence, hint=FOLLOW if "link" in evidence else None)
