"""`reads.parquet`: what every step reads, a row for each span.

    step  sequence  document  start  count       ordered by step, sequence, and place in the sequence

The file's bytes depend on the Parquet library, so nothing hashes the file: the record of each step holds the digest of
what it reads.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby, islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from glasswright.errors import Misuse
from glasswright.records.transcript import Sequences, Span
from glasswright.store.atomic import atomic_file

READS = "reads.parquet"
SCHEMA = pa.schema(
    pa.field(name, pa.int64(), nullable=False) for name in ("step", "sequence", "document", "start", "count")
)
STEPS_AT_ONCE = 1024

Row = tuple[int, int, int, int, int]


def write_reads(path: Path, steps: Iterable[Sequences]) -> None:
    """Write what steps 1, 2, ... read to `path`, whole or not at all.

    Raises:  WriteFailed if the disk does not take it.
    """
    numbered = enumerate(steps, start=1)
    with atomic_file(path) as file, pq.ParquetWriter(file, SCHEMA, compression="zstd") as writer:
        while some := list(islice(numbered, STEPS_AT_ONCE)):
            rows = [row for step, sequences in some for row in _rows(step, sequences)]
            columns = [pa.array(column, pa.int64()) for column in zip(*rows, strict=True)]
            writer.write_table(pa.Table.from_arrays(columns, schema=SCHEMA))


def read_reads(path: Path) -> Iterator[tuple[int, Sequences]]:
    """(step, what it reads) for every step, in order.

    Raises:  Misuse if the file is absent, damaged, or has other columns.
    """
    for step, rows in groupby(_read_rows(path), key=lambda row: row[0]):
        yield (
            step,
            tuple(
                tuple(Span(document=document, start=start, count=count) for _, _, document, start, count in spans)
                for _, spans in groupby(rows, key=lambda row: row[1])
            ),
        )


def _rows(step: int, sequences: Sequences) -> Iterator[Row]:
    for number, spans in enumerate(sequences):
        yield from ((step, number, span.document, span.start, span.count) for span in spans)


def _read_rows(path: Path) -> Iterator[Row]:
    try:
        with pq.ParquetFile(path) as file:
            if file.schema_arrow.names != SCHEMA.names:
                raise ValueError(f"expected the columns {SCHEMA.names}, found {file.schema_arrow.names}")
            for batch in file.iter_batches():
                yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)
    except (OSError, ValueError, pa.ArrowException) as error:
        raise Misuse(f"{path}: cannot read what was read: {error}", hint="fetch or build it again") from error
