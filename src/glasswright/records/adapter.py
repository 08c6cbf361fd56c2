"""The parameters of an adapter: two low matrices beside each matrix that is adapted (Hu et al. 2021, section 4.1).

    y = W x + b + (alpha / rank) * B (A x)        A: (rank, inputs), B: (outputs, rank)

Their names are those of peft's files.
"""

import json
from typing import Any

from glasswright.errors import Misuse
from glasswright.records.decoder import MATRICES, DecoderConfig, Parameter
from glasswright.records.families import family_of
from glasswright.records.recipe import Adapter, Recipe

PREFIX = "base_model.model."
DOWN, UP = "adapter_down", "adapter_up"  # of a slot: to few channels, and up again


def adapter_parameters(config: DecoderConfig, adapter: Adapter) -> tuple[Parameter, ...]:
    """Every parameter of an adapter of this model, in the order of the computation.

    Raises:  Misuse naming a target that the model does not have, or has in a form that is not adapted.
    """
    adaptable = {it: _stem(it) for it in config.parameters() if _is_adaptable(config, it)}
    known = sorted(set(adaptable.values()))
    for target in adapter.targets:
        if target not in known:
            raise Misuse(
                f"adapter.targets: {target!r} is no matrix of this model that can be adapted",
                hint=f"it has {', '.join(known)}" if known else "experts and latent attention have none as yet",
            )
    if not known:
        raise Misuse(
            f"the family {config.model.family} has no matrix that can be adapted",
            hint="train all weights: leave the section `adapter` out",
        )
    return tuple(
        low
        for it, stem in adaptable.items()
        if not adapter.targets or stem in adapter.targets
        for low in _pair(it, stem, adapter.rank)
    )


def module_of(it: Parameter) -> str:
    """The module whose weight a parameter is, by its published name."""
    return it.name.removesuffix(".weight")


def _is_adaptable(config: DecoderConfig, it: Parameter) -> bool:
    """A matrix of a layer that each token goes through."""
    is_whole = it.expert is None and not it.slot.startswith("shared.") and config.model.latent is None
    return it.role in MATRICES and it.layer is not None and is_whole


def _stem(it: Parameter) -> str:
    return it.slot.removesuffix(".weight")


def _pair(it: Parameter, stem: str, rank: int) -> tuple[Parameter, Parameter]:
    name, inputs = f"{PREFIX}{module_of(it)}", it.num_inputs
    outputs = it.size // inputs
    return (
        Parameter(f"{name}.lora_A.weight", (rank, inputs), "adapter_down", f"{stem}.{DOWN}", it.layer),
        Parameter(f"{name}.lora_B.weight", (outputs, rank), "adapter_up", f"{stem}.{UP}", it.layer),
    )


def adapter_config(recipe: Recipe, config: DecoderConfig) -> bytes:
    """`adapter_config.json`, by which peft puts the adapter beside the parent's matrices.

    Raises:  ValueError if the recipe has no adapter.
    """
    adapter, parent = recipe.adapter, recipe.parent
    if adapter is None or parent is None:
        raise ValueError("expected a recipe with an adapter")
    layout = adapter_parameters(config, adapter)
    modules = {it.name.removeprefix(PREFIX).removesuffix(".lora_A.weight") for it in layout if it.slot.endswith(DOWN)}
    settings: dict[str, Any] = {
        "base_model_name_or_path": parent.name,
        "bias": "none",
        "fan_in_fan_out": family_of(recipe.model.family).transposed,
        "inference_mode": True,
        "lora_alpha": int(adapter.alpha) if adapter.alpha == int(adapter.alpha) else float(adapter.alpha),
        "lora_dropout": 0.0,
        "peft_type": "LORA",
        "r": adapter.rank,
        "revision": parent.revision,
        "target_modules": sorted({module.rpartition(".")[2] for module in modules}),
        "task_type": "CAUSAL_LM",
        "use_dora": False,
        "use_rslora": False,
    }
    return json.dumps(settings, indent=2, sort_keys=True).encode() + b"\n"
