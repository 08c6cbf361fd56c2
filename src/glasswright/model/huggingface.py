"""A model as a folder in Hugging Face's layout: config.json, model.safetensors, generation_config.json."""

import json
from pathlib import Path
from typing import Any

from glasswright.model.decoder import Decoder
from glasswright.model.folder import ModelFolder
from glasswright.model.weights import Weights, read_weights
from glasswright.records.decoder import DecoderConfig
from glasswright.records.families import family_of
from glasswright.records.huggingface import from_hugging_face, to_hugging_face
from glasswright.records.progress import Progress, Report, silent
from glasswright.store import floats, tensors
from glasswright.store.atomic import write_atomic

DTYPES = {"BF16": "bfloat16", "F16": "float16"}


def save(model: Decoder, folder: Path, report: Report = silent) -> None:
    """Write the model so that `transformers` loads it as its family.

    A tensor that came in 16 bits leaves in them, unless its values have become others.
    """
    folder.mkdir(parents=True, exist_ok=True)
    parameters = {name: parameter.detach().cpu().numpy() for name, parameter in model.named_parameters()}
    halves = {name: dtype for name, dtype in model.halves.items() if floats.holds(dtype, parameters[name])}
    tensors.save(folder / "model.safetensors", parameters, halves, report=report)
    config = to_hugging_face(model.config)
    if len(halves) == len(parameters) and len(set(halves.values())) == 1:
        config["dtype"] = DTYPES[next(iter(halves.values()))]
    _write_json(folder / "config.json", config)
    _write_json(folder / "generation_config.json", {key: config[key] for key in ("bos_token_id", "eos_token_id")})


def load(folder: Path, report: Report = silent) -> Decoder:
    """The model of a folder, as `read` reads it."""
    return Decoder(*read(folder, report))


def read(folder: Path, report: Report = silent) -> tuple[DecoderConfig, Weights]:
    """Read a model folder, one file or sharded, in float32, bfloat16 or float16; what is left out of it is news.

    Raises:  Misuse naming the file, and the tensor or key, that is missing, unexpected or of another shape.
    """
    files = ModelFolder(folder)
    config = from_hugging_face(files.json("config.json"), str(folder / "config.json"))
    wanted = {parameter.name: parameter.shape for parameter in config.parameters()}
    family = family_of(config.model.family)
    layers = config.model.num_layers

    def is_unused(name: str) -> bool:
        return family.is_unused(name, layers)

    weights = read_weights(files, wanted, is_unused=is_unused, prefix=family.prefix, same=_same(config), report=report)
    if beyond := [name for name in weights.left_out if family.is_beyond(name, layers)]:
        note = f"{folder}: {len(beyond)} tensors behind the last of {layers} layers are left out: {family.beyond}"
        report(Progress(what="read", done=0, total=None, unit="tensors", note=note, is_news=True))
    return config, weights


def _same(config: DecoderConfig) -> dict[str, str]:
    """The head, where it is the embedding: some writers store both."""
    names = family_of(config.model.family).names
    return {names["head.weight"]: names["embedding.weight"]} if config.model.tied_embeddings else {}


def _write_json(path: Path, value: dict[str, Any]) -> None:
    write_atomic(path, (json.dumps(value, indent=2, sort_keys=True) + "\n").encode())
