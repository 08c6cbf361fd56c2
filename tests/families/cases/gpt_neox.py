"""Both parts of a layer beside each other and one after the other; a quarter, a half and all of a head turned."""

import torch
from tests.families.cases import Case, gradient_by_name

SMALL = {
    "vocab_size": 90, "hidden_size": 24, "num_hidden_layers": 2, "num_attention_heads": 3, "intermediate_size": 40,
    "max_position_embeddings": 128,
}  # fmt: skip


def rope(share: float, theta: float = 1e4) -> dict[str, object]:
    return {"rope_type": "default", "rope_theta": theta, "partial_rotary_factor": share}


def gradient(model: torch.nn.Module, name: str) -> torch.Tensor:
    return gradient_by_name(model, name.replace("embed_out", "lm_head"))


CASE = Case(
    config="GPTNeoXConfig",
    shapes=(
        SMALL | {"rope_parameters": rope(0.25)},
        SMALL | {"rope_parameters": rope(0.5, 5e4), "use_parallel_residual": False, "hidden_act": "gelu_new"},
        SMALL | {"rope_parameters": rope(1.0), "attention_bias": False, "tie_word_embeddings": True},
    ),
    recipe={
        "family": "gpt_neox", "hidden_size": 16, "num_layers": 2, "num_heads": 2, "num_kv_heads": 2,
        "intermediate_size": 24,
    },
    gradient=gradient,
)  # fmt: skip
