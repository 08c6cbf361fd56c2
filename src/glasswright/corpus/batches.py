"""Batches of documents on disk, each with what became of it, so that a collection that was killed goes on.

    KEY.batch    rows and texts, as they came from the sources; gone once there is a result
    KEY.texts    the texts that are kept, one after the other
    KEY.arrow    their rows and sketches, the rows that were dropped, what was found of evaluation sets

KEY is the digest of the batch's rows (which hold the digests of their texts) and of the rules. A file that has the
right name is the right file: sources are read again, and a batch that has its result is not examined again.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

import pyarrow as pa

from glasswright.corpus.dedup import Hit
from glasswright.corpus.dedup.columns import SCHEMA, from_columns, to_columns
from glasswright.corpus.examine import Examined, Examiner
from glasswright.records.canonical import canonical_bytes, digest
from glasswright.records.ledger import LedgerRow
from glasswright.store.atomic import atomic_file, write_atomic


class Batches:
    """A folder of batches that are examined under one set of rules."""

    def __init__(self, folder: Path, rules: str):
        """rules: the digest of all that a result depends on beside the batch."""
        self._folder, self._rules = folder, rules

    def put(self, rows: Sequence[LedgerRow], texts: Sequence[str]) -> str:
        """Keep a batch until it is examined; the key it is known by."""
        key = digest({"rules": self._rules, "rows": [row.record() for row in rows]})
        if not self.is_examined(key):
            self._folder.mkdir(parents=True, exist_ok=True)
            with atomic_file(self._path(key, "batch")) as file:
                for row, text in zip(rows, texts, strict=True):
                    file.write(canonical_bytes([row.record(), text]) + b"\n")
        return key

    def is_examined(self, key: str) -> bool:
        return self._path(key, "arrow").exists()

    def examine(self, key: str, examiner: Examiner) -> None:
        """Write a batch's result. The table comes last: where it is, the result is whole."""
        rows, texts = self._batch(key)
        examined = examiner(rows, texts)
        write_atomic(self.texts(key), "".join(examined.texts).encode())
        with atomic_file(self._path(key, "arrow")) as file:
            table = _table(examined)
            with pa.ipc.new_file(file, table.schema) as writer:
                writer.write_table(table)
        self._path(key, "batch").unlink()

    def result(self, key: str) -> Examined:
        """What became of a batch; its texts stay on disk, in `texts(key)`, in the order of the rows that are kept."""
        with pa.OSFile(str(self._path(key, "arrow"))) as file:
            table = pa.ipc.open_file(file).read_all()
        kept = [_row(data) for data in table.column("row").to_pylist()]
        dropped = [LedgerRow(**record) for record in json.loads(table.schema.metadata[b"dropped"])]
        found = json.loads(table.schema.metadata[b"hits"])
        hits = {name: [Hit(**hit) for hit in hits] for name, hits in found.items()}
        return Examined(rows=kept + dropped, texts=[], sketches=from_columns(table), hits=hits)

    def texts(self, key: str) -> Path:
        return self._path(key, "texts")

    def _batch(self, key: str) -> tuple[list[LedgerRow], list[str]]:
        rows, texts = [], []
        with self._path(key, "batch").open("rb") as file:
            for line in file:
                record, text = json.loads(line)
                rows.append(LedgerRow(**record))
                texts.append(text)
        return rows, texts

    def _path(self, key: str, kind: str) -> Path:
        return self._folder / f"{key}.{kind}"


def _table(examined: Examined) -> pa.Table:
    """The kept rows with their sketches as columns, everything else as metadata."""
    rows = pa.array([canonical_bytes(row.record()) for row in examined.rows if row.is_kept], pa.binary())
    dropped = [row.record() for row in examined.rows if not row.is_kept]
    hits = {name: [asdict(hit) for hit in hits] for name, hits in examined.hits.items()}
    metadata = {"dropped": canonical_bytes(dropped), "hits": canonical_bytes(hits)}
    schema = pa.schema([pa.field("row", pa.binary()), *SCHEMA], metadata=metadata)
    return pa.table({"row": rows, **to_columns(examined.sketches)}, schema=schema)


def _row(data: bytes) -> LedgerRow:
    return LedgerRow(**json.loads(data))


class Texts:
    """Where each text lies on disk, by its digest: memory holds no text."""

    def __init__(self) -> None:
        self._places: dict[str, tuple[Path, int, int]] = {}

    def add(self, path: Path, rows: Iterable[LedgerRow]) -> None:
        """path: a file with the texts of these rows, one after the other."""
        offset = 0
        for row in rows:
            self._places.setdefault(row.sha256, (path, offset, row.bytes))
            offset += row.bytes

    def get(self, sha256: str) -> str:
        path, offset, size = self._places[sha256]
        with path.open("rb") as file:
            file.seek(offset)
            return file.read(size).decode()
