"""What the reports are written from: the ledger's rows and the sources' record, and text for both."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glasswright.corpus.view import Summary, ledger_path, rows_of, summary
from glasswright.errors import Misuse
from glasswright.records.ledger import LedgerRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """A corpus, as far as it is on record."""

    folder: Path  # that holds ledger.parquet
    rows: list[LedgerRow]
    summary: Summary
    sources: list[dict[str, Any]]  # {"determined", "observed"} each
    quality: dict[str, Any]  # the rules that were applied
    evaluations: dict[str, Any]

    @property
    def kept(self) -> list[LedgerRow]:
        return [row for row in self.rows if row.is_kept]

    @property
    def licenses(self) -> list[tuple[str, int, int]]:
        """(license, documents kept, bytes kept), of the kept documents."""
        return [(name, kept, size) for name, _, kept, size in self.summary.tables["license"] if kept]


def read_facts(folder: Path) -> Facts:
    """The facts of a corpus folder or of a release.

    Raises:  Misuse if the ledger or the record of the sources is absent or damaged.
    """
    rows = rows_of(folder)
    place = ledger_path(folder).parent
    try:
        record = json.loads((place / "sources.json").read_bytes())
        sources, quality, evaluations = record["sources"], record["quality"], record["evaluations"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Misuse(f"{place / 'sources.json'}: cannot be read: {error}", hint="collect the corpus again") from error
    return Facts(
        folder=place, rows=rows, summary=summary(rows), sources=sources, quality=quality, evaluations=evaluations
    )


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table. A bar in a cell would end the cell."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(
        "| " + " | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in line) + " |" for line in lines
    )


def bars(counts: Sequence[tuple[str, int]], *, width: int = 40) -> str:
    """A plot that needs no program to look at: one line a value, as long as its share."""
    most = max((count for _, count in counts), default=0)
    if not most:
        return "(nothing)"
    label = max(len(name) for name, _ in counts)
    lines = [f"{name:<{label}}  {'#' * max(1, round(width * count / most))} {count}" for name, count in counts if count]
    return "```\n" + "\n".join(lines) + "\n```"
