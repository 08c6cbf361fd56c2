"""`glasswright lineage`: whether a model follows from the models it is said to be made from."""

from pathlib import Path
from typing import Annotated, cast, get_args

import typer

from glasswright.cli.options import Json
from glasswright.cli.progress import display
from glasswright.cli.show import show_json, show_verdict
from glasswright.errors import Misuse
from glasswright.records.lineage import Kind

Weights = Annotated[
    str | None,
    typer.Option("--linear", metavar="W,W", help="The weights of a linear merge, one for each model."),
]
Arc = Annotated[
    str | None, typer.Option("--slerp", metavar="T", help="Where a SLERP merge lies between two models: 0 to 1.")
]


def lineage(
    child: Annotated[Path, typer.Argument(metavar="CHILD", help="A model folder, a safetensors or a GGUF file.")],
    parents: Annotated[
        list[Path] | None,
        typer.Option("--from", metavar="PARENT", help="What it was made from, or where that lies; repeat for more."),
    ] = None,
    adapter: Annotated[
        Path | None, typer.Option("--adapter", metavar="DIR", help="The LoRA adapter that was merged into the parent.")
    ] = None,
    kind: Annotated[
        str | None, typer.Option("--kind", help="copy, convert, quantize, merge-adapter, merge-linear or merge-slerp.")
    ] = None,
    linear: Weights = None,
    slerp: Arc = None,
    in_toto: Annotated[
        bool, typer.Option("--in-toto", help="Print the record of the child as an in-toto statement, to be signed.")
    ] = False,
    as_json: Json = False,
) -> int:
    """Compute a model again from those it is said to be made from, and say where it differs.

    Quantizations, conversions, copies, merges of adapters and of models: every tensor, the tokenizer, the chat template
    and the sizes. Nothing is loaded, nothing in the files is run. Of a child with a record beside it, as `merge` and
    `export` write one, the parents are found by their digests in the folders that --from names; the parents of those
    with them, and the training of an adapter too, by `glasswright verify CHILD --lineage`.
    """
    from glasswright.lineage.find import How, place_on_arc, weights_of
    from glasswright.lineage.statement import statement_of
    from glasswright.lineage.verdict import examine, examine_by_record, has_record

    if in_toto:
        show_json(statement_of(child))
        return 0
    if kind is not None and kind not in get_args(Kind):
        raise Misuse(f"--kind {kind}: expected one of {', '.join(get_args(Kind))}")
    how = How(kind=cast("Kind | None", kind), adapter=adapter, weights=weights_of(linear), t=place_on_arc(slerp))
    if how == How() and has_record(child):
        return show_verdict(examine_by_record(child, parents or [], display), as_json=as_json)
    if not parents:
        raise Misuse("no parent is named", hint="`--from PARENT`")
    return show_verdict(examine(child, parents, how, display), as_json=as_json)
