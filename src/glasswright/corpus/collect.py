"""Sources to kept documents, with a row for everything that was seen.

    1. read each source; every document it holds, and every file that holds none, becomes a row
    2. decide: the source's own reason, then the text, then the license
    3. examine what may be used: mend, judge, mask, compare with evaluation sets
    4. of equal, similar and contained documents keep one
    5. order by document id; write ledger, documents and sources

What comes out depends on the recipe and the sources' bytes, not on the order files were found in.
"""

from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from glasswright.corpus.decide import decide
from glasswright.corpus.examine import Examiner
from glasswright.corpus.found import Opened
from glasswright.corpus.gather import Gathered
from glasswright.corpus.sources.open import open_source
from glasswright.corpus.spool import Spool
from glasswright.errors import DigestMismatch, Misuse
from glasswright.records.canonical import canonical_bytes, digest
from glasswright.records.ledger import LedgerRow
from glasswright.records.progress import Progress, Report, silent
from glasswright.records.recipe import Recipe, Source
from glasswright.store.atomic import write_atomic
from glasswright.store.documents import write_documents
from glasswright.store.ledger import write_ledger

LEDGER, DOCUMENTS, SOURCES = "ledger.parquet", "documents", "sources.json"
NO_LOCATIONS: Mapping[str, Path] = {}


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

    Raises:  Misuse if a source is absent or damaged, or if no document is kept; DigestMismatch if a source is not
             the one that is pinned.
    """
    _require_known(recipe, locations)
    out.mkdir(parents=True, exist_ok=True)
    with Spool(out) as spool, ExitStack() as holder:
        gathered = Gathered(Examiner(recipe.corpus, base), spool, report)
        sources: list[dict[str, Any]] = []
        for source in recipe.sources:
            opened = open_source(source, base=base, location=locations.get(source.name), mirror=mirror, holder=holder)
            for found in opened.documents:
                gathered.add(decide(found, source, recipe.corpus), found.text, note=source.name)
            sources.append(_source_record(source, opened))
            _require_pinned(source, sources[-1]["determined"]["digest"])
        rows = gathered.finish(recipe.corpus)
        _require_some(rows)
        report(Progress(what="corpus", done=len(rows), total=len(rows), unit="documents", note="writing"))
        kept = ((row.document_id, spool.get(row.sha256)) for row in rows if row.is_kept)
        write_documents(out / DOCUMENTS, kept)
        write_ledger(out / LEDGER, rows)
        record = {"sources": sources, "evaluations": gathered.contamination_record()}
        write_atomic(out / SOURCES, canonical_bytes(record) + b"\n")


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


def _require_pinned(source: Source, found: str) -> None:
    if source.sha256 is not None and source.sha256 != found:
        raise DigestMismatch(
            f"source {source.name}",
            recorded=source.sha256,
            found=found,
            hint="its files are not those the recipe was written for; `digest` in sources.json is what sha256 pins",
        )


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
