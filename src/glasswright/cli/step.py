"""`glasswright step`: the documents a training step read."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from glasswright.cli.options import Json, ReleaseFolder
from glasswright.cli.show import out, show_json, table
from glasswright.records.canonical import float_from_bits

if TYPE_CHECKING:
    from glasswright.verify.lookup import StepReading


def step(
    release: ReleaseFolder,
    number: Annotated[int, typer.Argument(metavar="N", min=1, help="A step, from 1.")],
    with_texts: Annotated[
        bool, typer.Option("--text", help="Show the text that was read, as the tokens spell it.")
    ] = False,
    as_json: Json = False,
) -> None:
    """List the documents of a training step: which tokens of which document, with title and license.

    The step's record is shown to be in the transcript behind the release root, by an inclusion proof.
    """
    from glasswright.verify.lookup import read_step

    reading = read_step(release, number, with_texts=with_texts)
    if as_json:
        show_json(_record(reading))
        return
    out(f"step {number}: loss {float_from_bits(reading.step.loss_nats):.4f} nats, {reading.step.num_tokens:,} tokens")
    if reading.texts is None:
        table([("sequence", "tokens", "document", "license", "title"), *_rows(reading)])
    else:
        _show_texts(reading)
    out(f"\nthe record is leaf {reading.proven.proof.index} under the transcript root {reading.proven.root[:12]}")


def _record(reading: "StepReading") -> dict[str, Any]:
    rows = {row.document_id: row.record() for spans in reading.sequences for _, row in spans}
    record = {"step": reading.step.record(), "documents": rows, "proof": reading.proven.as_record()}
    return record if reading.texts is None else {**record, "texts": reading.texts}


def _rows(reading: "StepReading") -> list[tuple[str, ...]]:
    return [
        (
            str(index),
            f"{span.start}-{span.start + span.count - 1}",
            row.document_id[:12],
            row.license or "none",
            row.title or row.path,
        )
        for index, spans in enumerate(reading.sequences)
        for span, row in spans
    ]


def _show_texts(reading: "StepReading") -> None:
    assert reading.texts is not None
    texts = [text for of_sequence in reading.texts for text in of_sequence]
    for (sequence, tokens, *about), text in zip(_rows(reading), texts, strict=True):
        out(f"\nsequence {sequence}, tokens {tokens} of {'  '.join(about)}")
        for line in text.splitlines():
            out(f"  | {line}")
