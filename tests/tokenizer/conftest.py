"""A small corpus folder, as the corpus stage writes it."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from glasswright.records.ledger import LedgerRow, document_id
from glasswright.store.documents import write_documents
from glasswright.store.ledger import write_ledger


def row(text: str, number: int, *, keep: bool) -> LedgerRow:
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    return LedgerRow(
        document_id=document_id(source="here", path=f"{number}", sha256=sha256),
        source="here",
        path=f"{number}",
        sha256=sha256,
        bytes=len(text.encode()),
        media_type="text/plain",
        title=None,
        author=None,
        language=None,
        license="MIT",
        license_evidence="recipe",
        license_decision="allow",
        jurisdiction=None,
        decision="keep" if keep else "drop",
        reason="kept" if keep else "too_short",
        duplicate_of=None,
        pii_masked=0,
        tokens=None,
    )


@pytest.fixture
def corpus_of(tmp_path: Path) -> Callable[[list[str]], Path]:
    """`corpus_of(texts)` is a corpus folder that keeps the texts; one more document was dropped."""

    def write(texts: list[str]) -> Path:
        out = tmp_path / "corpus"
        rows = [row(text, number, keep=True) for number, text in enumerate(texts)]
        text_of = {found.document_id: text for found, text in zip(rows, texts, strict=True)}
        rows = sorted([*rows, row("dropped", len(texts), keep=False)], key=lambda found: found.document_id)
        out.mkdir(exist_ok=True)
        write_ledger(out / "ledger.parquet", rows)
        kept = [found.document_id for found in rows if found.is_kept]
        write_documents(out / "documents", [(name, text_of[name]) for name in kept])
        return out

    return write
