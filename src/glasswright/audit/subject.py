"""What is audited: one or more repository snapshots, each a listing of files and the texts among them that were read.

    folder/                         a subject
      org__name/_TREE.txt           a snapshot's listing: bytes, tab, path ("?" where the size is unknown)
      org__name/README.md ...       files of the snapshot that are at hand
      SOURCE.md                     repository and commit of each snapshot, beside them; never read as evidence

A folder with files but no snapshot folders is itself one snapshot, and its files are its listing.
"""

import re
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from glasswright import foreign
from glasswright.audit.reading import Reading, read_text
from glasswright.audit.release_archive import read_archives
from glasswright.errors import Misuse, Unknown
from glasswright.foreign import TooLarge, walk

SnapshotKind = Literal["code", "model", "dataset", "release"]

LISTING = "_TREE.txt"
PROVENANCE = "SOURCE.md"
MAX_LISTING_BYTES = 32_000_000
MAX_DOCUMENTS = 400
SIZE = re.compile("[0-9]{1,18}")
TEXT_SUFFIXES = (".md", ".markdown", ".rst", ".txt", ".cff")
TEXT_NAMES = re.compile(
    r"(?i)^(readme|licen[sc]e|copying|copyright|legal|terms|rights|eula|notice|model_?licen[sc]e|use_policy"
    r"|.*licen[sc]e( agreement)?)([-_.].*)?$"
)
CONFIG_NAMES = frozenset(
    """
    config.json params.json generation_config.json tokenizer_config.json release.json pyproject.toml
    package.json Cargo.toml setup.cfg setup.py codemeta.json .zenodo.json
    adapter_config.json quantize_config.json mergekit_config.yml mergekit_config.yaml mergekit_moe_config.yml
    axolotl_config.yml axolotl_config.yaml axolotl.yml
    train_config.yaml training_config.yaml train.yaml
    train.sh finetune.sh sft.sh
    """.split()
)
# Folders that hold other people's work, or nothing that speaks for the release.
ASIDE = re.compile(
    r"(^|/)(third_?party|vendor|node_modules|site-packages|\.git|\.github|tests?|testdata|__pycache__)/", re.IGNORECASE
)
HOUSEKEEPING = re.compile(r"(?i)(^|/)(changelog|contributing|code_of_conduct|security|codeowners|requirements)[^/]*$")
WEIGHT_FILE = re.compile(
    r"(?i)\.(safetensors|gguf|ggml|pth|ckpt|h5|msgpack|onnx)$|pytorch_model.*\.bin$|consolidated.*\.pth$|model.*\.bin$"
)
DATA_FILE = re.compile(r"(?i)\.(parquet|arrow|jsonl|jsonl\.gz|jsonl\.zst|json\.gz|csv\.gz|tar\.zst|warc\.gz)$")


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of a snapshot, as its listing names it."""

    path: str
    size_bytes: int | None
    line: int | None  # in the listing file; None where the listing is the folder itself


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """A text of a snapshot that was read."""

    snapshot: str
    path: str
    lines: tuple[str, ...]
    language_problem: str | None = None

    @property
    def where(self) -> str:
        """How evidence names the file."""
        return f"{self.snapshot}/{self.path}"

    @property
    def text(self) -> str:
        """All lines, joined."""
        return "\n".join(self.lines)

    @property
    def name(self) -> str:
        """The file's own name."""
        return self.path.rsplit("/", 1)[-1]

    @property
    def depth(self) -> int:
        """How many folders down."""
        return self.path.count("/")


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """A repository as it was at one commit."""

    name: str
    repo: str
    commit: str | None
    kind: SnapshotKind
    entries: tuple[Entry, ...]
    documents: tuple[Document, ...]
    problems: tuple[str, ...] = ()
    root: Path | None = None
    gated: bool = False
    is_listed_whole: bool = True  # else a file that is not in the listing may be there

    def listing_file(self) -> str:
        """How evidence names the listing."""
        return f"{self.name}/{LISTING}"


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """Everything that is audited as one model."""

    name: str
    snapshots: tuple[Snapshot, ...]
    parents: tuple["Subject", ...] = ()  # models that this one was made from, as the user says
    beside: tuple["Subject", ...] = ()  # models at hand that it may have been made from

    @property
    def documents(self) -> tuple[Document, ...]:
        """Every text that was read."""
        return tuple(document for snapshot in self.snapshots for document in snapshot.documents)

    @property
    def problems(self) -> tuple[str, ...]:
        """What could not be read."""
        return tuple(problem for snapshot in self.snapshots for problem in snapshot.problems)

    @property
    def is_listed_whole(self) -> bool:
        """Whether what is in no listing is nowhere in the snapshots."""
        return all(snapshot.is_listed_whole for snapshot in self.snapshots)


