"""A model as a folder in Hugging Face's layout: config.json, model.safetensors, generation_config.json."""

import json
from pathlib import Path
from typing import Any

from glasswright.model.decoder import Decoder
from glasswright.model.folder import ModelFolder
from glasswright.model.weights import read_weights
from glasswright.records.families import family_of
from glasswright.records.huggingface import from_hugging_face, to_hugging_face
from glasswright.store import tensors
from glasswright.store.atomic import write_atomic


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
    files = ModelFolder(folder)
    model = Decoder(from_hugging_face(files.json("config.json"), str(folder / "config.json")))
    family = family_of(model.config.model.family)
    wanted = {it.name: it.shape for it in model.layout}
    # Where the head is the embedding, some writers store it under both names.
    is_tied = model.config.model.tied_embeddings
    same = {family.names["head.weight"]: family.names["embedding.weight"]} if is_tied else {}
    weights = read_weights(files, wanted, unused=tuple(family.unused), same=same)
    for name, parameter in model.named_parameters():
        parameter.data = weights.tensors[name]
    return model


def _write_json(path: Path, value: dict[str, Any]) -> None:
    write_atomic(path, (json.dumps(value, indent=2, sort_keys=True) + "\n").encode())
