"""`glasswright generate`: continue a text with the model of a release."""

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from glasswright import api
from glasswright.cli.options import ParentFolder, Threads, threads_or_all
from glasswright.cli.progress import display
from glasswright.cli.show import out
from glasswright.errors import Misuse

if TYPE_CHECKING:
    from glasswright.model.decoder import Decoder
    from glasswright.model.tokenizer import FolderTokenizer

USUAL_TOKENS = 64


def generate(
    model: Annotated[
        Path, typer.Argument(metavar="MODEL", help="A release, or a folder of a model or of peft's adapter.")
    ],
    prompt: Annotated[
        str, typer.Argument(metavar="[PROMPT]", help="The text to continue (default: from nothing).")
    ] = "",
    tokens: Annotated[
        int | None,
        typer.Option(
            min=1, help=f"How many tokens to add at most (default: {USUAL_TOKENS}, if there is room for them)."
        ),
    ] = None,
    temperature: Annotated[str, typer.Option(help="0: always the likeliest token; 1: as the model says.")] = "0.8",
    seed: Annotated[int, typer.Option(min=0, max=2**63 - 1, help="Another seed, another text.")] = 0,
    parent: ParentFolder = None,
    threads: Threads = None,
) -> None:
    """Continue a text with the model of a release.

    The same model, prompt, seed and temperature give the same text on every machine.
    """
    from glasswright import kernels
    from glasswright.kernels import backends
    from glasswright.model import huggingface
    from glasswright.model.adapter import is_adapter
    from glasswright.model.folder import ModelFolder
    from glasswright.model.generate import generate as run
    from glasswright.model.tokenizer import FolderTokenizer

    folder, is_ours = model_folder(model)
    kernels.wanted()
    if is_adapter(folder):
        loaded, parent = _adapted(model, folder, parent)
        folder, is_ours = model_folder(parent)
    elif parent is not None:
        raise Misuse(f"--parent {parent}: {folder} is a whole model", hint="leave it out")
    else:
        loaded = huggingface.load(folder, display)
    tokenizer = FolderTokenizer(ModelFolder(folder), loaded.config.vocab_size)
    backends.on("cpu").set_num_threads(threads_or_all(threads))
    before = _prompt_ids(tokenizer, prompt, loaded.config.begin_of_text, is_ours)
    room = max(1, loaded.config.max_positions - len(before))
    ids = run(
        loaded, before, num_tokens=tokens or min(USUAL_TOKENS, room), temperature=_decimal(temperature), seed=seed
    )
    out(prompt + tokenizer.continuation(before, list(ids)))


def _adapted(model: Path, folder: Path, parent: Path | None) -> "tuple[Decoder, Path]":
    """The model that an adapter makes of its parent, and the parent, of whose tokenizer it is."""
    from glasswright.model import huggingface
    from glasswright.model.adapter import with_adapter

    if parent is None:
        raise Misuse(
            f"{folder}: an adapter alone", hint="say where the model lies that it was made for: --parent FOLDER"
        )
    if folder != model:
        return api.Release(model).model(parent=parent, report=display), parent
    return with_adapter(*huggingface.read(model_folder(parent)[0], display), folder, display), parent


def model_folder(model: Path) -> tuple[Path, bool]:
    """Where the model lies that a release or a folder holds, and whether it is a release's own."""
    folder = model / "model" if (model / "release.json").is_file() else model
    return folder, (folder.resolve().parent / "release.json").is_file()


def _prompt_ids(tokenizer: "FolderTokenizer", prompt: str, begin_of_text: int | None, is_ours: bool) -> list[int]:
    """The prompt as it would stand at the beginning of a document.

    What stands before it is the tokenizer's to say; a release's documents follow the token that divides them.
    """
    ids = tokenizer.encode(prompt)
    return [begin_of_text, *ids] if begin_of_text is not None and (is_ours or not ids) else ids


def _decimal(text: str) -> Fraction:
    try:
        value = Fraction(text)
    except (ValueError, ZeroDivisionError) as error:
        raise Misuse(f"--temperature {text}: expected a number", hint="for example 0.8") from error
    if not 0 <= value <= 100:
        raise Misuse(f"--temperature {text}: expected 0 to 100")
    return value
