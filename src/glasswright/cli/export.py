"""`glasswright export`: a model in the formats that others run."""

import os
from pathlib import Path
from typing import Annotated

import typer

from glasswright.cli.generate import model_folder
from glasswright.cli.progress import display
from glasswright.errors import Misuse
from glasswright.places import file_place, free_place


def export(
    model: Annotated[
        Path, typer.Argument(metavar="MODEL", help="A release, or a model folder in Hugging Face's layout.")
    ],
    gguf: Annotated[
        str | None, typer.Option("--gguf", metavar="TYPE", help="A GGUF file: F32, BF16, F16 or Q8_0.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="With --gguf: the file to write.")] = None,
    hf: Annotated[Path | None, typer.Option("--hf", metavar="DIR", help="A folder for transformers.")] = None,
) -> None:
    """Write a model for llama.cpp or for transformers.

    Weights that nothing has changed leave as the bytes that came; tokenizer and chat template leave as they are.
    Beside a GGUF file lies the record of what it was made from, for `glasswright lineage`.
    """
    if (gguf is None) == (hf is None):
        raise Misuse("expected one of --gguf and --hf", hint="`--gguf F16 --out model.gguf`, or `--hf DIR`")
    if (gguf is None) != (out is None):
        raise Misuse("--out is the file of --gguf: name both, or neither", hint="`--gguf F16 --out model.gguf`")
    if hf is not None:
        _to_folder(model, _outside(model, free_place(hf)))
    elif gguf is not None and out is not None:
        _to_gguf(model, gguf, _outside(model, file_place(out)))


def _outside(model: Path, place: Path) -> Path:
    """The place, which may not lie among the files that are read: a GGUF file would replace one of them."""
    if Path(os.path.realpath(model)) in Path(os.path.realpath(place)).parents:
        raise Misuse(f"{place}: lies in the model that is exported", hint="name another place")
    return place


def _to_folder(model: Path, out: Path) -> None:
    from glasswright.export.folder import export_folder
    from glasswright.model import huggingface
    from glasswright.model.folder import ModelFolder

    folder, _ = model_folder(model)
    export_folder(huggingface.load(folder, display), ModelFolder(folder), out, display)


def _to_gguf(model: Path, kind: str, out: Path) -> None:
    from glasswright.export.gguf import TYPES, export_gguf
    from glasswright.lineage.edge import place_of as edge_place
    from glasswright.lineage.edge import write_edge
    from glasswright.lineage.quantized import quantized
    from glasswright.lineage.stored import read_stored
    from glasswright.model import huggingface
    from glasswright.model.folder import ModelFolder
    from glasswright.model.tokenizer import FolderTokenizer

    if kind not in TYPES:
        raise Misuse(f"--gguf {kind}: expected one of {', '.join(TYPES)}")
    folder, _ = model_folder(model)
    loaded = huggingface.load(folder, display)
    tokenizer = FolderTokenizer(ModelFolder(folder), loaded.config.vocab_size)
    edge_place(out).unlink(missing_ok=True)  # of the file that is replaced
    export_gguf(loaded, tokenizer, out, kind, name=model.resolve().name, report=display)
    parent = read_stored(model)
    write_edge(read_stored(out), [parent], quantized(parent), name=out.name, report=display)
