"""Look into a corpus: a folder that `collect` wrote, or a release.

summary     how many documents, by reason, license, source, language: always adds up to all that were seen
find        one document by id, by its first digits, or by its path
query       SQL over the ledger
prove       that a document's row is under the ledger's root
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glasswright.attest.merkle import InclusionProof, leaf_hash, prove_inclusion, root_of_hashes
from glasswright.errors import Misuse
from glasswright.records.canonical import canonical_bytes
from glasswright.records.ledger import LedgerRow
from glasswright.store.ledger import read_ledger

NONE = "(none)"
MIN_DIGITS = 4  # of a document id, to be taken for one


def rows_of(folder: Path) -> list[LedgerRow]:
    """The ledger of a corpus folder or of a release.

    Raises:  Misuse if there is none.
    """
    return read_ledger(ledger_path(folder))


def ledger_path(folder: Path) -> Path:
    """Where the ledger of a corpus folder or of a release lies."""
    for place in (folder / "ledger.parquet", folder / "corpus" / "ledger.parquet"):
        if place.is_file():
            return place
    raise Misuse(f"{folder}: no ledger here", hint="expected a corpus folder (ledger.parquet) or a release")


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Counts over a ledger. Each table adds up to `num_seen`."""

    num_seen: int
    num_kept: int
    bytes_kept: int
    pii_masked: int
    root: str
    tables: dict[str, list[tuple[str, int, int, int]]]  # by column: value, seen, kept, bytes kept


COLUMNS: dict[str, Callable[[LedgerRow], str | None]] = {
    "reason": lambda row: row.reason,
    "license": lambda row: row.license,
    "source": lambda row: row.source,
    "language": lambda row: row.language,
    "media_type": lambda row: row.media_type,
    "jurisdiction": lambda row: row.jurisdiction,
}


def summary(rows: Sequence[LedgerRow]) -> Summary:
    """What a corpus holds."""
    return Summary(
        num_seen=len(rows),
        num_kept=sum(row.is_kept for row in rows),
        bytes_kept=sum(row.bytes for row in rows if row.is_kept),
        pii_masked=sum(row.pii_masked for row in rows if row.is_kept),
        root=ledger_root(rows),
        tables={name: _table(rows, value) for name, value in COLUMNS.items()},
    )


def _table(rows: Sequence[LedgerRow], value: Callable[[LedgerRow], str | None]) -> list[tuple[str, int, int, int]]:
    seen, kept, size = Counter[str](), Counter[str](), Counter[str]()
    for row in rows:
        name = value(row) or NONE
        seen[name] += 1
        if row.is_kept:
            kept[name] += 1
            size[name] += row.bytes
    return [(name, seen[name], kept[name], size[name]) for name in sorted(seen, key=lambda name: (-seen[name], name))]


def find(rows: Sequence[LedgerRow], name: str) -> LedgerRow:
    """The row of a document, by id, by the id's first digits, or by path (SOURCE:PATH where two sources have it).

    Raises:  Misuse if there is none, or more than one.
    """
    is_id = re.fullmatch(rf"[0-9a-f]{{{MIN_DIGITS},64}}", name) is not None
    found = [row for row in rows if (is_id and row.document_id.startswith(name))]
    found = found or [row for row in rows if name in (row.path, f"{row.source}:{row.path}")]
    if len(found) == 1:
        return found[0]
    if not found:
        raise Misuse(f"{name}: no such document", hint="give its id, the id's first digits, or its path in the source")
    listed = ", ".join(f"{row.document_id[:12]} {row.source}:{row.path}" for row in found[:3])
    raise Misuse(f"{name}: {len(found)} documents, among them {listed}", hint="give more digits, or SOURCE:PATH")


def repeated_by(rows: Sequence[LedgerRow], row: LedgerRow) -> list[LedgerRow]:
    """The documents that were dropped in favour of this one."""
    return [other for other in rows if other.duplicate_of == row.document_id]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What a query gave."""

    columns: list[str]
    rows: list[tuple[Any, ...]]


def query(folder: Path, sql: str) -> Answers:
    """Run SQL over the table `ledger`. The query can read nothing else and changes nothing.

    Raises:  Misuse if the query is wrong.
    """
    import duckdb

    with duckdb.connect() as connection:
        table = _arrow(folder)
        connection.register("ledger", table)
        connection.execute("SET enable_external_access = false; SET lock_configuration = true")
        try:
            result = connection.execute(sql)
            return Answers(columns=[name for name, *_ in result.description or []], rows=result.fetchall())
        except duckdb.Error as error:
            raise Misuse(
                f"query: {error}", hint="the table is `ledger`; `glasswright corpus show` needs no SQL"
            ) from error


def _arrow(folder: Path) -> Any:
    import pyarrow.parquet as pq

    return pq.read_table(ledger_path(folder))


def ledger_root(rows: Sequence[LedgerRow]) -> str:
    """The Merkle root over the rows."""
    return root_of_hashes(leaf_hash(canonical_bytes(row.record())) for row in rows).hex()


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """A row, the root it is under, and the siblings that lead there."""

    row: LedgerRow
    root: str
    proof: InclusionProof


def prove(rows: Sequence[LedgerRow], row: LedgerRow) -> Proven:
    """The proof that a row is under the ledger's root."""
    hashes = [leaf_hash(canonical_bytes(other.record())) for other in rows]
    return Proven(row=row, root=root_of_hashes(hashes).hex(), proof=prove_inclusion(hashes, rows.index(row)))
