"""`glasswright lineage`: whether a model follows from the models it is said to be made from."""

from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, cast, get_args

import typer

from glasswright.cli.options import Json
from glasswright.cli.progress import display
from glasswright.cli.show import show_verdict
from glasswright.errors import Misuse

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
        list[Path] | None, typer.Option("--from", metavar="PARENT", help="What it was made from; repeat for a merge.")
    ] = None,
    adapter: Annotated[
        Path | None, typer.Option("--adapter", metavar="DIR", help="The LoRA adapter that was merged into the parent.")
    ] = None,
    kind: Annotated[
        str | None, typer.Option("--kind", help="copy, convert, quantize, merge-adapter, merge-linear or merge-slerp.")
    ] = None,
    linear: Weights = None,
    slerp: Arc = None,
    as_json: Json = False,
) -> int:
    """Compute a model again from those it is said to be made from, and say where it differs.

    Quantizations, conversions, copies, merges of adapters and of models: every tensor, the tokenizer, the chat template
    and the sizes. Nothing is loaded, nothing in the files is run.
    """
    from glasswright.lineage.derived import Kind
    from glasswright.lineage.find import How
    from glasswright.lineage.verdict import examine

    if not parents:
        raise Misuse("no parent is named", hint="`--from PARENT`")
    if kind is not None and kind not in get_args(Kind):
        raise Misuse(f"--kind {kind}: expected one of {', '.join(get_args(Kind))}")
    how = How(kind=cast("Kind | None", kind), adapter=adapter, weights=weights_of(linear), t=place_of(slerp))
    return show_verdict(examine(child, parents, how, display), as_json=as_json)


def weights_of(text: str | None) -> tuple[Decimal, ...]:
    """The weights of `--linear`.

    Raises:  Misuse for what is no number.
    """
    return tuple(_number("--linear", it) for it in text.split(",")) if text is not None else ()


def place_of(text: str | None) -> Decimal | None:
    """The place of `--slerp`.

    Raises:  Misuse for what is no number from 0 to 1.
    """
    if text is None:
        return None
    place = _number("--slerp", text)
    if not 0 <= place <= 1:
        raise Misuse(f"--slerp {text}: expected 0 to 1")
    return place


def _number(option: str, text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or len(text) > 40 or abs(number) > 1000 or (number and abs(number) < Decimal("1e-6")):
        raise Misuse(f"{option} {text[:80]}: expected numbers such as 0.3", hint="--linear 0.3,0.7; --slerp 0.5")
    return number
