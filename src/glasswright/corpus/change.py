"""Two corpora compared, and one with a document taken out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from glasswright.corpus.view import ledger_path, rows_of
from glasswright.errors import Misuse
from glasswright.records.ledger import LedgerRow
from glasswright.store.atomic import atomic_folder, write_atomic
from glasswright.store.documents import read_documents, write_documents
from glasswright.store.ledger import write_ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A place in a source whose document is not the same in two corpora."""

    place: str  # SOURCE:PATH
    before: LedgerRow | None
    after: LedgerRow | None

    @property
    def what(self) -> str:
        """added, gone, changed (its text), or the columns that differ."""
        if self.before is None or self.after is None:
            return "added" if self.before is None else "gone"
        if self.before.sha256 != self.after.sha256:
            return "changed"
        old, new = self.before.record(), self.after.record()
        return ", ".join(name for name in old if old[name] != new[name])


def diff(before: Sequence[LedgerRow], after: Sequence[LedgerRow]) -> list[Difference]:
    """Where two ledgers differ, by source and path. The number of tokens, which comes later, is not compared."""
    old, new = _by_place(before), _by_place(after)
    return [
        Difference(place=place, before=old.get(place), after=new.get(place))
        for place in sorted(old.keys() | new.keys())
        if old.get(place) != new.get(place)
    ]


def _by_place(rows: Sequence[LedgerRow]) -> dict[str, LedgerRow]:
    return {f"{row.source}:{row.path}": replace(row, tokens=None) for row in rows}


def remove(folder: Path, out: Path, document: LedgerRow) -> int:
    """Write a corpus to `out` that is `folder` without a document. Returns the number of rows that changed.

    Its row stays, with the reason `removed`. Documents that were dropped because they repeat it stay dropped: their
    text, or most of it, is what was to go.

    Raises:  Misuse if the document is not kept, or is the last one.
    """
    if not document.is_kept:
        raise Misuse(f"{document.path}: was not kept ({document.reason}), so there is nothing to remove")
    rows = rows_of(folder)
    if sum(row.is_kept for row in rows) == 1:
        raise Misuse(f"{document.path}: is the only document", hint="a corpus holds at least one")
    place = ledger_path(folder).parent
    changed = [_without(row, document) for row in rows]
    with atomic_folder(out) as partial:
        write_documents(partial / "documents", _texts(place, document))
        write_ledger(partial / "ledger.parquet", changed)
        write_atomic(partial / "sources.json", (place / "sources.json").read_bytes())
    return sum(new.reason != old.reason for new, old in zip(changed, rows, strict=True))


def _without(row: LedgerRow, document: LedgerRow) -> LedgerRow:
    row = replace(row, tokens=None)
    if row.document_id == document.document_id:
        return replace(row, decision="drop", reason="removed")
    if row.duplicate_of == document.document_id:
        return replace(row, reason="repeats_removed")
    return row


def _texts(place: Path, document: LedgerRow) -> Iterator[tuple[str, str]]:
    for name, text in read_documents(place / "documents"):
        if name != document.document_id:
            yield name, text
