"""Sources to kept documents, with a row for everything that was seen.

    1. read each source; every document it holds, and every file that holds none, becomes a row
    2. decide: the source's own reason, then the text, then the license
    3. examine what may be used, batch by batch: mend, judge, mask, sketch, compare with evaluation sets
    4. of equal, similar and contained documents keep one; take out what was asked to be removed
    5. order by document id; write ledger, documents and sources

What comes out depends on the recipe and the sources' bytes: not on the order files were found in, nor on who examined
which batch. Examined batches lie in a work folder until the end, so a collection that was killed goes on.
"""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from glasswright.corpus.batches import Batches, Incoming
from glasswright.corpus.engine import Engine
from glasswright.corpus.examine import Examiner
from glasswright.corpus.found import Opened
from glasswright.corpus.gather import Gathered, gather
from glasswright.corpus.removal import removal_records
from glasswright.corpus.shards import Shard, shards
from glasswright.corpus.sources.open import open_source
from glasswright.corpus.tasks import BATCH_BYTES, Examining, Reading
from glasswright.errors import DigestMismatch, GlasswrightError, Misuse
from glasswright.records.canonical import canonical_bytes, digest
from glasswright.records.progress import Progress, Report, silent
from glasswright.records.recipe import Recipe, Source
from glasswright.store.atomic import write_atomic
from glasswright.store.documents import write_documents
from glasswright.store.ledger import write_ledger_tables

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
    salt: bytes | None = None,
    report: Report = silent,
) -> None:
    """Write a recipe's documents to `out`: ledger.parquet, documents/ and sources.json.

    base:       the recipe's folder, where its relative paths start
    work:       where examined batches wait, and are found again after a kill (default: beside `out`); gone in the end
    locations:  where sources lie on this machine, by name, if not where the recipe says
    mirror:     a folder OWNER/NAME/... with copies of the git repositories, used in place of the network
    engine:     who examines the batches; what is found does not depend on it
    salt:       of a private recipe, which names what it removes by it

    Raises:  Misuse if a source is absent or damaged, or if no document is kept; DigestMismatch if a source is not
             the one that is pinned; EngineFailed if a worker fails.
    """
    _require_known(recipe, locations)
    work = (work or out.with_name(f".{out.name}.work")).absolute()
    examiner = Examiner(recipe.corpus, base, recipe.learns, salt)
    rules = {"rules": recipe.corpus.model_dump(mode="json"), "searched": examiner.searched, "material": recipe.learns}
    batches = Batches(work, digest(rules))
    with ExitStack() as holder:
        opened = [
            open_source(source, base=base, location=locations.get(source.name), mirror=mirror, holder=holder)
            for source in recipe.sources
        ]
        cut = shards(opened)
        _read(cut, Reading(recipe.sources, [one.read for one in opened], recipe.corpus, batches), engine, report)
    incoming = [batches.read(shard.number) for shard in cut]
    with _nothing_to_go_on_with(work):
        sources = _source_records(recipe.sources, opened, cut, incoming)
    counts = {key: count for found in incoming for key, count in found.keys.items()}
    _examine(counts, Examining(batches, examiner), engine, report)
    gathered = gather(batches, list(counts), [found.dropped for found in incoming], recipe, report, salt)
    with _nothing_to_go_on_with(work):
        _require_some(gathered)
    out.mkdir(parents=True, exist_ok=True)
    write_documents(out / DOCUMENTS, _told(gathered, report))
    write_ledger_tables(out / LEDGER, gathered.ledger_tables())
    evaluations = {"sets": [asdict(searched) for searched in examiner.evaluation_sets], "hits": gathered.hit_records()}
    record = {
        "sources": sources,
        "quality": examiner.applied,
        "evaluations": evaluations,
        "removals": removal_records(gathered.rows, recipe.corpus.remove, salt),
    }
    write_atomic(out / SOURCES, canonical_bytes(record) + b"\n")
    shutil.rmtree(work, ignore_errors=True)


@contextmanager
def _nothing_to_go_on_with(work: Path) -> Iterator[None]:
    """An error in here is found again by every later run: its work folder would only lie about."""
    try:
        yield
    except GlasswrightError:
        shutil.rmtree(work, ignore_errors=True)
        raise


def _read(cut: Sequence[Shard], reading: Reading, engine: Engine, report: Report) -> None:
    total = sum(file.num_bytes for shard in cut for file in shard.files)
    done = 0
    report(_read_so_far(0, total))
    for num_bytes in engine.each(cut, reading, num_bytes=total):
        done += num_bytes
        if done // 1000 < total // 1000:  # unpacked, it may be more; the end is told once
            report(_read_so_far(done, total))
    report(_read_so_far(total, total))


def _read_so_far(num_bytes: int, total: int) -> Progress:
    return Progress(what="read", done=num_bytes // 1000, total=total // 1000, unit="kB")


def _examine(counts: Mapping[str, int], examining: Examining, engine: Engine, report: Report) -> None:
    """Examine the batches that have no result yet; counts: of each, the number of its documents."""
    waiting = [key for key in counts if not examining.batches.is_examined(key)]
    total = sum(counts.values())
    done = total - sum(counts[key] for key in waiting)
    report(Progress(what="examine", done=done, total=total, unit="documents"))
    for num_documents in engine.each(waiting, examining, num_bytes=len(waiting) * BATCH_BYTES):
        done += num_documents
        report(Progress(what="examine", done=done, total=total, unit="documents"))


def _told(gathered: Gathered, report: Report) -> Iterator[tuple[str, str]]:
    for number, document in enumerate(gathered.texts(), start=1):
        yield document
        report(Progress(what="write", done=number, total=gathered.num_kept, unit="documents"))


def _source_records(
    sources: Sequence[Source], opened: Sequence[Opened], cut: Sequence[Shard], incoming: Sequence[Incoming]
) -> list[dict[str, Any]]:
    """What each source was.

    Raises:  DigestMismatch if it is not the one that is pinned.
    """
    files: list[dict[str, tuple[str, int]]] = [{} for _ in sources]
    for shard, found in zip(cut, incoming, strict=True):
        files[shard.source] |= found.files
    records = [_source_record(*one) for one in zip(sources, opened, files, strict=True)]
    for source, record in zip(sources, records, strict=True):
        _require_pinned(source, record["determined"]["digest"])
    return records


def _source_record(source: Source, opened: Opened, files: Mapping[str, tuple[str, int]]) -> dict[str, Any]:
    """What a source was (equal wherever its bytes are equal) and how it was obtained here."""
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
            **({} if opened.readers is None else {"readers": dict(opened.readers)}),
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


def _require_some(gathered: Gathered) -> None:
    if gathered.num_kept:
        return
    if not len(gathered.rows):
        raise Misuse("the corpus is empty: no source holds a document", hint="check the recipe's paths and patterns")
    told = ", ".join(f"{count} {reason}" for reason, count in gathered.reasons())
    hint = "look at the reasons; a source whose license you know can state it: license: CC-BY-4.0"
    raise Misuse(f"the corpus is empty: all {len(gathered.rows)} documents were dropped: {told}", hint=hint)
