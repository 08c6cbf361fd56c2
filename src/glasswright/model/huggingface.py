"""A model as a folder in Hugging Face's layout: config.json, model.safetensors, generation_config.json."""

import json
from pathlib import Path
from typing import Any

from glasswright.model.config import LlamaConfig
from glasswright.model.folder import ModelFolder
from glasswright.model.llama import Llama
from glasswright.model.weights import read_weights
from glasswright.store import tensors
from glasswright.store.atomic import write_atomic

HEAD = "lm_head.weight"


def save(model: Llama, folder: Path) -> None:
    """Write the model so that `transformers` loads it as LlamaForCausalLM."""
    folder.mkdir(parents=True, exist_ok=True)
    parameters = {name: parameter.detach().numpy() for name, parameter in model.named_parameters()}
    tensors.save(folder / "model.safetensors", parameters)
    end_of_text = model.config.end_of_text
    _write_json(folder / "config.json", model.config.to_hugging_face())
    _write_json(folder / "generation_config.json", {"bos_token_id": end_of_text, "eos_token_id": end_of_text})


def load(folder: Path) -> Llama:
    """Read a LlamaForCausalLM folder, one file or sharded, in float32, bfloat16 or float16.

    Raises:  Misuse naming the file, and the tensor or key, that is missing, unexpected or of another shape.
    """
    files = ModelFolder(folder)
    config = LlamaConfig.from_hugging_face(files.json("config.json"), str(folder / "config.json"))
    model = Llama(config)
    wanted = {name: tuple(parameter.shape) for name, parameter in model.named_parameters()}
    same = {HEAD: "model.embed_tokens.weight"} if config.tied_embeddings else {}
    weights = read_weights(files, wanted, unused=(r".*\.rotary_emb\.inv_freq",), same=same)
    for name, parameter in model.named_parameters():
        parameter.data = weights.tensors[name]
    return model


def _write_json(path: Path, value: dict[str, Any]) -> None:
    write_atomic(path, (json.dumps(value, indent=2, sort_keys=True) + "\n").encode())
