"""The ledger, read with DuckDB where its writer used Arrow: two libraries must see the same rows."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from glasswright.attest.merkle import leaf_hash
from glasswright.errors import ClaimFalse
from glasswright.records.canonical import canonical_bytes
from glasswright.records.ledger import LedgerRow, document_id
from glasswright.verify.decode import decode

COLUMNS = tuple(field.name for field in fields(LedgerRow))
ROWS_AT_ONCE = 10_000
DAMAGED = "fetch the release again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """The rows in order, and their leaf hashes."""

    rows: tuple[LedgerRow, ...]
    hashes: tuple[bytes, ...]

    @property
    def kept(self) -> tuple[LedgerRow, ...]:
        return tuple(row for row in self.rows if row.is_kept)


def read_ledger(path: Path, where: str) -> Ledger:
    """Read the rows.

    Raises:  ClaimFalse naming the row if one is not a ledger row, or its id does not follow from what it says.
    """
    rows, hashes, last = [], [], ""
    for number, values in enumerate(_rows(path, where), start=1):
        row = decode(LedgerRow, values, f"{where}: row {number}")
        if row.document_id <= last:
            raise ClaimFalse(f"{where}: row {number}: not in rising order of document id", hint=DAMAGED)
        if row.document_id != document_id(source=row.source, path=row.path, sha256=row.sha256):
            raise ClaimFalse(f"{where}: row {number}: {row.path}: the id is not that of source, path and sha256")
        last = row.document_id
        hashes.append(leaf_hash(canonical_bytes(values)))
        rows.append(row)
    return Ledger(rows=tuple(rows), hashes=tuple(hashes))


def _rows(path: Path, where: str) -> Iterator[dict[str, Any]]:
    import duckdb

    pattern = re.sub(r"([*?\[])", r"[\1]", str(path))  # the name is a glob pattern to DuckDB
    try:
        with duckdb.connect(":memory:", config={"autoload_known_extensions": False}) as connection:
            query = "SELECT * FROM read_parquet(?, hive_partitioning = false)"
            result = connection.execute(query, [pattern])
            columns = tuple(column[0] for column in result.description or ())
            if columns != COLUMNS:
                raise ClaimFalse(f"{where}: expected the columns {', '.join(COLUMNS)}; found {', '.join(columns)}")
            while rows := result.fetchmany(ROWS_AT_ONCE):
                yield from (dict(zip(COLUMNS, row, strict=True)) for row in rows)
    except duckdb.Error as error:
        raise ClaimFalse(f"{where}: not readable as Parquet: {_first_line(error)}", hint=DAMAGED) from error


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
