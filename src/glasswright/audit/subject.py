"""What is audited: one or more repository snapshots, each a listing of files and the texts among them that were read.

    folder/                         a subject
      org__name/_TREE.txt           a snapshot's listing: bytes, tab, path ("?" where the size is unknown)
      org__name/README.md ...       files of the snapshot that are at hand
      SOURCE.md                     repository and commit of each snapshot, beside them; never read as evidence

A folder with files but no snapshot folders is itself one snapshot, and its files are its listing.
"""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from glasswright.audit.reading import read_text
from glasswright.errors import Misuse

SnapshotKind = Literal["code", "model", "dataset", "release"]

LISTING = "_TREE.txt"
PROVENANCE = "SOURCE.md"
MAX_FILES = 200_000
MAX_DOCUMENTS = 400
TEXT_SUFFIXES = (".md", ".markdown", ".rst", ".txt", ".cff")
TEXT_NAMES = re.compile(
    r"(?i)^(readme|licen[sc]e|copying|notice|model_?licen[sc]e|use_policy|.*licen[sc]e( agreement)?)([-_.].*)?$"
)
CONFIG_NAMES = frozenset(
    {"config.json", "params.json", "generation_config.json", "tokenizer_config.json", "release.json", "pyproject.toml"}
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

    def listing_file(self) -> str:
        """How evidence names the listing."""
        return f"{self.name}/{LISTING}"


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """Everything that is audited as one model."""

    name: str
    snapshots: tuple[Snapshot, ...]

    @property
    def documents(self) -> tuple[Document, ...]:
        """Every text that was read."""
        return tuple(document for snapshot in self.snapshots for document in snapshot.documents)

    @property
    def problems(self) -> tuple[str, ...]:
        """What could not be read."""
        return tuple(problem for snapshot in self.snapshots for problem in snapshot.problems)


def load_folder(folder: Path) -> Subject:
    """Read a folder of snapshots, or a folder that is one.

    Raises:  Misuse if there is no such folder.
    """
    if not folder.is_dir():
        raise Misuse(f"{folder}: expected a folder, found {'a file' if folder.exists() else 'nothing'}",
                     hint="give a folder with repository snapshots, or hf:org/name, or github:org/name")  # fmt: skip
    provenance = _provenance(folder / PROVENANCE)
    inner = sorted(
        child for child in folder.iterdir() if child.is_dir() and not child.is_symlink() and _is_snapshot(child)
    )
    if inner and not (folder / LISTING).exists() and not (folder / "release.json").exists():
        return Subject(folder.name, tuple(load_snapshot(child, provenance) for child in inner))
    return Subject(folder.name, (load_snapshot(folder, provenance),))


def load_release(folder: Path, name: str) -> Subject:
    """Read a release of ours that is still being made: its release.json comes last."""
    return Subject(name, (load_snapshot(folder, {folder.name: (name, "", "release")}),))


def load_snapshot(folder: Path, provenance: dict[str, tuple[str, str, SnapshotKind]] | None = None) -> Snapshot:
    """Read one snapshot folder."""
    entries, problems = _listing(folder)
    repo, commit, kind = (provenance or {}).get(folder.name, (folder.name.replace("__", "/", 1), "", None))
    documents, unread = _documents(folder, folder.name)
    if kind == "release" or (folder / "release.json").is_file():
        from glasswright.audit.release_rules import builder_entries

        inside, texts, damaged = builder_entries(folder)
        entries, documents, problems = (*entries, *inside), (*documents, *texts), [*problems, *damaged]
    return Snapshot(
        name=folder.name,
        repo=repo,
        commit=commit or None,
        kind=kind or guess_kind(entries, documents),
        entries=entries,
        documents=documents,
        problems=(*problems, *unread),
        root=folder,
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


def _provenance(path: Path) -> dict[str, tuple[str, str, SnapshotKind]]:
    """Repository and commit of each snapshot, from the lines `- GitHub org/name @ commit`."""
    found: dict[str, tuple[str, str, SnapshotKind]] = {}
    for line in read_text(path).lines if path.is_file() else ():
        if match := re.match(
            r"[-*] (GitHub|Hugging Face(?: datasets?)?|HF) ([\w.-]+/[\w.-]+) @ ([0-9a-f]{7,40})", line
        ):
            kind: SnapshotKind = "code" if match[1] == "GitHub" else "dataset" if "dataset" in match[1] else "model"
            found[match[2].replace("/", "__", 1)] = (match[2], match[3], kind)
    return found


def _listing(folder: Path) -> tuple[tuple[Entry, ...], list[str]]:
    tree = folder / LISTING
    if tree.is_file():
        return _parse_listing(read_text(tree).lines), []
    return _walk(folder)


def _parse_listing(lines: tuple[str, ...]) -> tuple[Entry, ...]:
    entries = []
    for at, line in enumerate(lines, 1):
        size, tab, path = line.partition("\t")
        if tab and path.strip():
            entries.append(Entry(path.strip(), int(size) if size.strip().isdigit() else None, at))
    return tuple(entries)


def _walk(folder: Path) -> tuple[tuple[Entry, ...], list[str]]:
    """Every file below a folder. Links are named, never followed, so a circle of links ends."""
    entries: list[Entry] = []
    problems: list[str] = []
    for directory, subfolders, files in os.walk(folder, followlinks=False, onerror=lambda e: problems.append(str(e))):
        subfolders.sort()
        subfolders[:] = [name for name in subfolders if name != ".git"]
        for name in sorted(files):
            path = Path(directory) / name
            size = None if path.is_symlink() else path.stat().st_size
            entries.append(Entry(path.relative_to(folder).as_posix(), size, None))
        if len(entries) > MAX_FILES:
            problems.append(f"{folder.name}: more than {MAX_FILES} files; the rest was not listed")
            break
    return tuple(entries), problems


def _documents(folder: Path, name: str) -> tuple[tuple[Document, ...], list[str]]:
    present, _ = _walk(folder)
    wanted = [e.path for e in present if is_document(e.path) and e.size_bytes is not None]
    wanted.sort(key=lambda path: (path.count("/"), path))
    documents, problems = [], []
    for path in wanted[:MAX_DOCUMENTS]:
        reading = read_text(folder / path)
        if reading.problem:
            problems.append(f"{name}/{path} {reading.problem}")
        if reading.language_problem:
            problems.append(f"{name}/{path} {reading.language_problem}")
        if reading.lines:
            documents.append(Document(name, path, reading.lines, reading.language_problem))
    if len(wanted) > MAX_DOCUMENTS:
        problems.append(f"{name}: {len(wanted) - MAX_DOCUMENTS} of {len(wanted)} texts, the deepest, were not read")
    return tuple(documents), problems


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
