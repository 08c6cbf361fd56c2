"""Where transformers 5 holds what is stored for each expert by itself: all experts of a layer in one tensor."""

import re

import torch
from tests.families.cases import gradient_by_name

EXPERT = re.compile(r"(model\.layers\.\d+\.)(?:mlp|block_sparse_moe)\.experts\.(\d+)\.(\w+)\.weight")


def gradient(model: torch.nn.Module, name: str) -> torch.Tensor:
    """The gradient of a parameter by its stored name."""
    found = EXPERT.fullmatch(name)
    if not found:
        return gradient_by_name(model, name.replace("block_sparse_moe", "mlp"))
    layer, expert, matrix = found[1], int(found[2]), found[3]
    if matrix in ("w2", "down_proj"):
        return gradient_by_name(model, f"{layer}mlp.experts.down_proj")[expert]
    gate, up = gradient_by_name(model, f"{layer}mlp.experts.gate_up_proj")[expert].chunk(2)
    return gate if matrix in ("w1", "gate_proj") else up
