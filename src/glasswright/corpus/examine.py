"""The texts of documents that may be used, in batches: mended, judged, masked, sketched, held against evaluation sets.

What is found for a document depends on its text and the recipe alone, so batches may be cut at will.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from glasswright.attest.salted import named
from glasswright.corpus.dedup import Contamination, EvaluationSet, Hit, Sketches, items, sketch
from glasswright.corpus.quality import Finding, Policy, examine, read_words
from glasswright.corpus.removal import REMOVED
from glasswright.records import recipe
from glasswright.records.canonical import digest
from glasswright.records.conversations import said
from glasswright.records.ledger import LedgerRow, document_id
from glasswright.records.sources import Material

UNDETERMINED = "und"


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """What became of one batch; `sketches` are of the rows that are kept, in their order."""

    rows: list[LedgerRow]
    texts: list[str]  # of the rows that are kept
    sketches: Sketches
    hits: dict[str, list[Hit]]  # by document id, where it shares words with an evaluation set


class Examiner:
    """The recipe's rules, ready to be applied to batch after batch."""

    def __init__(self, rules: recipe.Corpus, base: Path, material: Material = "texts", salt: bytes | None = None):
        self._policy = Policy(
            normalize=rules.normalize,
            languages=rules.languages,
            rules=rules.rules,
            bad_words=() if rules.bad_words is None else read_words(base / rules.bad_words),
            mask_pii=rules.mask_pii,
            material=material,
        )
        self._min_bytes = rules.min_bytes
        self._salt = salt  # of a private recipe
        self._removed_alone = {removed.sha256 for removed in rules.remove if removed.keep_similar}
        sets = {evaluation.name: list(items(base / evaluation.path)) for evaluation in rules.evaluations}
        # all that is found depends on, beside the rules and the texts
        self.searched = digest({"evaluations": sets, "bad_words": self._policy.bad_words})
        share = Fraction(rules.evaluation_share)
        self._contamination = Contamination(sets, run=rules.evaluation_run, share=share) if sets else None

    @property
    def applied(self) -> dict[str, Any]:
        """The quality rules that are applied, and how many bad words are looked for."""
        return {"rules": list(self._policy.rules), "num_bad_words": len(self._policy.bad_words)}

    @property
    def evaluation_sets(self) -> list[EvaluationSet]:
        return self._contamination.sets if self._contamination else []

    def __call__(self, rows: Sequence[LedgerRow], texts: Sequence[str]) -> Examined:
        """Examine the texts of rows that nothing speaks against so far."""
        findings = examine(texts, self._policy)
        found = [self._row(row, finding) for row, finding in zip(rows, findings, strict=True)]
        hits = self._hits(found, findings)
        found = [
            replace(row, decision="drop", reason="contains_evaluation") if row.document_id in hits else row
            for row in found
        ]
        kept = [finding.text for row, finding in zip(found, findings, strict=True) if row.is_kept]
        return Examined(
            rows=found,
            texts=kept,
            sketches=sketch([said(text, self._policy.material) for text in kept]),
            hits=hits,
        )

    def _row(self, row: LedgerRow, finding: Finding) -> LedgerRow:
        data = finding.text.encode()
        sha256 = hashlib.sha256(data).hexdigest()
        reason = finding.reason or ("too_short" if len(data) < max(1, self._min_bytes) else None)
        reason = reason or (REMOVED if named(sha256, self._salt) in self._removed_alone else None)
        return replace(
            row,
            document_id=document_id(source=row.source, path=row.path, sha256=sha256),
            sha256=sha256,
            bytes=len(data),
            language=row.language or (finding.language if finding.language != UNDETERMINED else None),
            decision="drop" if reason else "keep",
            reason=reason or row.reason,
            pii_masked=finding.masked.total(),
        )

    def _hits(self, rows: Sequence[LedgerRow], findings: Sequence[Finding]) -> dict[str, list[Hit]]:
        if self._contamination is None:
            return {}
        kept = [(row.document_id, finding.text) for row, finding in zip(rows, findings, strict=True) if row.is_kept]
        found = self._contamination.hits([said(text, self._policy.material) for _, text in kept])
        return {name: hits for (name, _), hits in zip(kept, found, strict=True) if hits}
