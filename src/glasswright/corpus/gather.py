"""Rows as they come in: examined in batches, their texts on disk, and in the end each text kept once."""

from dataclasses import asdict, replace
from fractions import Fraction
from typing import Any

from glasswright.corpus.dedup import Hit, Policy, Sketches, duplicates, join
from glasswright.corpus.examine import Examiner
from glasswright.corpus.spool import Spool
from glasswright.records import recipe
from glasswright.records.ledger import LedgerRow
from glasswright.records.progress import Progress, Report

BATCH_CHARS = 2**21


class Gathered:
    """The rows of a corpus in the making. Memory holds rows and sketches; texts wait in the spool."""

    def __init__(self, examiner: Examiner, spool: Spool, report: Report):
        self._examiner, self._spool, self._report = examiner, spool, report
        self._dropped: list[LedgerRow] = []
        self._kept: list[LedgerRow] = []
        self._sketches: list[Sketches] = []
        self._hits: dict[str, list[Hit]] = {}
        self._batch: list[tuple[LedgerRow, str]] = []
        self._room = BATCH_CHARS

    def add(self, row: LedgerRow, text: str | None, *, note: str) -> None:
        """Take a row; its text is examined if nothing speaks against it so far."""
        if not row.is_kept:
            self._dropped.append(row)
            return
        assert text is not None
        self._batch.append((row, text))
        self._room -= len(text)
        if self._room <= 0:
            self._examine()
            done = len(self._dropped) + len(self._kept)
            self._report(Progress(what="corpus", done=done, total=None, unit="documents", note=note))

    def finish(self, rules: recipe.Corpus) -> list[LedgerRow]:
        """All rows by document id, repeated documents dropped."""
        self._examine()
        repeated = duplicates(
            [row.document_id for row in self._kept],
            [row.sha256 for row in self._kept],
            join(self._sketches),
            Policy(
                near_similarity=Fraction(rules.near_similarity) or None,
                contained_share=Fraction(rules.contained_share) or None,
            ),
        )
        found = {duplicate.document_id: duplicate for duplicate in repeated}
        rows = [*self._dropped]
        for row in self._kept:
            if duplicate := found.get(row.document_id):
                row = replace(row, decision="drop", reason=duplicate.reason, duplicate_of=duplicate.duplicate_of)
            rows.append(row)
        return sorted(rows, key=lambda row: row.document_id)

    def contamination_record(self) -> dict[str, Any]:
        """Which evaluation sets were searched for, and what was found in which document."""
        return {
            "sets": [asdict(searched) for searched in self._examiner.evaluation_sets],
            "hits": [{"document_id": name, **asdict(hit)} for name, hits in sorted(self._hits.items()) for hit in hits],
        }

    def _examine(self) -> None:
        if not self._batch:
            return
        examined = self._examiner([row for row, _ in self._batch], [text for _, text in self._batch])
        self._batch, self._room = [], BATCH_CHARS
        kept = [row for row in examined.rows if row.is_kept]
        for row, text in zip(kept, examined.texts, strict=True):
            self._spool.put(row.sha256, text)
        self._kept += kept
        self._dropped += [row for row in examined.rows if not row.is_kept]
        self._sketches.append(examined.sketches)
        self._hits |= examined.hits
