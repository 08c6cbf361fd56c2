"""A ledger on disk as the table `ledger` of DuckDB: asked without being held in memory, and never written to.

A million rows are counted in a tenth of a second; read into Python they take 2 GB and half a minute.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glasswright import foreign
from glasswright.errors import Misuse, Unknown
from glasswright.records.canonical import parse
from glasswright.records.ledger import LedgerRow
from glasswright.records.private import PRIVATE, TOLD

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

FIELDS = [field.name for field in fields(LedgerRow)]
ROWS_AT_ONCE = 10_000
MAX_SOURCES_BYTES = 2**28
COLLECT_AGAIN = "collect the corpus again"
MAX_MEMORY = "2GB"  # of one question; more is refused, nothing is swapped to disk
SETTINGS: dict[str, Any] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "memory_limit": MAX_MEMORY,
    "temp_directory": "",
}


def ledger_path(folder: Path) -> Path:
    """Where the ledger of a corpus folder or of a release lies.

    Raises:  Misuse if there is none; Unknown in a copy for strangers.
    """
    for place in (folder / "ledger.parquet", folder / "corpus" / "ledger.parquet"):
        if place.is_file():
            return place
    if not folder.exists():
        raise Misuse(f"{folder}: does not exist", hint="expected a corpus folder or a release")
    if (folder / PRIVATE).is_file():
        raise Unknown(f"{folder}: the ledger is withheld: {TOLD}", hint="the owner's copy of this release has it")
    raise Misuse(
        f"{folder}: no ledger here, expected ledger.parquet or corpus/ledger.parquet",
        hint="name the folder that `glasswright corpus build --out` wrote, or a release",
    )


def read_sources(folder: Path) -> dict[str, Any]:
    """The record of where the documents of a corpus folder came from, and what was removed.

    Raises:  Misuse if it is absent, damaged, or no plain file.
    """
    path = folder / "sources.json"
    try:
        record: dict[str, Any] = parse(foreign.read(path, max_bytes=MAX_SOURCES_BYTES), str(path))
    except foreign.NotRead as error:
        raise Misuse(f"{path}: cannot be read: {error.why}", hint=COLLECT_AGAIN) from error
    missing = {"sources", "quality", "evaluations", "removals"} - (record.keys() if isinstance(record, dict) else set())
    if missing:
        raise Misuse(f"{path}: no record of sources: {min(missing)} is missing", hint=COLLECT_AGAIN)
    return record


@contextmanager
def opened(**ledgers: Path) -> Iterator["DuckDBPyConnection"]:
    """A connection that sees each of these ledgers under its name, and can reach no other file.

    Raises:  Misuse if one is absent, damaged, or no ledger.
    """
    import duckdb

    paths = {name: ledger_path(folder).absolute() for name, folder in ledgers.items()}
    with duckdb.connect(config=SETTINGS) as connection:
        connection.execute("SET enable_progress_bar = false")  # it would be drawn amid the answer
        for name, path in paths.items():
            try:
                connection.execute(
                    f"CREATE VIEW {name} AS SELECT * FROM read_parquet({_pattern(path)}, hive_partitioning = false)"
                )
                columns = [column for column, *_ in connection.execute(f"DESCRIBE {name}").fetchall()]
            except duckdb.Error as error:
                raise _damaged(path, str(error).splitlines()[0]) from error
            if columns != FIELDS:
                raise _damaged(path, f"expected the columns {', '.join(FIELDS)}, found {', '.join(columns)}")
        allowed = [spelling for path in paths.values() for spelling in (_quoted(str(path)), _pattern(path))]
        connection.execute(f"SET allowed_paths = [{', '.join(allowed)}]")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        with _stopped():
            yield connection


def read_rows(folder: Path, where: str = "true", given: Mapping[str, Any] | None = None) -> Iterator[LedgerRow]:
    """The rows for which `where`, an expression of SQL, holds, in the order of the ledger."""
    with opened(ledger=folder) as connection:
        result = connection.execute(f"SELECT * FROM ledger WHERE {where}", given or {})
        while rows := result.fetchmany(ROWS_AT_ONCE):
            yield from (LedgerRow(**dict(zip(FIELDS, row, strict=True))) for row in rows)


@contextmanager
def _stopped() -> Iterator[None]:
    """DuckDB takes Ctrl-C for itself and raises an error of its own."""
    try:
        yield
    except RuntimeError as error:
        if str(error) == "Query interrupted":
            raise KeyboardInterrupt from error
        raise


def _pattern(path: Path) -> str:
    """A path as DuckDB reads it: a pattern, in quotes."""
    return _quoted(re.sub(r"([*?\[])", r"[\1]", str(path)))


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _damaged(path: Path, told: str) -> Misuse:
    return Misuse(f"{path}: cannot read the ledger: {told}", hint="the file is damaged: fetch or build it again")
