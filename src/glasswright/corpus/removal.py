"""Documents that must not be learned, although a source holds them: what goes, and what goes with it.

    removed           the document that was kept with this text
    repeats_removed   what had been dropped because it repeats that document: its text, or most of it, is what was to go

A removed document is compared with the others before it goes, so what would have been dropped for it is dropped still:
no copy and no near-duplicate comes in its place, under whatever path. Where the recipe says `keep_similar`, it goes
before the comparison: copies of its text go as well, near-duplicates stand for themselves.

A document is known by the digest of its text. Rows that were dropped for a reason of their own keep that reason.
"""

import json
from collections import Counter
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from glasswright.records.recipe import Removed

REMOVED, REPEATS_REMOVED = "removed", "repeats_removed"


def take_out(rows: pa.Table, gone: Collection[str]) -> pa.Table:
    """Rows of a ledger, those of the documents with these ids dropped, and with them what was dropped for them."""
    is_gone = _is_in(rows.column("document_id"), gone)
    reason = _where(_is_in(rows.column("duplicate_of"), gone), REPEATS_REMOVED, rows.column("reason"))
    rows = _with(rows, "reason", _where(is_gone, REMOVED, reason))
    return _with(rows, "decision", _where(is_gone, "drop", rows.column("decision")))


def remove_all(rows: pa.Table, removed: Sequence[Removed]) -> pa.Table:
    """The rows of a corpus without the documents that its recipe removes."""
    if not removed:
        return rows
    is_named = _is_in(rows.column("sha256"), [each.sha256 for each in removed])
    is_kept = pc.equal(rows.column("decision"), "keep")
    return take_out(rows, rows.filter(pc.and_(is_named, is_kept)).column("document_id").to_pylist())


def removal_records(rows: pa.Table, removed: Sequence[Removed]) -> list[dict[str, Any]]:
    """For each request: how many documents with its text were met. If none was, the text may have been edited."""
    texts = rows.column("sha256")
    met = Counter(texts.filter(_is_in(texts, [each.sha256 for each in removed])).to_pylist())
    return [{"sha256": each.sha256, "reason": each.reason, "num_documents": met[each.sha256]} for each in removed]


def unmet(sources: Path) -> list[str]:
    """The texts that were to be removed and that no document had, from the record of the sources."""
    removals = json.loads(sources.read_bytes())["removals"]
    return [removal["sha256"] for removal in removals if not removal["num_documents"]]


def _is_in(column: pa.ChunkedArray, values: Collection[str]) -> pa.ChunkedArray:
    return pc.is_in(column, value_set=pa.array(values, column.type))


def _where(condition: pa.ChunkedArray, value: str, otherwise: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.if_else(condition, pa.scalar(value, otherwise.type), otherwise)


def _with(rows: pa.Table, name: str, column: pa.ChunkedArray) -> pa.Table:
    return rows.set_column(rows.schema.get_field_index(name), name, column)
