"""What became of the documents that were seen, and what of it somebody should know: from the ledger's rows alone.

Seen is kept, dropped by reason and not read by kind, together. A document may be a page of a file, or a row.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath
from typing import Any

from glasswright.records.ledger import LedgerRow

NOT_INSTALLED, TOOK_TOO_MUCH = "reader_not_installed", "document_takes_too_much"
NOT_READ = ("media_type_not_read", NOT_INSTALLED)
HIDDEN = "hidden"  # nobody expects to find it among the documents
WITHOUT_SUFFIX = "no suffix"
MAX_NAMED = 8  # kinds or reasons that a line names


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Counts over a ledger, each list with the most frequent first."""

    num_seen: int
    num_kept: int
    bytes_kept: int  # of text
    dropped: tuple[tuple[str, int], ...]  # (reason, documents)
    not_read: tuple[tuple[str, int], ...]  # (end of the name, files)
    not_installed: tuple[tuple[str, int], ...]  # those of them for which a package is not installed
    num_validation: int | None = None  # of the kept; None where they were not divided yet

    def record(self) -> dict[str, Any]:
        counts = {name: dict(getattr(self, name)) for name in ("dropped", "not_read", "not_installed")}
        return {**asdict(self), **counts, "warnings": list(self.warnings())}

    def warnings(self) -> Iterable[str]:
        """What is likely not as it was meant, each with what to do."""
        dropped = dict(self.dropped)
        num_judged = self.num_kept + sum(self.dropped_counts())
        if self.num_kept < num_judged / 2:
            told = f"{num_judged - self.num_kept} of {num_judged} documents were dropped: {named(self.dropped)}"
            yield f"{told}; `glasswright corpus why` tells of one"
        if self.not_installed:
            told = f"not read, for a package is not installed: {named(self.not_installed)}"
            yield f'{told}; pip install "glasswright[documents]", then build again'
        others = Counter(dict(self.not_read)) - Counter(dict(self.not_installed))
        if others:
            yield f"of kinds that are not read: {named(tuple(others.most_common()))}"
        if TOOK_TOO_MUCH in dropped:
            yield f"{dropped[TOOK_TOO_MUCH]} took too much time or memory to read; a faster machine may keep them"
        if self.num_validation == 0:
            yield "no document was held back for validation, so the loss on texts not trained on is not measured"

    def dropped_counts(self) -> Iterable[int]:
        """Of every reason but that of hidden files."""
        return (count for reason, count in self.dropped if reason != HIDDEN)


def outcome_of(rows: Iterable[LedgerRow], *, num_validation: int | None = None) -> Outcome:
    """Count the rows of a ledger."""
    num_seen = num_kept = bytes_kept = 0
    reasons, kinds, missing = Counter[str](), Counter[str](), Counter[str]()
    for row in rows:
        num_seen += 1
        if row.is_kept:
            num_kept += 1
            bytes_kept += row.bytes
        elif row.reason in NOT_READ:
            kinds[_end(row.path)] += 1
            missing[_end(row.path)] += row.reason == NOT_INSTALLED
        else:
            reasons[row.reason] += 1
    return Outcome(
        num_seen=num_seen,
        num_kept=num_kept,
        bytes_kept=bytes_kept,
        dropped=_most_first(reasons),
        not_read=_most_first(kinds),
        not_installed=_most_first(+missing),
        num_validation=num_validation,
    )


def named(counts: tuple[tuple[str, int], ...]) -> str:
    """(".mp4", 2), (".zip", 1) -> "2 .mp4, 1 .zip"."""
    more = f" and {sum(count for _, count in counts[MAX_NAMED:])} more" if len(counts) > MAX_NAMED else ""
    return ", ".join(f"{count} {name}" for name, count in counts[:MAX_NAMED]) + more


def _end(path: str) -> str:
    return PurePosixPath(path).suffix.lower() or WITHOUT_SUFFIX


def _most_first(counts: Counter[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
