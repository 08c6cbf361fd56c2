"""Rows as they come in, cut into batches on disk; and in the end each text kept once."""

from collections.abc import Iterable
from dataclasses import asdict, replace
from fractions import Fraction
from typing import Any

from glasswright.corpus.batches import Batches, Texts
from glasswright.corpus.dedup import Hit, Policy, Sketches, duplicates, join
from glasswright.records import recipe
from glasswright.records.ledger import LedgerRow

BATCH_BYTES = 2**22  # of UTF-8: examined, a batch takes some 30 times as much memory


class Incoming:
    """The rows of a corpus before they are examined. Memory holds the dropped rows and one batch."""

    def __init__(self, batches: Batches):
        self.dropped: list[LedgerRow] = []
        self.keys: dict[str, int] = {}  # of each batch, the number of its documents
        self._batches = batches
        self._rows: list[LedgerRow] = []
        self._texts: list[str] = []
        self._room = BATCH_BYTES

    def add(self, row: LedgerRow, text: str | None) -> None:
        """Take a row; its text is to be examined if nothing speaks against it so far."""
        if not row.is_kept:
            self.dropped.append(row)
            return
        assert text is not None
        self._rows.append(row)
        self._texts.append(text)
        self._room -= row.bytes
        if self._room <= 0:
            self.close_batch()

    def close_batch(self) -> None:
        """What comes next begins a new batch."""
        if self._rows:
            self.keys[self._batches.put(self._rows, self._texts)] = len(self._rows)
        self._rows, self._texts, self._room = [], [], BATCH_BYTES


class Gathered:
    """What became of all batches. Memory holds rows and sketches."""

    def __init__(self, batches: Batches, keys: Iterable[str]):
        self.texts = Texts()
        self.hits: dict[str, list[Hit]] = {}
        self._dropped: list[LedgerRow] = []
        self._kept: list[LedgerRow] = []
        self._sketches: list[Sketches] = []
        for key in keys:
            result = batches.result(key)
            kept = [row for row in result.rows if row.is_kept]
            self.texts.add(batches.texts(key), kept)
            self.hits |= result.hits
            self._kept += kept
            self._dropped += [row for row in result.rows if not row.is_kept]
            self._sketches.append(result.sketches)

    @property
    def num_kept(self) -> int:
        return len(self._kept)

    def rows(self, rules: recipe.Corpus) -> list[LedgerRow]:
        """All rows, repeated documents dropped."""
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
        return rows

    def hit_records(self) -> list[dict[str, Any]]:
        """What was found of evaluation sets, in which document."""
        return [{"document_id": name, **asdict(hit)} for name, hits in sorted(self.hits.items()) for hit in hits]