def load_folder(folder: Path) -> Subject:
    """Read a folder of snapshots, or a folder that is one.

    Raises:  Misuse if there is no such folder; Unknown if nothing in it is read.
    """
    if not folder.is_dir():
        raise Misuse(f"{folder}: expected a folder, found {'a file' if folder.exists() else 'nothing'}",
                     hint="give a folder with repository snapshots, or hf:org/name, or github:org/name")  # fmt: skip
    provenance = _provenance(folder)
    inner = [child for child in _folders(folder) if _is_snapshot(child)]
    if inner and not (folder / LISTING).exists() and not (folder / "release.json").exists():
        return Subject(folder.name, tuple(load_snapshot(child, provenance) for child in inner))
    snapshot = load_snapshot(folder, provenance)
    if not (snapshot.entries or snapshot.problems):
        raise Unknown(
            f"{folder}: UNKNOWN: it holds nothing that is read",
            hint="give a folder with a model's files, or hf:org/name",
        )
    return Subject(folder.name, (snapshot,))


def load_release(folder: Path, name: str) -> Subject:
    """Read a release of ours that is still being made: its release.json comes last."""
    return Subject(name, (load_snapshot(folder, {folder.name: (name, "", "release")}),))


def load_parent(folder: Path, name: str) -> Subject:
    """Read the model that another was made from, by the name it has there: a folder may be called anything.

    Raises:  as `load_folder` does.
    """
    subject = load_folder(folder)
    snapshots = tuple(
        replace(snapshot, repo=name, kind="release" if snapshot.kind == "release" else "model")
        for snapshot in subject.snapshots
    )
    return Subject(name.rpartition("/")[2], snapshots)


def load_snapshot(folder: Path, provenance: dict[str, tuple[str, str, SnapshotKind]] | None = None) -> Snapshot:
    """Read one snapshot folder."""
    found = _Walked(folder)
    entries = found.listed() if (folder / LISTING).exists() else found.entries
    repo, commit, kind = (provenance or {}).get(folder.name, (folder.name.replace("__", "/", 1), "", None))
    documents = found.documents()
    if kind == "release" or "release.json" in found.files:
        inside = read_archives(folder, found.files)
        entries = (*entries, *(Entry(path, size, None) for path, size in inside.members))
        documents = (*documents, *(Document(folder.name, path, lines) for path, lines in inside.texts))
        found.problems += inside.problems
        found.is_listed_whole &= not inside.problems
    return Snapshot(
        name=folder.name,
        repo=repo,
        commit=commit or None,
        kind=kind or guess_kind(entries, documents),
        entries=entries,
        documents=documents,
        problems=tuple(found.problems),
        root=folder,
        is_listed_whole=found.is_listed_whole,
    )


def guess_kind(entries: tuple[Entry, ...], documents: tuple[Document, ...]) -> SnapshotKind:
    """What a snapshot holds, by its files: weights, data, a release of ours, or code."""
    paths = [entry.path for entry in entries]
    if "release.json" in paths:
        return "release"
    front = next((d.text[:4000] for d in documents if d.path == "README.md" and d.lines[:1] == ("---",)), "")
    if re.search(r"(?m)^(task_categories|size_categories|dataset_info|annotations_creators):", front):
        return "dataset"
    if any(WEIGHT_FILE.search(path) for path in paths) or ("config.json" in paths and front):
        return "model"
    if re.search(r"(?m)^(pipeline_tag|library_name|base_model):", front):
        return "model"
    return "code"


def _is_snapshot(folder: Path) -> bool:
    return (folder / LISTING).is_file() or ("__" in folder.name and not folder.name.startswith(("_", ".")))


