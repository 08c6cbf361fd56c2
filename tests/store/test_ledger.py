"""The ledger on disk gives back the rows that went in."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from glasswright.errors import Misuse
from glasswright.records.ledger import LedgerRow
from glasswright.store.ledger import read_ledger, write_ledger


def row(name: str) -> LedgerRow:
    return LedgerRow(
        document_id=name * 64,
        source="s",
        path="p",
        sha256="0" * 64,
        bytes=3,
        media_type="text/plain",
        title=None,
        author="Ä",
        language="en",
        license="MIT",
        license_evidence="recipe",
        license_decision="allow",
        jurisdiction=None,
        decision="keep",
        reason="kept",
        duplicate_of=None,
        pii_masked=0,
        tokens=None,
    )


def test_rows_come_back(tmp_path: Path) -> None:
    rows = [row("a"), row("b")]
    write_ledger(tmp_path / "ledger.parquet", rows)
    assert read_ledger(tmp_path / "ledger.parquet") == rows


def test_rows_out_of_order_are_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="ordered by document id"):
        write_ledger(tmp_path / "ledger.parquet", [row("b"), row("a")])
    assert not (tmp_path / "ledger.parquet").exists()


def test_the_same_document_twice_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="each is there once"):
        write_ledger(tmp_path / "ledger.parquet", [row("a"), row("a")])


def test_a_damaged_ledger_is_refused(tmp_path: Path) -> None:
    write_ledger(tmp_path / "ledger.parquet", [row("a")])
    data = (tmp_path / "ledger.parquet").read_bytes()
    (tmp_path / "ledger.parquet").write_bytes(data[:-30])
    with pytest.raises(Misuse, match="cannot read the ledger"):
        read_ledger(tmp_path / "ledger.parquet")


def test_another_table_is_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": [1]}), tmp_path / "ledger.parquet")
    with pytest.raises(Misuse, match="expected the columns"):
        read_ledger(tmp_path / "ledger.parquet")


def test_an_absent_ledger_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Misuse, match="cannot read the ledger"):
        read_ledger(tmp_path / "ledger.parquet")
