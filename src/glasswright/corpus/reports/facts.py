"""What the reports are written from: the ledger, asked in SQL, and the record of the sources."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glasswright.corpus.opened import ledger_path, opened, read_sources
from glasswright.corpus.proof import ledger_root
from glasswright.corpus.view import Summary, summary

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Counts = list[tuple[str, int, int]]  # (value, documents kept, bytes kept), most bytes first

LENGTHS = ("below 100 bytes", "100 bytes to 1 kB", "1 to 10 kB", "10 to 100 kB", "100 kB to 1 MB", "1 MB and more")


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """A corpus, as far as it is on record."""

    folder: Path  # that holds ledger.parquet
    out: Path  # where the reports go
    root: str
    columns: list[str]
    summary: Summary
    num_tokens: int | None  # None: not counted yet
    lengths: Counts  # by length, shortest first
    quantiles: dict[str, int]  # bytes of the kept documents
    folders: Counts  # SOURCE/FOLDER, the first folder of a path
    domains: Counts  # of pages from web archives
    sources: list[dict[str, Any]]  # {"determined", "observed"} each
    quality: dict[str, Any]  # the rules that were applied
    evaluations: dict[str, Any]
    removals: list[dict[str, Any]]

    def kept(self, column: str) -> Counts:
        """The kept documents by a column of the ledger."""
        return [(name, kept, size) for name, _, kept, size in self.summary.tables[column] if kept]

    @property
    def reasons(self) -> dict[str, int]:
        """How many documents were kept or dropped for each reason."""
        return {name: seen for name, seen, _, _ in self.summary.tables["reason"]}

    def address(self, name: str) -> str:
        """Where a file of the corpus lies, seen from the reports."""
        return Path(os.path.relpath(self.folder / name, self.out)).as_posix()


def read_facts(folder: Path, out: Path) -> Facts:
    """The facts of a corpus folder or of a release.

    Raises:  Misuse if the ledger or the record of the sources is absent or damaged.
    """
    place = ledger_path(folder).parent
    record = read_sources(place)
    determined = [source["determined"] for source in record["sources"]]
    archives = [source["name"] for source in determined if source["kind"] == "warc"]
    with opened(ledger=folder) as connection:
        return Facts(
            folder=place,
            out=out,
            root=ledger_root(folder),
            columns=[name for name, *_ in connection.execute("DESCRIBE ledger").fetchall()],
            summary=summary(folder),
            num_tokens=_tokens(connection),
            lengths=_lengths(connection),
            quantiles=_quantiles(connection),
            folders=_folders(connection, archives),
            domains=_domains(connection, archives),
            sources=record["sources"],
            quality=record["quality"],
            evaluations=record["evaluations"],
            removals=record["removals"],
        )


def _tokens(connection: "DuckDBPyConnection") -> int | None:
    """None if a kept document's tokens are not counted."""
    found = connection.execute("SELECT count(*) = count(tokens), sum(tokens) FROM ledger WHERE decision = 'keep'")
    is_counted, num_tokens = found.fetchone() or (False, None)
    return int(num_tokens) if is_counted and num_tokens is not None else None


def _lengths(connection: "DuckDBPyConnection") -> Counts:
    rows = connection.execute(
        "SELECT least(greatest(floor(log10(greatest(bytes, 1))) - 1, 0), 5)::INTEGER AS bin, "
        "count(*), sum(bytes)::BIGINT FROM ledger WHERE decision = 'keep' GROUP BY bin ORDER BY bin"
    ).fetchall()
    return [(LENGTHS[index], count, size) for index, count, size in rows]


def _quantiles(connection: "DuckDBPyConnection") -> dict[str, int]:
    found = connection.execute(
        "SELECT min(bytes), quantile_disc(bytes, 0.5), quantile_disc(bytes, 0.9), max(bytes) "
        "FROM ledger WHERE decision = 'keep'"
    ).fetchone()
    assert found is not None
    return dict(zip(("shortest", "median", "nine in ten are at most", "longest"), found, strict=True))


def _folders(connection: "DuckDBPyConnection", archives: list[str]) -> Counts:
    """The parts of the sources, web archives apart: what holds most of a folder with many projects in it."""
    return connection.execute(
        "SELECT source || '/' || CASE WHEN contains(path, '/') THEN split_part(path, '/', 1) ELSE '' END AS part, "
        "count(*), sum(bytes)::BIGINT AS size FROM ledger "
        "WHERE decision = 'keep' AND NOT list_contains($archives, source) GROUP BY part ORDER BY size DESC, part",
        {"archives": archives},
    ).fetchall()


def _domains(connection: "DuckDBPyConnection", archives: list[str]) -> Counts:
    """The host names in the paths of pages from web archives, FILE/NUMBER/URL."""
    return connection.execute(
        "SELECT lower(regexp_extract(path, '/[0-9]+/[a-z]+://(?:[^/@]*@)?([^/:?#]+)', 1)) AS host, "
        "count(*), sum(bytes)::BIGINT AS size FROM ledger "
        "WHERE decision = 'keep' AND list_contains($archives, source) GROUP BY host ORDER BY size DESC, host",
        {"archives": archives},
    ).fetchall()
