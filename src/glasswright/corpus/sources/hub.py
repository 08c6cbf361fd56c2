"""A dataset of the Hugging Face hub at one commit: its JSONL and Parquet files, row by row.

Fetched files are held to the digests that the commit lists before anything is read from them: the sha256 of a file in
large file storage, the git blob of another. A copy given by `--source NAME=DIR` is taken as what it is stated to be,
and `sources.json` says so. What a row says of its own license is nearer than the dataset's card and license files.
"""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from glasswright.corpus.decode import decode
from glasswright.corpus.evidence.card import card_statement
from glasswright.corpus.evidence.tree import MAX_EVIDENCE_BYTES, Tree, is_license_file
from glasswright.corpus.found import Found, Inventory, Opened, Statement
from glasswright.corpus.sources import table
from glasswright.corpus.sources.files import Entry, file_entry, matches, open_entry, read, walk
from glasswright.corpus.sources.hub_client import Client, Listed, Repository, require_listed
from glasswright.corpus.sources.streams import Hashed
from glasswright.errors import Misuse
from glasswright.records.recipe import Source
from glasswright.records.sources import KINDS

SUFFIXES = (*KINDS["jsonl"].suffixes, *KINDS["parquet"].suffixes)
ABOUT_THE_DATA = frozenset({"dataset_info.json", "dataset_infos.json", "dataset_dict.json", "state.json"})
CARD = "README.md"
MAX_SHOWN = 8
REVISION_IS_STATED = "read from a copy on this machine; that it is this commit is stated by the recipe and not checked"


def open_hub(source: Source, *, location: Path | None) -> Opened:
    """The rows of a dataset, fetched, or read from a copy."""
    origin = source.hf
    assert origin is not None
    repository = Repository("dataset", origin.dataset, origin.revision)
    client = Client(repository) if location is None else None
    listed = {file.path: file for file in client.files()} if client else {}
    here = {} if location is None else _copied(location)
    held = sorted(listed or here, key=str.encode)
    data = _data(held, source.include)
    if not data:
        raise _no_data(repository if location is None else location, held)
    evidence = _evidence(held, data)
    wanted = [*evidence, *data]
    entries = _fetched(client.fetch(wanted)) if client else {path: here[path] for path in wanted}
    for path in evidence:
        _require_listed(entries[path], listed.get(path))
    return Opened(
        uri=repository.page,
        revision=origin.revision,
        files=[entries[path] for path in wanted],
        read=HubReader(
            column=source.text or table.TEXT, listed=listed, around=_around([entries[path] for path in evidence], data)
        ),
        observed={"how": _fetched_from(client) if client else REVISION_IS_STATED},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class HubReader:
    """Gives the rows of the data files, with what the dataset states of their license."""

    column: str
    listed: Mapping[str, Listed]  # nothing where the files were not fetched
    around: Mapping[str, tuple[Statement, ...]]  # by data file

    def __call__(self, files: Sequence[Entry], inventory: Inventory) -> Iterator[Found]:
        for entry in files:
            if entry.path not in self.around:
                with open_entry(entry) as file:
                    Hashed(entry, file, inventory).finish()
                continue
            _require_listed(entry, self.listed.get(entry.path))
            for found in table.rows(entry, inventory, column=self.column):
                yield replace(found, statements=(*found.statements, *self.around[entry.path]))


def _data(paths: Iterable[str], include: tuple[str, ...]) -> list[str]:
    """The files that hold documents: of a kind that is read, and not the notes of a tool about them."""

    def is_wanted(path: str) -> bool:
        place = PurePosixPath(path)
        if any(part.startswith(".") for part in place.parts) or not path.lower().endswith(SUFFIXES):
            return False
        if include:
            return any(matches(path, pattern) for pattern in include)
        return place.name not in ABOUT_THE_DATA

    return [path for path in paths if is_wanted(path)]


def _evidence(paths: Iterable[str], data: Sequence[str]) -> list[str]:
    """The card, and the license files in the folders that the data is in."""
    folders = {folder for path in data for folder in PurePosixPath(path).parents}
    return [path for path in paths if path == CARD or (is_license_file(path) and PurePosixPath(path).parent in folders)]


def _around(evidence: Sequence[Entry], data: Sequence[str]) -> dict[str, tuple[Statement, ...]]:
    """What is stated of each data file: by the license files of the nearest folder that has some; the card stands in
    the outermost one."""
    texts = {entry.path: read(entry, MAX_EVIDENCE_BYTES) for entry in evidence}
    card = card_statement(decode(texts.pop(CARD)).text, CARD) if CARD in texts else None
    tree = Tree(texts, texts.__getitem__)
    around = {}
    for path in data:
        said = tree.statements(path)
        is_of_inner_folder = any("/" in statement.evidence for statement in said)
        around[path] = tuple(said if is_of_inner_folder or card is None else [card, *said])
    return around


def _copied(root: Path) -> dict[str, Entry]:
    """The files of a copy; the links of the hub client's cache lead to its own store, and are followed."""
    if not root.is_dir():
        raise Misuse(f"{root}: is no folder", hint="expected a copy of the dataset's files, with their paths")
    store = root.resolve().parent.parent / "blobs"
    found = {}
    for entry in walk(root):
        place = Path(os.path.realpath(entry.place))
        if entry.reason is None or (place.parent == store and place.is_file()):
            found[entry.path] = file_entry(place, entry.path)
    return found


def _fetched(places: Mapping[str, Path]) -> dict[str, Entry]:
    return {path: file_entry(place, path) for path, place in places.items()}


def _fetched_from(client: Client) -> str:
    return f"fetched from {client.endpoint}; every file was held to the digest that it lists for the commit"


def _require_listed(entry: Entry, listed: Listed | None) -> None:
    """Raises:  DigestMismatch if a fetched file is not the one that the commit lists."""
    if listed is None:
        return
    with open_entry(entry) as file:
        require_listed(entry.path, entry.place, file, entry.num_bytes, listed)


def _no_data(where: Repository | Path, held: Sequence[str]) -> Misuse:
    shown = ", ".join(held[:MAX_SHOWN]) + (", ..." if len(held) > MAX_SHOWN else "")
    return Misuse(
        f"{where}: no file here that is read: it holds {shown or 'nothing'}",
        hint=f"files that end in {', '.join(SUFFIXES)} are read, and of these what `include` names; the hub keeps many "
        "datasets as Parquet too: take the commit of the branch refs/convert/parquet",
    )
