"""Sources to kept documents, with a row for everything that was seen.

    1. read each source; every document it holds, and every file that holds none, becomes a row
    2. decide: the source's own reason, then the text, then the license
    3. examine what may be used, batch by batch: mend, judge, mask, sketch, compare with evaluation sets
    4. of equal, similar and contained documents keep one
    5. order by document id; write ledger, documents and sources

What comes out depends on the recipe and the sources' bytes: not on the order files were found in, nor on who examined
which batch. Examined batches lie in a work folder until the end, so a collection that was killed goes on.
"""

import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from glasswright.corpus.batches import Batches
from glasswright.corpus.decide import decide
from glasswright.corpus.engine import Engine, Work, examine_all
from glasswright.corpus.examine import Examiner
from glasswright.corpus.found import Opened
from glasswright.corpus.gather import Gathered, Incoming
from glasswright.corpus.sources.open import open_source
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
HERE = Engine()


def collect(
    recipe: Recipe,
    *,
    base: Path,
    out: Path,
    work: Path | None = None,
    locations: Mapping[str, Path] = NO_LOCATIONS,
    mirror: Path | None = None,
    engine: Engine = HERE,
    report: Report = silent,
) -> None:
    """Write a recipe's documents to `out`: ledger.parquet, documents/ and sources.json.

    base:       the recipe's folder, where its relative paths start
    work:       where examined batches wait, and are found again after a kill (default: beside `out`); gone in the end
    locations:  where sources lie on this machine, by name, if not where the recipe says
    mirror:     a folder OWNER/NAME/... with copies of the git repositories, used in place of the network
    engine:     who examines the batches; what is found does not depend on it

    Raises:  Misuse if a source is absent or damaged, or if no document is kept; DigestMismatch if a source is not
             the one that is pinned; EngineFailed if a worker fails.
    """
    _require_known(recipe, locations)
    work = (work or out.with_name(f".{out.name}.work")).absolute()
    examiner = Examiner(recipe.corpus, base)
    batches = Batches(work, digest({"rules": recipe.corpus.model_dump(mode="json"), "searched": examiner.searched}))
    incoming = Incoming(batches)
    sources: list[dict[str, Any]] = []
    with ExitStack() as holder:
        for source in recipe.sources:
            opened = open_source(source, base=base, location=locations.get(source.name), mirror=mirror, holder=holder)
            _read(source, opened, recipe, incoming, report)
            sources.append(_source_record(source, opened))
            _require_pinned(source, sources[-1]["determined"]["digest"])
    incoming.close_batch()
    _examine(incoming, Work(rules=recipe.corpus, base=base.absolute(), batches=batches), engine, examiner, report)
    gathered = Gathered(batches, incoming.keys)
    report(Progress(what="compare", done=0, total=gathered.num_kept, unit="documents"))
    rows = sorted([*incoming.dropped, *gathered.rows(recipe.corpus)], key=lambda row: row.document_id)
    report(Progress(what="compare", done=gathered.num_kept, total=gathered.num_kept, unit="documents"))
    _require_some(rows)
    out.mkdir(parents=True, exist_ok=True)
    write_documents(out / DOCUMENTS, _kept_texts(rows, gathered, report))
    write_ledger(out / LEDGER, rows)
    evaluations = {"sets": [asdict(searched) for searched in examiner.evaluation_sets], "hits": gathered.hit_records()}
    write_atomic(out / SOURCES, canonical_bytes({"sources": sources, "evaluations": evaluations}) + b"\n")
    shutil.rmtree(work, ignore_errors=True)


def _read(source: Source, opened: Opened, recipe: Recipe, incoming: Incoming, report: Report) -> None:
    for number, found in enumerate(opened.documents, start=1):
        incoming.add(decide(found, source, recipe.corpus), found.text)
        report(Progress(what="read", done=number, total=None, unit="documents", note=source.name))


def _examine(incoming: Incoming, work: Work, engine: Engine, examiner: Examiner, report: Report) -> None:
    """Examine the batches that have no result yet."""
    waiting = [key for key in incoming.keys if not work.batches.is_examined(key)]
    total = sum(incoming.keys.values())
    done = total - sum(incoming.keys[key] for key in waiting)
    report(Progress(what="examine", done=done, total=total, unit="documents"))
    for key in examine_all(waiting, work, engine, examiner):
        done += incoming.keys[key]
        report(Progress(what="examine", done=done, total=total, unit="documents"))


def _kept_texts(rows: list[LedgerRow], gathered: Gathered, report: Report) -> Iterator[tuple[str, str]]:
    kept = [row for row in rows if row.is_kept]
    for number, row in enumerate(kept, start=1):
        yield row.document_id, gathered.texts.get(row.sha256)
        report(Progress(what="write", done=number, total=len(kept), unit="documents"))


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
