"""Documents that must not be learned, although a source holds them: what goes, and what goes with it.

    removed           the document that was kept with this text
    repeats_removed   what had been dropped because it repeats that document: its text, or most of it, is what was to go

A removed document is compared with the others before it goes, so what would have been dropped for it is dropped still:
no copy and no near-duplicate comes in its place, under whatever path. Where the recipe says `keep_similar`, it goes
before the comparison: copies of its text go as well, near-duplicates stand for themselves.

A document is known by the digest of its text, salted where the documents are private: the recipe is for everybody. Rows
that were dropped for a reason of their own keep that reason.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from glasswright.attest.salted import named
from glasswright.records.recipe import Removed

REMOVED, REPEATS_REMOVED = "removed", "repeats_removed"


def take_out(rows: pa.Table, gone: Collection[str]) -> pa.Table:
    """Rows of a ledger, those of the documents with these ids dropped, and with them what was dropped for them."""
    is_gone = _is_in(rows.column("document_id"), gone)
    reason = _where(_is_in(rows.column("duplicate_of"), gone), REPEATS_REMOVED, rows.column("reason"))
    rows = _with(rows, "reason", _where(is_gone, REMOVED, reason))
    return _with(rows, "decision", _where(is_gone, "drop", rows.column("decision")))


def remove_all(rows: pa.Table, removed: Sequence[Removed], salt: bytes | None = None) -> pa.Table:
    """The rows of a corpus without the documents that its recipe removes; `salt` is that of a private one."""
    if not removed:
        return rows
    is_named = _is_in(_names(rows, salt), [each.sha256 for each in removed])
    is_kept = pc.equal(rows.column("decision"), "keep")
    return take_out(rows, rows.filter(pc.and_(is_named, is_kept)).column("document_id").to_pylist())


def removal_records(rows: pa.Table, removed: Sequence[Removed], salt: bytes | None = None) -> list[dict[str, Any]]:
    """For each request: how many documents had its text, and which kept ones they repeat, where they repeat any."""
    if not removed:
        return []
    rows = _with(rows, "sha256", _names(rows, salt))
    found = rows.filter(_is_in(rows.column("sha256"), [each.sha256 for each in removed]))
    met: dict[str, list[dict[str, Any]]] = {}
    for row in found.select(["sha256", "reason", "duplicate_of"]).to_pylist():
        met.setdefault(row["sha256"], []).append(row)
    return [
        {
            "sha256": each.sha256,
            "reason": each.reason,
            "num_documents": len(met.get(each.sha256, [])),
            "kept_in": sorted({row["duplicate_of"] for row in met.get(each.sha256, []) if _repeats_kept(row)}),
        }
        for each in removed
    ]


def _names(rows: pa.Table, salt: bytes | None) -> pa.ChunkedArray:
    """How a recipe names the rows' texts."""
    column = rows.column("sha256")
    if salt is None:
        return column
    return pa.chunked_array([pa.array([named(sha256, salt) for sha256 in column.to_pylist()], column.type)])


def _repeats_kept(row: Mapping[str, Any]) -> bool:
    return row["duplicate_of"] is not None and row["reason"] != REPEATS_REMOVED


def left_open(removals: Sequence[Mapping[str, Any]]) -> list[str]:
    """What a request did not reach: a text that no document had, and one that another document holds most of."""
    told = []
    for removal in removals:
        text = f"the text {removal['sha256'][:16]}"
        if not removal["num_documents"]:
            told.append(f"no document has {text}: it is gone from the sources, or was edited, or mended by other rules")
        for name in removal["kept_in"]:
            told.append(f"{text}, or most of it, is in document {name[:16]}, which is kept: remove that one too")
    return told


def _is_in(column: pa.ChunkedArray, values: Collection[str]) -> pa.ChunkedArray:
    return pc.is_in(column, value_set=pa.array(values, column.type))


def _where(condition: pa.ChunkedArray, value: str, otherwise: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.if_else(condition, pa.scalar(value, otherwise.type), otherwise)


def _with(rows: pa.Table, name: str, column: pa.ChunkedArray) -> pa.Table:
    return rows.set_column(rows.schema.get_field_index(name), name, column)
