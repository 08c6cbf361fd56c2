"""A LoRA adapter in peft's layout, beside the model that it was made for.

    adapter_config.json         rank, alpha, and whatever else of peft's was asked for
    adapter_model.safetensors   base_model.model.MODULE.lora_A.weight (rank, inputs), .lora_B.weight (outputs, rank)

What is computed is W x + (alpha / rank) B (A x). A config that says anything more is refused by its key.
"""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import torch

from glasswright.errors import Misuse
from glasswright.model.decoder import Decoder
from glasswright.model.folder import ModelFolder
from glasswright.model.weights import Weights, read_weights, stored_in
from glasswright.records.adapter import adapter_parameters
from glasswright.records.decoder import DecoderConfig
from glasswright.records.progress import Report, silent
from glasswright.records.recipe import Adapter

CONFIG, WEIGHTS = "adapter_config.json", "adapter_model.safetensors"
HINT = "merge it with peft (`merge_and_unload`), and name the folder of the merged model"
MAX_RANK = 4096  # what `derive` takes
MAX_ALPHA = 2**20
# Keys that change nothing of what is computed, or say it in words that the tensors say themselves.
SAID_ELSEWHERE = frozenset(
    {
        *("auto_mapping", "base_model_name_or_path", "inference_mode", "peft_version", "revision", "task_type"),
        *("exclude_modules", "fan_in_fan_out", "layers_pattern", "layers_to_transform", "target_modules"),
        *("lora_dropout", "megatron_core", "qalora_group_size"),  # of training, and of what other keys turn on
        *("lora_alpha", "r"),
    }
)
# What any other key has to say, if it says anything.
AS_READ: Mapping[str, tuple[Any, ...]] = {
    "bias": ("none",),
    "init_lora_weights": (
        True,
        False,
        None,
        "gaussian",
        "orthogonal",
    ),  # the others change the parent's weights as well
    "peft_type": ("LORA",),
}


def is_adapter(folder: Path) -> bool:
    """Whether a folder says that it holds an adapter, and no model."""
    files = ModelFolder(folder)
    return files.has(CONFIG) and not files.has("config.json")


def with_adapter(config: DecoderConfig, weights: Weights, folder: Path, report: Report = silent) -> Decoder:
    """The model of these weights with the adapter of a folder beside them.

    Raises:  Misuse naming the key or the tensor that is not read, or does not go with this model.
    """
    files = ModelFolder(folder)
    adapter = _described(files.json(CONFIG), folder / CONFIG)
    stored = stored_in(files, WEIGHTS)
    whole = adapter_parameters(config, adapter)
    targets = {it.slot.rpartition(".")[0] for it in whole if it.name in stored}
    if not targets:
        raise Misuse(f"{folder / WEIGHTS}: it adapts no matrix of this model", hint="name the parent it was made for")
    adapter = adapter.model_copy(update={"targets": tuple(sorted(targets))})
    wanted = {it.name: it.shape for it in adapter_parameters(config, adapter)}
    read = read_weights(files, wanted, file=WEIGHTS, report=report)
    model = Decoder(config, weights, adapter)
    with torch.no_grad():
        for name, parameter in model.trained.items():
            parameter.copy_(read.tensors[name])
    return model


def _described(said: Mapping[str, Any], where: Path) -> Adapter:
    """Its rank and alpha, where its config asks for nothing that is not done here."""
    for key, value in said.items():
        if key not in SAID_ELSEWHERE and value not in AS_READ.get(key, ()) and (value or key in AS_READ):
            raise Misuse(f"{where}: {key}: {str(value)[:80]!r} is not read", hint=HINT)
    rank, alpha = (_number(said, key, where, most) for key, most in (("r", MAX_RANK), ("lora_alpha", MAX_ALPHA)))
    if rank != int(rank):
        raise Misuse(f"{where}: r: expected a whole number, found {rank}", hint=HINT)
    return Adapter(rank=int(rank), alpha=alpha)


def _number(said: Mapping[str, Any], key: str, where: Path, most: int) -> Decimal:
    value = said.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= most:
        raise Misuse(f"{where}: {key}: expected a number above 0, at most {most:,}; found {str(value)[:80]!r}")
    return Decimal(str(value))
