"""Look into a corpus: a folder that `collect` wrote, or a release.

summary     how many documents, by reason, license, source, language: always adds up to all that were seen
find        one document by id, by its first digits, or by its path
query       SQL over the ledger
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glasswright.corpus.opened import MAX_MEMORY, ROWS_AT_ONCE, opened, read_rows
from glasswright.errors import Misuse
from glasswright.records.ledger import MAX_NAMED, LedgerRow, is_beginning_of_id, the_one

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

NONE = "(none)"
POLL_S = 0.05
ALIKE = 0.85  # Jaro-Winkler similarity from which a path may be a slip for another
COLUMNS = ("reason", "license", "source", "language", "media_type", "jurisdiction")


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Counts over a ledger. Each table adds up to `num_seen`."""

    num_seen: int
    num_kept: int
    bytes_kept: int
    pii_masked: int
    tables: dict[str, list[tuple[str, int, int, int]]]  # by column: value, seen, kept, bytes kept


def summary(folder: Path) -> Summary:
    """What a corpus holds."""
    with opened(ledger=folder) as connection:
        totals = connection.execute(
            "SELECT count(*), count(*) FILTER (is_kept), coalesce(sum(bytes) FILTER (is_kept), 0)::BIGINT, "
            "coalesce(sum(pii_masked) FILTER (is_kept), 0)::BIGINT "
            "FROM (SELECT *, decision = 'keep' AS is_kept FROM ledger)"
        ).fetchone()
        assert totals is not None
        num_seen, num_kept, bytes_kept, pii_masked = totals
        return Summary(
            num_seen=num_seen,
            num_kept=num_kept,
            bytes_kept=bytes_kept,
            pii_masked=pii_masked,
            tables={name: _table(connection, name) for name in COLUMNS},
        )


def _table(connection: "DuckDBPyConnection", column: str) -> list[tuple[str, int, int, int]]:
    """Most kept bytes first, then most seen."""
    return connection.execute(
        f"SELECT coalesce({column}, '{NONE}') AS value, count(*) AS seen, "
        "count(*) FILTER (decision = 'keep'), "
        "coalesce(sum(bytes) FILTER (decision = 'keep'), 0)::BIGINT AS size "
        "FROM ledger GROUP BY value ORDER BY size DESC, seen DESC, value"
    ).fetchall()


def find(folder: Path, name: str) -> LedgerRow:
    """The row of a document, by id, by the id's first digits, or by path (SOURCE:PATH where two sources have it).

    Raises:  Misuse if there is none, or more than one.
    """
    given = {"name": name}
    found: list[LedgerRow] = []
    if is_beginning_of_id(name):
        found = list(read_rows(folder, "document_id >= $name AND document_id < $name || 'g'", given))
    found = found or list(read_rows(folder, "path = $name OR source || ':' || path = $name", given))
    return the_one(name, found, where=str(folder), alike=lambda: _alike(folder, name))


def _alike(folder: Path, name: str) -> list[str]:
    """Paths that end with the name, or look like it."""
    with opened(ledger=folder) as connection:
        rows = connection.execute(
            "SELECT source || ':' || path, "
            "ends_with(path, '/' || $name) AS is_end, jaro_winkler_similarity(path, $name) AS likeness "
            f"FROM ledger WHERE is_end OR likeness > {ALIKE} "
            f"ORDER BY is_end DESC, likeness DESC, path LIMIT {MAX_NAMED}",
            {"name": name},
        ).fetchall()
    return [place for place, *_ in rows]


def repeated_by(folder: Path, row: LedgerRow) -> list[LedgerRow]:
    """The documents that were dropped in favour of this one."""
    return list(read_rows(folder, "duplicate_of = $id", {"id": row.document_id}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What a query gives, as it is read."""

    columns: list[str]
    rows: Iterator[tuple[Any, ...]]


@contextmanager
def query(folder: Path, sql: str) -> Iterator[Answers]:
    """Run one SELECT over the table `ledger`. It can read nothing else and changes nothing.

    DuckDB's settings keep it to the ledger's file; that it is a SELECT keeps it from writing there.

    Raises:  Misuse if it is no SELECT, or is wrong, or needs too much memory.
    """
    import duckdb

    with opened(ledger=folder) as connection:
        try:
            _require_select([statement.type for statement in connection.extract_statements(sql)])
            result = _stoppable(connection, lambda: connection.execute(sql))
            names = [name for name, *_ in result.description or []]
            yield Answers(columns=names, rows=_answers(connection, result))
        except duckdb.OutOfMemoryException as error:
            raise Misuse(f"query: needs more than {MAX_MEMORY} of memory", hint="ask for less at once") from error
        except duckdb.Error as error:
            hint = "the table is `ledger`; `SELECT * FROM ledger LIMIT 1` shows its columns"
            raise Misuse(f"query: {error}", hint=hint) from error


def _require_select(kinds: list[Any]) -> None:
    named = [kind.name for kind in kinds]
    if named != ["SELECT"]:
        raise Misuse(
            f"query: expected one SELECT, found {', '.join(named) or 'nothing'}",
            hint="a query reads the ledger and changes nothing; `--json` prints what can be kept in a file",
        )


def _answers(connection: Any, result: Any) -> Iterator[tuple[Any, ...]]:
    while rows := _stoppable(connection, lambda: result.fetchmany(ROWS_AT_ONCE)):
        yield from rows


def _stoppable(connection: Any, work: Callable[[], Any]) -> Any:
    """Let another thread wait for DuckDB, which does not always look whether a signal has come."""
    with ThreadPoolExecutor(1) as pool:
        pending = pool.submit(work)
        try:
            return pending.result()
        except KeyboardInterrupt:
            while not wait([pending], timeout=POLL_S).done:
                connection.interrupt()
            raise
