"""A model as a folder in Hugging Face's layout: config.json, model.safetensors, generation_config.json."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open

from glasswright.errors import Misuse
from glasswright.model.decoder import Decoder
from glasswright.records.families import family_of
from glasswright.records.huggingface import from_hugging_face, to_hugging_face
from glasswright.store import tensors
from glasswright.store.atomic import write_atomic

READABLE = (torch.float32, torch.bfloat16, torch.float16)  # the latter two widen to float32 exactly


def save(model: Decoder, folder: Path) -> None:
    """Write the model so that `transformers` loads it as its family."""
    folder.mkdir(parents=True, exist_ok=True)
    parameters = {name: parameter.detach().numpy() for name, parameter in model.named_parameters()}
    tensors.save(folder / "model.safetensors", parameters)
    config = to_hugging_face(model.config)
    _write_json(folder / "config.json", config)
    _write_json(folder / "generation_config.json", {key: config[key] for key in ("bos_token_id", "eos_token_id")})


def load(folder: Path) -> Decoder:
    """Read a model folder, one file or sharded, in float32, bfloat16 or float16.

    Raises:  Misuse naming the file, and the tensor or key, that is missing, unexpected or of another shape.
    """
    where = folder / "config.json"
    model = Decoder(from_hugging_face(_read_json(where), str(where)))
    not_computed_with = _not_computed_with(model)
    wanted = dict(model.named_parameters())
    for path, name, value in _stored_tensors(folder):
        if not_computed_with.fullmatch(name):
            continue
        if name not in wanted:
            raise Misuse(f"{path}: tensor {name!r} is not one of this architecture")
        _fill(wanted.pop(name), value, f"{path}: tensor {name!r}")
    if wanted:
        raise Misuse(f"{folder}: tensor {next(iter(wanted))!r} is missing", hint=f"{len(wanted)} are missing in all")
    return model


def _not_computed_with(model: Decoder) -> re.Pattern[str]:
    """Names that some writers store beside the parameters: buffers, and a head that is the embedding itself."""
    family = family_of(model.config.model.family)
    head = [re.escape(family.names["head.weight"])] if model.config.model.tied_embeddings else []
    return re.compile("|".join([*family.unused, *head]))


def _fill(parameter: torch.nn.Parameter, value: torch.Tensor, where: str) -> None:
    if value.shape != parameter.shape:
        raise Misuse(f"{where}: expected shape {tuple(parameter.shape)}, found {tuple(value.shape)}")
    if value.dtype not in READABLE:
        raise Misuse(f"{where}: expected float32, bfloat16 or float16, found {value.dtype}")
    with torch.no_grad():
        parameter.copy_(value)


def _stored_tensors(folder: Path) -> Iterator[tuple[Path, str, torch.Tensor]]:
    for path in _weight_files(folder):
        try:
            with safe_open(path, framework="pt") as file:
                for name in file.keys():  # noqa: SIM118 (not a dict)
                    yield path, name, file.get_tensor(name)
        except (SafetensorError, OSError) as error:
            raise Misuse(f"{path}: cannot be read as safetensors: {error}") from error


def _weight_files(folder: Path) -> list[Path]:
    index = folder / "model.safetensors.index.json"
    if not index.is_file():
        return [folder / "model.safetensors"]
    names = sorted(set(_read_json(index)["weight_map"].values()))
    if any(Path(name).name != name for name in names):
        raise Misuse(f"{index}: a shard lies outside the folder")
    return [folder / name for name in names]


def _read_json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise Misuse(
            f"{path}: cannot be read: {error}", hint="expected a model folder in Hugging Face's layout"
        ) from error
    if not isinstance(found, dict):
        raise Misuse(f"{path}: expected an object, found {type(found).__name__}")
    return found


def _write_json(path: Path, value: dict[str, Any]) -> None:
    write_atomic(path, (json.dumps(value, indent=2, sort_keys=True) + "\n").encode())
