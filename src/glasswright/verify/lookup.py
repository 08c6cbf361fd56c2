"""Which documents a training step read, and which steps read a document; each answer with its inclusion proof."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from glasswright.attest.proof import Proven
from glasswright.errors import ClaimFalse, Misuse
from glasswright.records.ledger import LedgerRow
from glasswright.records.naming import named, the_one
from glasswright.records.progress import silent
from glasswright.records.transcript import Span, StepRecord
from glasswright.verify.decode import EDITED
from glasswright.verify.evidence import Evidence
from glasswright.verify.proofs import prove_row, prove_step


@dataclass(frozen=True, slots=True, kw_only=True)
class StepReading:
    """A step, and the ledger's row for each span of each sequence."""

    step: StepRecord
    sequences: tuple[tuple[tuple[Span, LedgerRow], ...], ...]
    proven: Proven


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentReading:
    """A document, where its tokens lie, and (step, sequence, span) for each time it was read."""

    row: LedgerRow
    split: str | None  # None: not kept
    num_tokens: int
    readings: tuple[tuple[int, int, Span], ...]
    proven: Proven


def read_step(release: Path, number: int) -> StepReading:
    """What step `number` read.

    Raises:  Misuse if there is no such step; ClaimFalse if the release does not bear it out.
    """
    evidence = Evidence(release, 1, silent)
    step = next((step for step in evidence.steps() if step.step == number), None)
    if step is None:
        last = len(evidence.schedule().rows)
        raise Misuse(f"step {number}: this release has the steps 1 to {last}", hint=f"give a number from 1 to {last}")
    rows = evidence.ledger().kept
    if any(not 0 <= span.document < len(rows) for spans in step.sequences for span in spans):
        raise ClaimFalse(f"step {number}: reads a document that the ledger does not keep", hint=EDITED)
    sequences = tuple(tuple((span, rows[span.document]) for span in spans) for spans in step.sequences)
    return StepReading(step=step, sequences=sequences, proven=prove_step(evidence, number, step.record()))


def read_document(release: Path, name: str) -> DocumentReading:
    """The document that is called `name`, as `records.naming` has it.

    Raises:  Misuse if there is none, or more than one; ClaimFalse if the release does not bear it out.
    """
    evidence = Evidence(release, 1, silent)
    rows = evidence.ledger().rows
    places = (f"{row.source}:{row.path}" for row in rows)
    row = the_one(named(rows, name), name, where=release, places=places)
    place = {document.document_id: i for i, document in enumerate(evidence.token_map().documents)}.get(row.document_id)
    document = None if place is None else evidence.token_map().documents[place]
    return DocumentReading(
        row=row,
        split=document.split if document else None,
        num_tokens=document.num_tokens if document else 0,
        readings=tuple(_readings(evidence, place)) if place is not None else (),
        proven=prove_row(evidence, rows.index(row), row.record()),
    )


def _readings(evidence: Evidence, place: int) -> Iterator[tuple[int, int, Span]]:
    for step in evidence.steps():
        for number, spans in enumerate(step.sequences):
            yield from ((step.step, number, span) for span in spans if span.document == place)
