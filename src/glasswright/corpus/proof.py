"""The ledger's root, and the proof that a row is under it.

A leaf is the canonical JSON of a row. Here the leaves of many rows are written at once, column by column, with the
same bytes as `canonical_bytes(row.record())` one by one: a million rows in seconds.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from glasswright.attest import proven
from glasswright.attest.merkle import leaf_hash, root_of_hashes
from glasswright.corpus.opened import FIELDS, ledger_path
from glasswright.errors import Misuse
from glasswright.records.canonical import canonical_bytes
from glasswright.records.ledger import LedgerRow
from glasswright.store.ledger import ledger_tables

CONTROL = r"[\x00-\x1f]"  # JSON writes these as escapes, and beside them only " and \


def ledger_root(folder: Path) -> str:
    """The Merkle root over the rows of a corpus folder or of a release."""
    return root_of_hashes(leaf_hash(leaf) for leaf in leaves(ledger_path(folder))).hex()


def prove(folder: Path, row: LedgerRow) -> proven.Proven:
    """The proof that a row is under the ledger's root.

    Raises:  Misuse if it is not in the ledger.
    """
    hashes = [leaf_hash(leaf) for leaf in leaves(ledger_path(folder))]
    own = leaf_hash(canonical_bytes(row.record()))
    if own not in hashes:
        raise Misuse(f"{row.path}: {folder} has no such row")
    return proven.prove(row.record(), hashes, hashes.index(own))


def leaves(path: Path) -> Iterator[bytes]:
    """The canonical JSON of each row of a ledger, in order.

    Raises:  Misuse if the file is damaged or has other columns than a ledger.
    """
    for table in ledger_tables(path):
        yield from _encoded(table).cast(pa.binary()).to_pylist()


def _encoded(rows: pa.Table) -> pa.ChunkedArray:
    """{"author":...,"bytes":...}: the names of a row's fields are ASCII, so their order is that of their letters."""
    pieces: list[Any] = []
    for name in sorted(FIELDS):
        pieces += [f'{"," if pieces else "{"}"{name}":', _values(rows.column(name))]
    return pc.binary_join_element_wise(*pieces, "}", "")


def _values(column: pa.ChunkedArray) -> Any:
    """Each value as JSON: a number, null, or a text in quotes."""
    if pa.types.is_integer(column.type):
        return pc.fill_null(column.cast(pa.string()), "null")
    if pc.any(pc.match_substring_regex(column, CONTROL)).as_py():
        return pa.array([json.dumps(value, ensure_ascii=False) for value in column.to_pylist()], pa.string())
    text = pc.replace_substring(pc.replace_substring(column, "\\", "\\\\"), '"', '\\"')
    return pc.fill_null(pc.binary_join_element_wise('"', text, '"', ""), "null")
