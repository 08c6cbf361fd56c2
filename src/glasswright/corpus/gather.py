"""What became of all documents, as columns: a few hundred bytes a document, and no text.

Two columns beside the ledger's say where the text of a kept document lies: the number of its batch, and the place in
that batch's file of texts.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from glasswright.corpus.batches import Batches, is_kept
from glasswright.corpus.dedup import Bounds, Duplicate, Hit, Sketches, duplicates, join
from glasswright.corpus.removal import remove_all
from glasswright.records.conversations import said
from glasswright.records.progress import Progress, Report
from glasswright.records.recipe import Recipe
from glasswright.records.sources import Material
from glasswright.store.ledger import ROWS_PER_GROUP, SCHEMA, ledger_table

# A column of ten million ids is more than the 2 GiB that Arrow's plain strings can hold.
WIDE = pa.schema((field.name, pa.large_string() if field.type == pa.string() else field.type) for field in SCHEMA)


def gather(
    batches: Batches,
    keys: Sequence[str],
    dropped: Sequence[pa.Table],
    recipe: Recipe,
    report: Report,
    salt: bytes | None = None,
) -> "Gathered":
    """All rows, repeated and removed documents dropped, by document id.

    keys:     of the batches that were examined
    dropped:  the rows that were dropped as they were read
    salt:     of a private recipe
    """
    parts = [_placed(table, batch=-1) for table in (ledger_table([]), *dropped)]
    sketches: list[Sketches] = []
    hits: dict[str, list[Hit]] = {}
    for batch, key in enumerate(keys):
        parts.append(_placed(batches.rows(key), batch=batch))
        found, hits_here = batches.sketches(key)
        sketches.append(found)
        hits |= hits_here
    joined = join(sketches)
    sketches.clear()  # a second copy of the largest thing in memory
    rows, rules = pa.concat_tables(parts), recipe.corpus
    kept = rows.filter(is_kept(rows))
    report(Progress(what="compare", done=0, total=len(kept), unit="documents"))
    repeated = duplicates(
        kept.column("document_id").to_pylist(),
        kept.column("sha256").to_pylist(),
        joined,
        Bounds(
            near_similarity=Fraction(rules.near_similarity) or None,
            contained_share=Fraction(rules.contained_share) or None,
        ),
        _words_of(kept, batches, keys, recipe.learns),
    )
    report(Progress(what="compare", done=len(kept), total=len(kept), unit="documents"))
    rows = _with_duplicates(rows, {duplicate.document_id: duplicate for duplicate in repeated})
    rows = remove_all(rows, rules.remove, salt)
    return Gathered(batches, keys, rows.sort_by("document_id"), hits)


class Gathered:
    """The rows of the ledger, and where to find the texts of those that are kept."""

    def __init__(self, batches: Batches, keys: Sequence[str], rows: pa.Table, hits: Mapping[str, list[Hit]]):
        self.rows = rows
        self.num_kept: int = pc.sum(is_kept(rows)).as_py() or 0
        self._batches, self._keys, self._hits = batches, keys, hits

    def ledger_tables(self) -> Iterator[pa.Table]:
        """The rows, some at a time, with the columns of the ledger."""
        for batch in self.rows.select(SCHEMA.names).to_batches(max_chunksize=ROWS_PER_GROUP):
            yield pa.Table.from_batches([batch])

    def texts(self) -> Iterator[tuple[str, str]]:
        """(document id, text) of the documents that are kept, by id."""
        kept = self.rows.filter(is_kept(self.rows)).select(["document_id", "batch", "offset", "bytes"])
        for some in kept.to_batches(max_chunksize=ROWS_PER_GROUP):
            for name, batch, offset, size in zip(*(column.to_pylist() for column in some.columns), strict=True):
                yield name, _text(self._batches.texts(self._keys[batch]), offset, size)

    def reasons(self) -> list[tuple[str, int]]:
        """How often each reason was given, the most frequent first."""
        counts = pc.value_counts(self.rows.column("reason")).to_pylist()
        return sorted(((count["values"], count["counts"]) for count in counts), key=lambda pair: (-pair[1], pair[0]))

    def hit_records(self) -> list[dict[str, Any]]:
        """What was found of evaluation sets, in which document."""
        return [{"document_id": name, **asdict(hit)} for name, hits in sorted(self._hits.items()) for hit in hits]


def _text(file: Path, offset: int, num_bytes: int) -> str:
    with file.open("rb") as texts:
        texts.seek(offset)
        return texts.read(num_bytes).decode()


def _words_of(kept: pa.Table, batches: Batches, keys: Sequence[str], material: Material) -> Callable[[int], str]:
    """What the document of a row says, by its number."""
    batch, offset, num_bytes = (kept.column(name).to_numpy() for name in ("batch", "offset", "bytes"))
    return lambda row: said(_text(batches.texts(keys[batch[row]]), int(offset[row]), int(num_bytes[row])), material)


def _placed(rows: pa.Table, *, batch: int) -> pa.Table:
    """Rows with the two columns that say where the texts lie."""
    sizes = np.where(is_kept(rows).to_numpy(), rows.column("bytes").to_numpy(), 0)
    rows = rows.cast(WIDE).append_column("batch", pa.array(np.full(len(rows), batch, np.int32)))
    return rows.append_column("offset", pa.array(np.cumsum(sizes) - sizes))


def _with_duplicates(rows: pa.Table, found: Mapping[str, Duplicate]) -> pa.Table:
    """The rows, those of repeated documents dropped with the reason and the document that stands for them."""
    if not found:
        return rows
    repeated = [found.get(name) for name in rows.column("document_id").to_pylist()]
    is_repeated = pa.array([duplicate is not None for duplicate in repeated])
    dropped = {
        "decision": pa.scalar("drop", pa.large_string()),
        "reason": pa.array([duplicate and duplicate.reason for duplicate in repeated], pa.large_string()),
        "duplicate_of": pa.array([duplicate and duplicate.duplicate_of for duplicate in repeated], pa.large_string()),
    }
    for name, values in dropped.items():
        column = pc.if_else(is_repeated, values, rows.column(name))
        rows = rows.set_column(rows.schema.get_field_index(name), name, column)
    return rows
