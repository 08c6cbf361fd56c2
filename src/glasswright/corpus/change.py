"""Two corpora compared, and one with a document taken out."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from glasswright.attest.salted import named
from glasswright.corpus.opened import ROWS_AT_ONCE, ledger_path, opened, read_rows, read_sources
from glasswright.corpus.removal import REMOVED, REPEATS_REMOVED, removal_records, take_out
from glasswright.errors import Misuse
from glasswright.records.canonical import canonical_bytes
from glasswright.records.ledger import LedgerRow
from glasswright.records.private import PRIVATE, SALT
from glasswright.records.recipe import Removed
from glasswright.store.atomic import atomic_folder, write_atomic
from glasswright.store.documents import read_documents, write_documents
from glasswright.store.ledger import ledger_tables, without_tokens, write_ledger_tables

# What is said of a difference, and the column it is seen in. The others follow from these, or from the place.
COMPARED = {
    "text": "sha256",
    "media_type": "media_type",
    "title": "title",
    "author": "author",
    "language": "language",
    "license": "license",
    "license_evidence": "license_evidence",
    "license_decision": "license_decision",
    "jurisdiction": "jurisdiction",
    "reason": "reason",
    "duplicate_of": "duplicate_of",
    "pii_masked": "pii_masked",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A place in a source whose document is not the same in two corpora."""

    what: str  # added, gone, or what differs
    place: str  # SOURCE:PATH
    before: str | None  # the reason it was kept or dropped for
    after: str | None

    @property
    def kind(self) -> str:
        """What differs, and how the decision went: what differences are counted by."""
        reasons = dict.fromkeys(reason for reason in (self.before, self.after) if reason is not None)
        return f"{self.what} ({' -> '.join(reasons)})"


def diff(before: Path, after: Path) -> Iterator[Difference]:
    """Where two ledgers differ, by source and path; those of one kind together. The number of tokens, which comes
    later, is not compared."""
    differing = ", ".join(
        f"CASE WHEN old.{column} IS DISTINCT FROM new.{column} THEN '{told}' END" for told, column in COMPARED.items()
    )
    with opened(old=before, new=after) as connection:
        result = connection.execute(
            "SELECT CASE WHEN old.path IS NULL THEN 'added' WHEN new.path IS NULL THEN 'gone' "
            f"ELSE concat_ws(', ', {differing}) END AS what, "
            "coalesce(old.source, new.source) || ':' || coalesce(old.path, new.path) AS place, old.reason, new.reason "
            "FROM old FULL JOIN new ON old.source = new.source AND old.path = new.path "
            "WHERE what <> '' ORDER BY what, old.reason, new.reason, place"
        )
        while rows := result.fetchmany(ROWS_AT_ONCE):
            yield from (Difference(what=what, place=place, before=old, after=new) for what, place, old, new in rows)


def remove(folder: Path, out: Path, document: LedgerRow, reason: str | None = None) -> int:
    """Write a corpus to `out` that is `folder` without a document. Returns the number of rows that changed.

    Its row stays, with the reason `removed`; its text is not there. Documents that were dropped because they repeat it
    stay dropped, as `repeats_removed`. A build of the recipe with `removal(document)` in it gives the same ledger.

    reason:  why, for people: it goes into the record of the sources.

    Raises:  Misuse if the document is not kept, or is the last one.
    """
    _require_kept(document)
    if next(read_rows(folder, "decision = 'keep' AND document_id <> $id", {"id": document.document_id}), None) is None:
        raise Misuse(f"{document.path}: is the only document", hint="a corpus holds at least one")
    place = ledger_path(folder).parent
    salt = salt_in(folder)
    entry, counts = removal(document, reason, salt), Counter[str]()

    def changed() -> Iterator[pa.Table]:
        for rows in ledger_tables(place / "ledger.parquet"):
            less = take_out(rows, [document.document_id])
            counts["changed"] += pc.sum(pc.not_equal(less.column("reason"), rows.column("reason"))).as_py()
            counts["of this text"] += removal_records(rows, [entry], salt)[0]["num_documents"]
            yield without_tokens(less)

    with atomic_folder(out) as partial:
        write_documents(partial / "documents", _texts(place, document))
        write_ledger_tables(partial / "ledger.parquet", changed())
        write_atomic(partial / "sources.json", _sources(place, entry, counts["of this text"]))
        if salt is not None:  # for the next document that is taken out
            write_atomic(partial / SALT, salt)
    return counts["changed"]


def removal(document: LedgerRow, reason: str | None = None, salt: bytes | None = None) -> Removed:
    """What a recipe says, below `corpus.remove`, so that no build brings the document back.

    salt:  of a private recipe
    """
    return Removed(sha256=named(document.sha256, salt), reason=reason)


def salt_in(folder: Path) -> bytes | None:
    """The salt of a private release, from its owner's copy or what was made of that; None: nothing there is private.

    Raises:  Misuse if it is lost: a digest without it would name the document to whoever guesses it.
    """
    here = folder.resolve()
    for place in (here, here.parent) if here.name == "corpus" else (here,):  # a release, or what is in one
        if (place / SALT).is_file():
            return (place / SALT).read_bytes()
        if (place / PRIVATE).is_file():
            hint = "put the salt back, which `derive` wrote beside the recipe"
            raise Misuse(f"{place / SALT}: missing, and the documents are private", hint=hint)
    return None


def _require_kept(document: LedgerRow) -> None:
    if document.is_kept:
        return
    told, hint = f"{document.path}: is not kept ({document.reason})", "there is nothing to remove"
    if document.reason in (REMOVED, REPEATS_REMOVED):
        hint = "it was removed before"
    elif document.duplicate_of is not None:
        hint = f"all or most of its text is in {document.duplicate_of[:16]}, which is kept: remove that one"
    raise Misuse(told, hint=hint)


def _texts(place: Path, document: LedgerRow) -> Iterator[tuple[str, str]]:
    for name, text in read_documents(place / "documents"):
        if name != document.document_id:
            yield name, text


def _sources(folder: Path, removed: Removed, num_documents: int) -> bytes:
    """The record of the sources, with one more document taken out."""
    record = read_sources(folder)
    entry: dict[str, Any] = {
        "sha256": removed.sha256,
        "reason": removed.reason,
        "num_documents": num_documents,
        "kept_in": [],
    }
    return canonical_bytes({**record, "removals": [*record["removals"], entry]}) + b"\n"
