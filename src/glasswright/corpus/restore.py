"""A corpus again from a release that carries its documents: what a rebuild starts from."""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from glasswright.corpus.opened import read_rows
from glasswright.errors import DigestMismatch, Misuse
from glasswright.records.ledger import LedgerRow
from glasswright.store.atomic import write_atomic
from glasswright.store.documents import read_documents, write_documents
from glasswright.store.ledger import ledger_tables, without_tokens, write_ledger_tables

HINT = "the release was changed after it was made; fetch it again"


def restore(release: Path, out: Path) -> None:
    """Write the folder that `collect` wrote, from `release`/corpus. Every text is held to its digest in the ledger.

    Raises:  Misuse if the release carries no documents; DigestMismatch if a text is not the recorded one.
    """
    corpus = release / "corpus"
    if not (corpus / "documents").is_dir():
        raise Misuse(
            f"{corpus}: this release carries no documents", hint="build from the sources its recipe names instead"
        )
    out.mkdir(parents=True, exist_ok=True)
    write_documents(out / "documents", _checked(corpus, read_rows(release, "decision = 'keep'")))
    write_ledger_tables(out / "ledger.parquet", map(without_tokens, ledger_tables(corpus / "ledger.parquet")))
    write_atomic(out / "sources.json", (corpus / "sources.json").read_bytes())


def _checked(corpus: Path, kept: Iterable[LedgerRow]) -> Iterator[tuple[str, str]]:
    """The documents, one for every kept row and in the same order."""
    documents = read_documents(corpus / "documents")
    for row in kept:
        document_id, text = next(documents, (None, ""))
        if document_id != row.document_id:
            named = (document_id or "none")[:12]
            raise Misuse(f"{corpus / 'documents'}: expected document {row.document_id[:12]}, found {named}", hint=HINT)
        found = hashlib.sha256(text.encode()).hexdigest()
        if found != row.sha256:
            raise DigestMismatch(
                f"{corpus / 'documents'}: document {row.document_id[:12]}", recorded=row.sha256, found=found, hint=HINT
            )
        yield row.document_id, text
    extra = next(documents, None)
    if extra is not None:
        raise Misuse(f"{corpus / 'documents'}: document {extra[0][:12]} is not in the ledger", hint=HINT)
