"""Mixtral beside transformers."""

from pathlib import Path
from typing import Any

import pytest
from tests.model import beside_transformers as beside

transformers = pytest.importorskip("transformers")

BASE = {
    "vocab_size": 90, "hidden_size": 32, "intermediate_size": 40, "num_hidden_layers": 2, "num_attention_heads": 4,
    "num_key_value_heads": 2, "num_local_experts": 5, "max_position_embeddings": 160,
}  # fmt: skip
SHAPES = {
    "grouped heads": {},
    "tied, one key head, heads of 12": {"tie_word_embeddings": True, "num_key_value_heads": 1, "head_dim": 12},
    "eight experts, three chosen": {"num_local_experts": 8, "num_experts_per_tok": 3, "num_key_value_heads": 4},
    "long positions": {
        "max_position_embeddings": 100000,
        "rope_parameters": {"rope_theta": 5e5, "rope_type": "default"},
    },
}


def configuration(**changes: Any) -> Any:
    return transformers.MixtralConfig(**{**BASE, **changes})


@pytest.mark.parametrize("shape", SHAPES)
def test_it_computes_what_transformers_computes(tmp_path: Path, shape: str) -> None:
    pair = beside.both(configuration(**SHAPES[shape]), tmp_path / "theirs")
    beside.require_equal_logits(pair)
    beside.require_equal_greedy_tokens(pair)
    beside.require_untouched_export(pair, tmp_path / "ours")
    beside.require_equal_gradients(pair, tmp_path / "gradients")
