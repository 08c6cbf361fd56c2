"""Which documents a training step read, and which steps read a document; each answer with its inclusion proof."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from glasswright.attest.proven import Proven
from glasswright.errors import ClaimFalse, Misuse
from glasswright.records.ledger import MAX_NAMED, LedgerRow, is_beginning_of_id, is_place_of, the_one
from glasswright.records.progress import silent
from glasswright.records.transcript import Sequences, Span, StepRecord, reads_digest
from glasswright.verify.decode import EDITED
from glasswright.verify.evidence import Evidence
from glasswright.verify.proofs import prove_row, prove_step
from glasswright.verify.spans import Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class StepReading:
    """A step, and the ledger's row for each span of each sequence."""

    step: StepRecord
    sequences: tuple[tuple[tuple[Span, LedgerRow], ...], ...]
    texts: tuple[tuple[str, ...], ...] | None  # of each span; None where they were not asked for
    proven: Proven


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentReading:
    """A document, where its tokens lie, and (step, sequence, span) for each time it was read."""

    row: LedgerRow
    split: str | None  # None: not kept
    num_tokens: int
    readings: tuple[tuple[int, int, Span], ...]
    proven: Proven


def read_step(release: Path, number: int, *, with_texts: bool = False) -> StepReading:
    """What step `number` read, and if asked for, what it says.

    Raises:  Misuse if there is no such step; ClaimFalse if the release does not bear it out.
    """
    evidence = Evidence(release, 1, silent)
    step, read = next(((step, read) for step, read in _checked_reads(evidence) if step.step == number), (None, ()))
    if step is None:
        last = evidence.recipe().train.num_steps
        raise Misuse(f"step {number}: this release has the steps 1 to {last}", hint=f"give a number from 1 to {last}")
    rows = evidence.ledger().kept
    if any(not 0 <= span.document < len(rows) for spans in read for span in spans):
        raise ClaimFalse(f"step {number}: reads a document that the ledger does not keep", hint=EDITED)
    sequences = tuple(tuple((span, rows[span.document]) for span in spans) for spans in read)
    said = Texts(evidence)
    texts = tuple(tuple(map(said.of, spans)) for spans in read) if with_texts else None
    return StepReading(step=step, sequences=sequences, texts=texts, proven=prove_step(evidence, number))


def read_document(release: Path, name: str) -> DocumentReading:
    """The document of this name: its id, the id's first digits, or its path (SOURCE:PATH where two sources have it).

    Raises:  Misuse if there is none, or more than one; ClaimFalse if the release does not bear it out.
    """
    evidence = Evidence(release, 1, silent)
    index, row = find(evidence, name)
    place = {document.document_id: i for i, document in enumerate(evidence.token_map().documents)}.get(row.document_id)
    document = None if place is None else evidence.token_map().documents[place]
    return DocumentReading(
        row=row,
        split=document.split if document else None,
        num_tokens=document.num_tokens if document else 0,
        readings=tuple(_readings(evidence, place)) if place is not None else (),
        proven=prove_row(evidence, index, row.record()),
    )


def find(evidence: Evidence, name: str) -> tuple[int, LedgerRow]:
    """The document with this name, and its place in the ledger.

    Raises:  Misuse if there is none, or more than one.
    """
    rows = evidence.ledger().rows
    found = [row for row in rows if row.document_id.startswith(name)] if is_beginning_of_id(name) else []
    found = found or [row for row in rows if is_place_of(name, row)]
    row = the_one(name, found, where=str(evidence.folder.root), alike=lambda: _alike(rows, name))
    return rows.index(row), row


def _alike(rows: Sequence[LedgerRow], name: str) -> list[str]:
    """Places that end with the name, or look like it."""
    places = {f"{row.source}:{row.path}": row.path for row in rows}
    ends = [place for place, path in places.items() if path.endswith(f"/{name}")]
    return [*ends, *get_close_matches(name, places.values(), MAX_NAMED)][:MAX_NAMED]


def _readings(evidence: Evidence, place: int) -> Iterator[tuple[int, int, Span]]:
    for step, read in _checked_reads(evidence):
        for number, spans in enumerate(read):
            yield from ((step.step, number, span) for span in spans if span.document == place)


def _checked_reads(evidence: Evidence) -> Iterator[tuple[StepRecord, Sequences]]:
    """Every step, and what it read, which must have the digest that the step records."""
    for step, (number, read) in zip(evidence.steps(), evidence.transcript().reads(), strict=False):
        if number != step.step or reads_digest(read) != step.reads:
            raise ClaimFalse(f"step {step.step}: what it is said to have read is not what it records", hint=EDITED)
        yield step, read