def _folders(folder: Path) -> list[Path]:
    """The folders in a folder; a link to one is none."""
    found = []
    with suppress(TooLarge):
        for entry in walk(folder, max_depth=0):
            if entry.kind == "folder":
                found.append(folder / entry.path)
    return found


def _provenance(folder: Path) -> dict[str, tuple[str, str, SnapshotKind]]:
    """Repository and commit of each snapshot, from the lines `- GitHub org/name @ commit`."""
    found: dict[str, tuple[str, str, SnapshotKind]] = {}
    for line in read_text(PROVENANCE, folder).lines:
        if match := re.match(
            r"[-*] (GitHub|Hugging Face(?: datasets?)?|HF) ([\w.-]+/[\w.-]+) @ ([0-9a-f]{7,40})", line
        ):
            kind: SnapshotKind = "code" if match[1] == "GitHub" else "dataset" if "dataset" in match[1] else "model"
            found[match[2].replace("/", "__", 1)] = (match[2], match[3], kind)
    return found


class _Walked:
    """What lies below a folder. Links are named, never followed; all that was not read or listed is a problem."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.files: list[str] = []
        self.problems: list[str] = []
        self.is_listed_whole = True
        entries: list[Entry] = []
        try:
            for found in walk(folder, skip=frozenset({".git"})):
                self._take(found, entries)
        except TooLarge as error:
            self._unlisted("", error.why)
        self.entries = tuple(entries)

    def _take(self, found: foreign.Entry, entries: list[Entry]) -> None:
        if found.kind == "file":
            self.files.append(found.path)
            entries.append(Entry(found.path, found.size_bytes, None))
        elif found.why == foreign.LINK:
            entries.append(Entry(found.path, None, None))
            if is_document(found.path):
                self.problems.append(f"{self.folder.name}/{found.path} was not read: {found.why}")
        elif found.kind == "unlisted":
            self._unlisted(found.path, found.why)
        elif found.kind == "other":
            self.problems.append(f"{self.folder.name}/{found.path} was not read: {found.why}")

    def _unlisted(self, path: str, why: str) -> None:
        self.is_listed_whole = False
        self.problems.append(f"{self.folder.name}/{path} was not listed: {why}")

    def listed(self) -> tuple[Entry, ...]:
        """What the listing beside the files names, which may be more than is at hand."""
        reading = read_text(LISTING, self.folder, max_bytes=MAX_LISTING_BYTES)
        if reading.problem:
            self._unlisted(LISTING, reading.problem)
        return _parse_listing(reading.lines)

    def documents(self) -> tuple[Document, ...]:
        """The texts that may speak for the release, the least deep first."""
        wanted = sorted(filter(is_document, self.files), key=lambda path: (path.count("/"), path))
        name = self.folder.name
        documents: list[Document] = []
        for path in wanted[:MAX_DOCUMENTS]:
            take(read_text(path, self.folder), name, path, documents, self.problems)
        if len(wanted) > MAX_DOCUMENTS:
            left = len(wanted) - MAX_DOCUMENTS
            self.problems.append(f"{name}: {left} of {len(wanted)} texts, the deepest, were not read")
        return tuple(documents)


def take(reading: Reading, snapshot: str, path: str, documents: list[Document], problems: list[str]) -> None:
    """Put a reading where it belongs: its lines with the documents, what could not be read with the problems."""
    problems += [f"{snapshot}/{path} {said}" for said in (reading.problem, reading.language_problem) if said]
    if reading.lines:
        documents.append(Document(snapshot, path, reading.lines, reading.language_problem))


def _parse_listing(lines: tuple[str, ...]) -> tuple[Entry, ...]:
    entries = []
    for at, line in enumerate(lines, 1):
        size, tab, path = line.partition("\t")
        if tab and path.strip():
            entries.append(Entry(path.strip(), int(size) if SIZE.fullmatch(size.strip()) else None, at))
    return tuple(entries)


def is_document(path: str) -> bool:
    """Whether a file is a text that may speak for the release."""
    if path in (LISTING, PROVENANCE) or ASIDE.search(path) or HOUSEKEEPING.search(path):
        return False
    name = path.rsplit("/", 1)[-1]
    return (
        name.lower().endswith(TEXT_SUFFIXES)
        or bool(TEXT_NAMES.match(name))
        or (name in CONFIG_NAMES and path.count("/") <= 1)
    )
