"""`ledger.parquet`: one row for every document seen, ordered by document id.

The file's bytes depend on the Parquet library, so nothing hashes the file: the ledger's root is the Merkle root over
the canonical bytes of its rows.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from itertools import islice, pairwise
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from glasswright.errors import Misuse
from glasswright.records.ledger import LedgerRow
from glasswright.store.atomic import atomic_file

INTEGER_COLUMNS = frozenset({"bytes", "pii_masked", "tokens"})
NULLABLE_COLUMNS = frozenset(
    {"title", "author", "language", "license", "license_evidence", "jurisdiction", "duplicate_of", "tokens"}
)
ROWS_PER_GROUP = 65_536

SCHEMA = pa.schema(
    pa.field(
        field.name,
        pa.int64() if field.name in INTEGER_COLUMNS else pa.string(),
        nullable=field.name in NULLABLE_COLUMNS,
    )
    for field in fields(LedgerRow)
)


def ledger_table(rows: Sequence[LedgerRow]) -> pa.Table:
    """Rows as columns."""
    return pa.Table.from_pylist([row.record() for row in rows], schema=SCHEMA)


def write_ledger(path: Path, rows: Iterable[LedgerRow]) -> None:
    """Put the rows in the file at `path`, in the order given.

    Raises:  ValueError if the rows are not in rising order of document id.
    """
    left = iter(rows)
    groups = iter(lambda: list(islice(left, ROWS_PER_GROUP)), [])
    write_ledger_tables(path, map(ledger_table, groups))


def write_ledger_tables(path: Path, tables: Iterable[pa.Table]) -> None:
    """Put tables, which have the columns of SCHEMA, in the file at `path`, one row group each.

    Raises:  ValueError if the rows are not in rising order of document id.
    """
    last = ""
    with atomic_file(path) as file, pq.ParquetWriter(file, SCHEMA, compression="zstd") as writer:
        for table in tables:
            names = [last, *table.column("document_id").to_pylist()]
            for before, after in pairwise(names):
                if before >= after:
                    raise ValueError(f"{after}: the ledger is ordered by document id, and each is there once")
            last = names[-1]
            writer.write_table(table.cast(SCHEMA))


def read_ledger(path: Path) -> list[LedgerRow]:
    """The rows of the file at `path`.

    Raises:  Misuse if the file is absent, damaged, or has other columns than a ledger.
    """
    with _explained(path):
        return [LedgerRow(**row) for table in ledger_tables(path) for row in table.to_pylist()]


def ledger_tables(path: Path) -> Iterator[pa.Table]:
    """The rows of the file at `path` as tables, some rows at a time.

    Raises:  Misuse if the file is absent, damaged, or has other columns than a ledger.
    """
    with _explained(path), pq.ParquetFile(path) as file:
        if file.schema_arrow.names != SCHEMA.names:
            raise ValueError(f"expected the columns {SCHEMA.names}, found {file.schema_arrow.names}")
        for batch in file.iter_batches(ROWS_PER_GROUP):
            yield pa.Table.from_batches([batch])


def without_tokens(table: pa.Table) -> pa.Table:
    """The rows as they are before the tokenizer is known."""
    place = SCHEMA.get_field_index("tokens")
    return table.set_column(place, SCHEMA.field(place), pa.nulls(len(table), pa.int64()))


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError, TypeError, pa.ArrowException) as error:
        raise Misuse(f"{path}: cannot read the ledger: {error}", hint="fetch or build it again") from error
