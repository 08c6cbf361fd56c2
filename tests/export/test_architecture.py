"""What llama.cpp would compute otherwise has no place in a GGUF file, and is told by the key that says it."""

import re
from typing import Any

import pytest
from tests.families.test_published import PUBLISHED

from glasswright.errors import Misuse
from glasswright.export.architecture import ARCHITECTURES, architecture_of
from glasswright.records.families import FAMILIES
from glasswright.records.huggingface import from_hugging_face
from glasswright.records.model import Model

YARN = {"kind": "yarn", "factor": 4, "original_max_position_embeddings": 32}
LLAMA3 = YARN | {"kind": "llama3", "low_freq_factor": 1, "high_freq_factor": 4}
OLMO_3 = {"family": "olmo3", "hidden_size": 32, "num_heads": 4, "num_kv_heads": 4}
BIASED = {"attention": {"bias": True, "output_bias": True}}
ROPE, QUERY, SCALE = (
    "rope_parameters (positions.",
    "q_lora_rank (latent.query_rank",
    "query_pre_attn_scalar (attention.",
)
REFUSED: list[tuple[dict[str, Any], str]] = [
    (OLMO_3 | {"rope_theta": 10000}, ROPE + "window_theta of the description): 500000: llama.cpp's olmo2 turns all"),
    (OLMO_3 | {"attention": {"head_size": 16}}, "head_dim (attention.head_size of the description): 16: llama.cpp's"),
    ({"family": "olmo2"} | BIASED, "attention_bias (attention.bias of the description): True: llama.cpp's"),
    ({"family": "mistral", "attention": {"window": 8}}, "right for texts of up to 8 tokens"),
    ({"family": "gemma2", "tied_embeddings": False}, "tie_word_embeddings (tied_embeddings of the description)"),
    ({"family": "gemma2", "soft_cap": 0}, "final_logit_softcapping (soft_cap of the description): 0: llama.cpp's"),
    ({"family": "gemma2", "attention": {"scale_size": 9}}, SCALE + "scale_size of the description): 9: llama.cpp's"),
    (
        {"family": "gemma3", "num_layers": 62, "num_heads": 2, "num_kv_heads": 2, "attention": {"head_size": 16}},
        "by the root of 64 in a",
    ),
    ({"family": "qwen2", "positions": {"scaling": LLAMA3}}, "does not scale the rotation as llama3 does"),
    ({"family": "gpt_neox", "attention": {"bias": False, "output_bias": False}}, "attention_bias (attention.bias"),
    ({"family": "deepseek_v2"}, QUERY + " of the description): 0: llama.cpp knows queries of one matrix by 27 layers"),
    ({"family": "llama", "positions": {"scaling": YARN | {"beta_fast": 8}}}, "has beta_fast 32 and beta_slow 1"),
    ({"family": "llama", "positions": {"scaling": YARN | {"truncate": False}}}, "truncate is true"),
    ({"family": "gemma3", "positions": {"scaling": YARN | {"attention_factor": 2}}}, "with a window too"),
    (
        {"family": "deepseek_v3", "positions": {"scaling": YARN | {"mscale": 2, "mscale_all_dim": 1}}},
        "unless that is 1",
    ),
]


@pytest.mark.parametrize(("description", "message"), REFUSED)
def test_a_part_that_llama_cpp_has_not_is_told_by_its_key(description: dict[str, Any], message: str) -> None:
    with pytest.raises(Misuse, match=re.escape(message)):
        architecture_of(Model.model_validate(description))


def test_of_the_published_models_one_has_none() -> None:
    refused = {}
    for name, (_, config) in PUBLISHED.items():
        try:
            architecture_of(from_hugging_face(config, "config.json").model)
        except Misuse as error:
            refused[name] = str(error).partition(" ")[0]
    assert refused == {"Mistral-7B-v0.1": "sliding_window"}


def test_every_family_has_a_row() -> None:
    assert ARCHITECTURES.keys() == FAMILIES.keys()
