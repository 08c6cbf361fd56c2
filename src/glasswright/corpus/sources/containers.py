"""Files that hold many documents each: tables, web archives, packages. What else lies beside them has its row."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from glasswright.corpus.found import Found, Inventory, Opened
from glasswright.corpus.sources.aside import set_aside_unread
from glasswright.corpus.sources.files import Entry, entries
from glasswright.errors import Misuse
from glasswright.records.sources import KINDS, SourceKind

Documents = Callable[[Entry, Inventory], Iterator[Found]]  # of one file; may be sent to other processes


def open_containers(
    root: Path, kind: SourceKind, *, uri: str, include: tuple[str, ...], documents: Documents
) -> Opened:
    """One file, or every file of the kind below a folder.

    Raises:  Misuse if there is none.
    """
    files, suffixes = KINDS[kind].files, KINDS[kind].suffixes
    reader = ContainerReader(suffixes=suffixes, is_named=bool(include), documents=documents)
    found = entries(root, include)
    if not any(map(reader.is_container, found)):
        raise Misuse(f"{root}: no {files} here", hint=f"expected a name that ends in {', '.join(suffixes)}")
    return Opened(uri=uri, revision=None, files=found, read=reader, observed={"how": "read from files on this machine"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerReader:
    """Gives the documents in each file of the kind, and one `Found` for every other file."""

    suffixes: tuple[str, ...]
    is_named: bool  # the files were chosen by patterns, whatever the end of their names
    documents: Documents

    def __call__(self, files: Sequence[Entry], inventory: Inventory) -> Iterator[Found]:
        for entry in files:
            if self.is_container(entry):
                yield from self.documents(entry, inventory)
            else:
                yield set_aside_unread(entry, inventory)

    def is_container(self, entry: Entry) -> bool:
        return entry.reason is None and (self.is_named or entry.path.lower().endswith(self.suffixes))
