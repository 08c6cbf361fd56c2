"""`glasswright generate`: continue a text with the model of a release."""

import os
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from glasswright.cli.options import Threads, threads_or_all
from glasswright.cli.show import out
from glasswright.errors import Misuse
from glasswright.foreign import NotRead, opened, read

if TYPE_CHECKING:
    from tokenizers import Tokenizer

NEEDED = ("config.json", "model.safetensors", "tokenizer.json")
MAX_TOKENIZER_BYTES = 2**27
A_MODEL = "name a release, or a folder with a model and its tokenizer in Hugging Face's layout"


def generate(
    model: Annotated[
        Path, typer.Argument(metavar="MODEL", help="A release, or a model folder in Hugging Face's layout.")
    ],
    prompt: Annotated[str, typer.Argument(help="The text to continue (default: from nothing).")] = "",
    tokens: Annotated[int, typer.Option(min=1, help="How many tokens to add at most.")] = 64,
    temperature: Annotated[str, typer.Option(help="0: always the likeliest token; 1: as the model says.")] = "0.8",
    seed: Annotated[int, typer.Option(min=0, max=2**63 - 1, help="Another seed, another text.")] = 0,
    threads: Threads = None,
) -> None:
    """Continue a text with the model of a release.

    The same model, prompt, seed and temperature give the same text on every machine.
    """
    from glasswright import kernels
    from glasswright.kernels import backends
    from glasswright.model import huggingface
    from glasswright.model.generate import generate as run

    folder = model / "model" if (model / "release.json").is_file() else model
    kernels.wanted()
    _require_plain(folder)
    loaded = huggingface.load(folder)
    tokenizer = _tokenizer(folder / "tokenizer.json")
    backends.on("cpu").set_num_threads(threads_or_all(threads))
    ids = run(
        loaded,
        _prompt_ids(tokenizer, prompt, loaded.config.begin_of_text),
        num_tokens=tokens,
        temperature=_decimal(temperature),
        seed=seed,
    )
    out(prompt + tokenizer.decode(list(ids)))


def _require_plain(folder: Path) -> None:
    """That nothing in a stranger's folder is waited for. Links are followed: the hub's own copies consist of them.

    Raises:  Misuse.
    """
    for path in (folder / name for name in NEEDED if os.path.lexists(folder / name)):
        try:
            with opened(path):
                pass
        except NotRead as error:
            raise Misuse(str(error), hint=A_MODEL) from error


def _tokenizer(path: Path) -> "Tokenizer":
    from tokenizers import Tokenizer

    try:
        text = read(path, max_bytes=MAX_TOKENIZER_BYTES).decode()
        return Tokenizer.from_str(text)
    except NotRead as error:
        raise Misuse(str(error), hint=A_MODEL) from error
    except Exception as error:  # the library's own, which has no name of its own
        raise Misuse(f"{path}: not a tokenizer: {error}", hint=A_MODEL) from error


def _prompt_ids(tokenizer: "Tokenizer", prompt: str, begin_of_text: int | None) -> list[int]:
    """The prompt as it would stand at the beginning of a document: after an end-of-text token."""
    ids: list[int] = tokenizer.encode(prompt).ids
    return ids if begin_of_text is None else [begin_of_text, *ids]


def _decimal(text: str) -> Fraction:
    try:
        value = Fraction(text)
    except (ValueError, ZeroDivisionError) as error:
        raise Misuse(f"--temperature {text}: expected a number", hint="for example 0.8") from error
    if not 0 <= value <= 100:
        raise Misuse(f"--temperature {text}: expected 0 to 100")
    return value
