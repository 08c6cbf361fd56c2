"""`ledger.parquet`: one row for every document seen, ordered by document id.

The file's bytes depend on the Parquet library, so nothing hashes the file: the ledger's root is the Merkle root over
the canonical bytes of its rows.
"""

from collections.abc import Iterable
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

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


def write_ledger(path: Path, rows: Iterable[LedgerRow]) -> None:
    """Put the rows in the file at `path`, in the order given.

    Raises:  ValueError if the rows are not in rising order of document id.
    """
    last = ""
    with atomic_file(path) as file, pq.ParquetWriter(file, SCHEMA, compression="zstd") as writer:
        group: list[dict[str, Any]] = []
        for row in rows:
            if row.document_id <= last:
                raise ValueError(f"{row.document_id}: the ledger is ordered by document id, and each is there once")
            last = row.document_id
            group.append(asdict(row))
            if len(group) == ROWS_PER_GROUP:
                writer.write_table(pa.Table.from_pylist(group, schema=SCHEMA))
                group = []
        if group:
            writer.write_table(pa.Table.from_pylist(group, schema=SCHEMA))


def read_ledger(path: Path) -> list[LedgerRow]:
    """The rows of the file at `path`.

    Raises:  Misuse if the file is absent, damaged, or has other columns than a ledger.
    """
    try:
        table = pq.read_table(path)
        if table.schema.names != SCHEMA.names:
            raise ValueError(f"expected the columns {SCHEMA.names}, found {table.schema.names}")
        return [LedgerRow(**row) for row in table.to_pylist()]
    except (OSError, ValueError, TypeError, pa.ArrowException) as error:
        raise Misuse(f"{path}: cannot read the ledger: {error}", hint="fetch or build it again") from error
