"""Sources to kept documents, with a row for everything that was seen.

    1. read each source; every document it holds, and every file that holds none, becomes a row
    2. decide: the source's own reason, then the text, then the license
    3. of documents with equal text, keep the one with the lowest document id
    4. order by document id; write ledger, documents and sources

What comes out depends on the recipe and the sources' bytes, not on the order files were found in.
"""

from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from glasswright.corpus.decide import decide
from glasswright.corpus.found import Opened
from glasswright.corpus.sources.open import open_source
from glasswright.corpus.spool import Spool
from glasswright.errors import Misuse
from glasswright.records.canonical import canonical_bytes, digest
from glasswright.records.ledger import LedgerRow
from glasswright.records.progress import Progress, Report, silent
from glasswright.records.recipe import Recipe, Source
from glasswright.store.atomic import write_atomic
from glasswright.store.documents import write_documents
from glasswright.store.ledger import write_ledger

LEDGER, DOCUMENTS, SOURCES = "ledger.parquet", "documents", "sources.json"
NO_LOCATIONS: Mapping[str, Path] = {}
REPORT_EVERY = 100


def collect(
    recipe: Recipe,
    *,
    base: Path,
    out: Path,
    locations: Mapping[str, Path] = NO_LOCATIONS,
    mirror: Path | None = None,
    report: Report = silent,
) -> None:
    """Write a recipe's documents to `out`: ledger.parquet, documents/ and sources.json.

    base:       the recipe's folder, where its relative paths start
    locations:  where sources lie on this machine, by name, if not where the recipe says
    mirror:     a folder OWNER/NAME/... with copies of the git repositories, used in place of the network

    Raises:  Misuse if a source is absent or damaged, or if no document is kept.
    """
    _require_known(recipe, locations)
    out.mkdir(parents=True, exist_ok=True)
    with Spool(out) as spool, ExitStack() as holder:
        rows: list[LedgerRow] = []
        sources: list[dict[str, Any]] = []
        for source in recipe.sources:
            opened = open_source(source, base=base, location=locations.get(source.name), mirror=mirror, holder=holder)
            rows += _rows(source, opened, recipe, spool, report, num_before=len(rows))
            sources.append(_source_record(source, opened))
        rows = without_duplicates(sorted(rows, key=lambda row: row.document_id))
        _require_some(rows)
        report(Progress(what="corpus", done=len(rows), total=len(rows), unit="documents", note="writing"))
        kept = ((row.document_id, spool.get(row.sha256)) for row in rows if row.is_kept)
        write_documents(out / DOCUMENTS, kept)
        write_ledger(out / LEDGER, rows)
        write_atomic(out / SOURCES, canonical_bytes({"sources": sources}) + b"\n")


def without_duplicates(rows: list[LedgerRow]) -> list[LedgerRow]:
    """The rows, in their order, where of equal texts only the first that is kept stays kept."""
    first: dict[str, str] = {}  # sha256 -> document id of the kept member
    result = []
    for row in rows:
        if row.is_kept and first.setdefault(row.sha256, row.document_id) != row.document_id:
            row = replace(row, decision="drop", reason="exact_duplicate", duplicate_of=first[row.sha256])
        result.append(row)
    return result


def _rows(
    source: Source, opened: Opened, recipe: Recipe, spool: Spool, report: Report, *, num_before: int
) -> list[LedgerRow]:
    rows = []
    for found in opened.documents:
        row = decide(found, source, recipe.corpus)
        if row.is_kept:
            assert found.text is not None
            spool.put(row.sha256, found.text)
        rows.append(row)
        if len(rows) % REPORT_EVERY == 0:
            done = num_before + len(rows)
            report(Progress(what="corpus", done=done, total=None, unit="documents", note=source.name))
    return rows


def _source_record(source: Source, opened: Opened) -> dict[str, Any]:
    """What a source was (equal wherever its bytes are equal) and how it was obtained here."""
    files = opened.inventory.files
    return {
        "determined": {
            "name": source.name,
            "kind": source.kind,
            "uri": opened.uri,
            "revision": opened.revision,
            "digest": digest([[path, sha256] for path, (sha256, _) in sorted(files.items())]),
            "num_files": len(files),
            "bytes": sum(size for _, size in files.values()),
            "license_stated": source.license,
        },
        "observed": {**opened.observed, "obtained_at": datetime.now(UTC).isoformat(timespec="seconds")},
    }


def _require_known(recipe: Recipe, locations: Mapping[str, Path]) -> None:
    names = [source.name for source in recipe.sources]
    for name in locations:
        if name not in names:
            raise Misuse(f"--source {name}: the recipe has no such source", hint=f"its sources are {', '.join(names)}")


def _require_some(rows: list[LedgerRow]) -> None:
    if any(row.is_kept for row in rows):
        return
    if not rows:
        raise Misuse("the corpus is empty: no source holds a document", hint="check the recipe's paths and patterns")
    reasons = Counter(row.reason for row in rows).most_common()
    told = ", ".join(f"{count} {reason}" for reason, count in reasons)
    hint = "look at the reasons; a source whose license you know can state it: license: CC-BY-4.0"
    raise Misuse(f"the corpus is empty: all {len(rows)} documents were dropped: {told}", hint=hint)
