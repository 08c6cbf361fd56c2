"""`glasswright step`: the documents a training step read."""

from typing import Annotated

import typer

from glasswright.cli.options import Json, ReleaseFolder
from glasswright.cli.show import out, show_json, table
from glasswright.records.canonical import float_from_bits


def step(
    number: Annotated[int, typer.Argument(metavar="N", min=1, help="A step, from 1.")],
    release: ReleaseFolder,
    as_json: Json = False,
) -> None:
    """List the documents of a training step: which tokens of which document, with title and license.

    The step's record is shown to be in the transcript behind the release root, by an inclusion proof.
    """
    from glasswright.verify.lookup import read_step

    reading = read_step(release, number)
    if as_json:
        rows = {row.document_id: row.record() for spans in reading.sequences for _, row in spans}
        show_json({"step": reading.step.record(), "documents": rows, "proof": reading.proven.as_record()})
        return
    out(f"step {number}: loss {float_from_bits(reading.step.loss_nats):.4f} nats, {reading.step.num_tokens:,} tokens")
    lines: list[tuple[str, ...]] = [("sequence", "tokens", "document", "license", "title")]
    for index, spans in enumerate(reading.sequences):
        lines += [
            (
                str(index),
                f"{span.start}-{span.start + span.count - 1}",
                row.document_id[:12],
                row.license or "none",
                row.title or row.path,
            )
            for span, row in spans
        ]
    table(lines)
    out(f"\nthe record is leaf {reading.proven.proof.index} under the transcript root {reading.proven.root[:12]}")
