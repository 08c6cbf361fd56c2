"""Parquet as a stranger gives it, read with DuckDB where its writer used Arrow: two libraries must see one thing."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from glasswright.errors import ClaimFalse
from glasswright.verify.folder import REPLACE, Folder

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

ROWS_AT_ONCE = 2048  # DuckDB's own portion
MAX_TEXT_BYTES = 2**20  # of one value: a few bytes of Parquet can hold a long text many times
PLAIN_TYPES = {"VARCHAR", "BIGINT", "INTEGER"}


def read_rows(folder: Folder, path: str, columns: tuple[str, ...]) -> Iterator[tuple[Any, ...]]:
    """The rows of a file with just these columns of texts and integers, in the order of the file.

    Raises:  ClaimFalse naming the file if it is no such file, or holds a text of more than MAX_TEXT_BYTES.
    """
    import duckdb

    with folder.open(path):  # no links, a plain file of the size listed
        pass
    pattern = re.sub(r"([*?\[])", r"[\1]", str(folder.root / path))  # the name is a glob pattern to DuckDB
    try:
        with duckdb.connect(":memory:", config={"autoload_known_extensions": False}) as connection:
            connection.execute("SET enable_progress_bar = false")  # it would be drawn amid the verdict
            result = connection.execute(_query(connection, pattern, path, columns), [pattern])
            while rows := result.fetchmany(ROWS_AT_ONCE):
                yield from rows
    except duckdb.Error as error:
        raise ClaimFalse(f"{path}: not readable as Parquet: {_first_line(error)}", hint=REPLACE) from error


def _query(connection: "DuckDBPyConnection", pattern: str, path: str, columns: tuple[str, ...]) -> str:
    """A query whose texts are looked at for their length before Python sees them."""
    source = "read_parquet(?, hive_partitioning = false)"
    described = connection.execute(f"DESCRIBE SELECT * FROM {source}", [pattern]).fetchall()
    types = {str(row[0]): str(row[1]) for row in described}
    if tuple(types) != columns:
        raise ClaimFalse(f"{path}: expected the columns {', '.join(columns)}; found {', '.join(types)[:400]}")
    wrong = [f"{name} {kind[:80]}" for name, kind in types.items() if kind not in PLAIN_TYPES]
    if wrong:
        raise ClaimFalse(f"{path}: expected texts and integers, found the column {wrong[0]}")
    return f"SELECT {', '.join(map(_bounded, types.items()))} FROM {source}"


def _bounded(column: tuple[str, str]) -> str:
    name, kind = column
    if kind != "VARCHAR":
        return name
    too_long = f"error('{name}: a text of more than {MAX_TEXT_BYTES} bytes')"
    return f"CASE WHEN strlen({name}) > {MAX_TEXT_BYTES} THEN {too_long} ELSE {name} END AS {name}"


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
