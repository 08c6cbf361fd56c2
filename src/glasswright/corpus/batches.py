"""What lies on disk between the steps, so that a collection that was killed goes on. Everything is Arrow but texts.

    NUMBER.read     of a shard: the rows that were dropped as they were read, its batches, its files
    KEY.batch       rows and texts to be examined; gone once there is a result
    KEY.texts       the texts that are kept, one after the other
    KEY.sketches    their sketches, and what was found of evaluation sets
    KEY.rows        all rows of the batch, in its order; written last: where it is, the result is whole

KEY is the digest of the batch's rows (which hold the digests of their texts) and of the rules. A file that has the
right name is the right file: sources are read again, and a batch that has its result is not examined again.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from glasswright.corpus.dedup import Hit, Sketches
from glasswright.corpus.dedup import columns as sketch_columns
from glasswright.corpus.examine import Examiner
from glasswright.records.canonical import digest
from glasswright.records.ledger import LedgerRow
from glasswright.store.atomic import atomic_file, write_atomic
from glasswright.store.ledger import ledger_table

TEXT = pa.field("text", pa.large_string())


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """What was read of a shard."""

    dropped: pa.Table  # the rows of documents that are not examined
    keys: dict[str, int]  # of each batch, the number of its documents
    files: dict[str, tuple[str, int]]  # of each file, (sha256, bytes)


@dataclass(frozen=True, slots=True)
class Batches:
    """A folder of batches that are examined under one set of rules."""

    folder: Path
    rules: str  # digest of all that a result depends on beside the batch

    def put(self, rows: Sequence[LedgerRow], texts: Sequence[str]) -> str:
        """Keep a batch until it is examined; the key it is known by."""
        key = digest({"rules": self.rules, "rows": [row.record() for row in rows]})
        if not self.is_examined(key):
            self._write(f"{key}.batch", ledger_table(rows).append_column(TEXT, pa.array(texts, TEXT.type)))
        return key

    def put_read(self, shard: int, incoming: Incoming) -> None:
        """Keep what was read of a shard."""
        self._write(f"{shard:06d}.read", incoming.dropped, keys=incoming.keys, files=incoming.files)

    def read(self, shard: int) -> Incoming:
        """What was read of a shard."""
        table = self._read(f"{shard:06d}.read")
        files = {path: (sha256, size) for path, (sha256, size) in _noted(table, "files").items()}
        return Incoming(dropped=table.replace_schema_metadata(), keys=_noted(table, "keys"), files=files)

    def is_examined(self, key: str) -> bool:
        return (self.folder / f"{key}.rows").exists()

    def examine(self, key: str, examiner: Examiner) -> int:
        """Write a batch's result. Returns the number of its documents."""
        batch = self._read(f"{key}.batch")
        rows = [LedgerRow(**record) for record in batch.drop_columns(TEXT.name).to_pylist()]
        examined = examiner(rows, batch.column(TEXT.name).to_pylist())
        write_atomic(self.texts(key), "".join(examined.texts).encode())
        sketches = pa.table(sketch_columns.to_columns(examined.sketches), schema=sketch_columns.SCHEMA)
        hits = {name: [asdict(hit) for hit in hits] for name, hits in examined.hits.items()}
        self._write(f"{key}.sketches", sketches, hits=hits)
        self._write(f"{key}.rows", ledger_table(examined.rows))
        (self.folder / f"{key}.batch").unlink()
        return len(rows)

    def rows(self, key: str) -> pa.Table:
        """All rows of a batch that was examined."""
        return self._read(f"{key}.rows")

    def sketches(self, key: str) -> tuple[Sketches, dict[str, list[Hit]]]:
        """Of the rows that are kept, in their order: the sketches, and by document id what was found in them."""
        table = self._read(f"{key}.sketches")
        hits = {name: [Hit(**hit) for hit in hits] for name, hits in _noted(table, "hits").items()}
        return sketch_columns.from_columns(table), hits

    def texts(self, key: str) -> Path:
        """A file with the texts of the rows that are kept, in their order."""
        return self.folder / f"{key}.texts"

    def _write(self, name: str, table: pa.Table, **notes: Any) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        metadata = {note: json.dumps(value) for note, value in notes.items()}
        with (
            atomic_file(self.folder / name) as file,
            pa.ipc.new_file(file, table.schema.with_metadata(metadata)) as writer,
        ):
            writer.write_table(table.replace_schema_metadata(metadata))

    def _read(self, name: str) -> pa.Table:
        with pa.OSFile(str(self.folder / name)) as file:
            return pa.ipc.open_file(file).read_all()


def is_kept(rows: pa.Table) -> pa.ChunkedArray:
    """For each row, whether it is kept."""
    return pc.equal(rows.column("decision"), "keep")


def _noted(table: pa.Table, note: str) -> Any:
    return json.loads(table.schema.metadata[note.encode()])
