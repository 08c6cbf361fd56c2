"""`glasswright document`: what is known of a document, and which training steps read it."""

from typing import Annotated, Any

import typer

from glasswright.cli.options import Json, ReleaseFolder
from glasswright.cli.show import out, show_json, table

MAX_LISTED = 20


def document(
    release: ReleaseFolder,
    name: Annotated[str, typer.Argument(metavar="DOCUMENT", help="An id, its first digits, or a path in the source.")],
    as_json: Json = False,
) -> None:
    """Show a document of a release, and the training steps it is in.

    Its row is shown to be in the ledger behind the release root, by an inclusion proof.
    """
    from dataclasses import asdict

    from glasswright.verify.lookup import read_document

    reading = read_document(release, name)
    if as_json:
        show_json(asdict(reading))
        return
    table([(key, _text(value)) for key, value in reading.row.record().items()])
    proof = reading.proven.proof
    out(f"\nrow {proof.index + 1} of {proof.num_leaves}, under the ledger root {reading.proven.root[:12]}")
    if reading.split is None:
        out("not kept, so no step read it")
    elif reading.split == "validation":
        out("held back for validation: no step read it")
    else:
        steps = sorted({step for step, _, _ in reading.readings})
        out(
            f"read {len(reading.readings)} times, in {len(steps)} steps{':' if steps else ''} {_listed(steps)}".rstrip()
        )


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _listed(steps: list[int]) -> str:
    more = f" and {len(steps) - MAX_LISTED} more" if len(steps) > MAX_LISTED else ""
    return ", ".join(map(str, steps[:MAX_LISTED])) + more
