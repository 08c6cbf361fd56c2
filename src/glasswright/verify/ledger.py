"""The ledger: its rows as the file has them, each held to what it says of itself."""

from dataclasses import dataclass, fields

from glasswright.attest.merkle import leaf_hash
from glasswright.errors import ClaimFalse
from glasswright.records.ledger import LedgerRow, document_id
from glasswright.verify.decode import decode, encode
from glasswright.verify.folder import REPLACE, Folder
from glasswright.verify.parquet import read_rows

LEDGER = "corpus/ledger.parquet"
COLUMNS = tuple(field.name for field in fields(LedgerRow))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """The rows in order, and their leaf hashes."""

    rows: tuple[LedgerRow, ...]
    hashes: tuple[bytes, ...]

    @property
    def kept(self) -> tuple[LedgerRow, ...]:
        return tuple(row for row in self.rows if row.is_kept)


def read_ledger(folder: Folder) -> Ledger:
    """Read the rows.

    Raises:  ClaimFalse naming the row if one is not a ledger row, or its id does not follow from what it says.
    """
    rows, hashes, last = [], [], ""
    for number, values in enumerate(read_rows(folder, LEDGER, COLUMNS), start=1):
        where = f"{LEDGER}: row {number}"
        record = dict(zip(COLUMNS, values, strict=True))
        row = decode(LedgerRow, record, where)
        if row.document_id <= last:
            raise ClaimFalse(f"{where}: not in rising order of document id", hint=REPLACE)
        if row.document_id != document_id(source=row.source, path=row.path, sha256=row.sha256):
            raise ClaimFalse(f"{where}: {row.path}: the id is not that of source, path and sha256")
        last = row.document_id
        hashes.append(leaf_hash(encode(record, where)))
        rows.append(row)
    return Ledger(rows=tuple(rows), hashes=tuple(hashes))
