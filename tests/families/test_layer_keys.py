"""Keys of models whose layers differ in what they see: published files are read as they are meant, others refused."""

from decimal import Decimal
from typing import Any

import pytest

from glasswright.errors import Misuse
from glasswright.records.huggingface import from_hugging_face, to_hugging_face
from glasswright.records.model import Model

# What Gemma 3 1B, Gemma 2 2B and OLMo 3 7B say, in files older than `rope_parameters`.
GEMMA3: dict[str, Any] = {
    "model_type": "gemma3_text", "architectures": ["Gemma3ForCausalLM"], "vocab_size": 262144, "hidden_size": 1152,
    "intermediate_size": 6912, "num_hidden_layers": 26, "num_attention_heads": 4, "num_key_value_heads": 1,
    "head_dim": 256, "query_pre_attn_scalar": 256, "hidden_activation": "gelu_pytorch_tanh", "rms_norm_eps": 1e-6,
    "attn_logit_softcapping": None, "final_logit_softcapping": None, "rope_local_base_freq": 10000,
    "rope_theta": 1000000, "rope_scaling": None, "sliding_window": 512, "sliding_window_pattern": 6,
    "cache_implementation": "hybrid", "eos_token_id": [1, 106],
}  # fmt: skip
GEMMA2: dict[str, Any] = {
    "model_type": "gemma2", "vocab_size": 256000, "hidden_size": 2304, "intermediate_size": 9216,
    "num_hidden_layers": 26, "num_attention_heads": 8, "num_key_value_heads": 4, "head_dim": 256,
    "query_pre_attn_scalar": 256, "hidden_act": "gelu_pytorch_tanh", "hidden_activation": "gelu_pytorch_tanh",
    "rms_norm_eps": 1e-6, "attn_logit_softcapping": 50.0, "final_logit_softcapping": 30.0, "rope_theta": 10000.0,
    "sliding_window": 4096, "cache_implementation": "hybrid",
}  # fmt: skip
OLMO3: dict[str, Any] = {
    "model_type": "olmo3", "vocab_size": 100278, "hidden_size": 4096, "intermediate_size": 11008,
    "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 32, "rms_norm_eps": 1e-6,
    "layer_types": (["sliding_attention"] * 3 + ["full_attention"]) * 8, "sliding_window": 4096,
    "rope_theta": 500000, "max_position_embeddings": 65536,
    "rope_scaling": {
        "rope_type": "yarn", "factor": 8.0, "attention_factor": 1.2079441541679836, "beta_fast": 32.0,
        "beta_slow": 1.0, "original_max_position_embeddings": 8192,
    },
}  # fmt: skip
PUBLISHED = [GEMMA2, GEMMA3, OLMO3]


def read(config: dict[str, Any], **change: Any) -> Model:
    return from_hugging_face(config | change, "config.json").model


@pytest.mark.parametrize("config", PUBLISHED, ids=lambda it: it["model_type"])
def test_a_published_file_comes_back_from_what_is_written_of_it(config: dict[str, Any]) -> None:
    found = from_hugging_face(config, "config.json")
    assert from_hugging_face(to_hugging_face(found), "config.json") == found


def test_windows_and_bases_are_those_of_the_published_models() -> None:
    sees_all = {model.family: [i for i in range(8) if model.sees_all(i)] for model in map(read, PUBLISHED)}
    assert sees_all == {"gemma2": [1, 3, 5, 7], "gemma3": [5], "olmo3": [3, 7]}
    bases = {model.family: (model.rope_theta, model.positions.window_theta) for model in map(read, PUBLISHED)}
    assert bases == {"gemma2": (10000, 0), "gemma3": (1000000, 10000), "olmo3": (500000, 500000)}


def test_what_is_not_said_is_what_transformers_takes() -> None:
    bare = {key: GEMMA3[key] for key in ("model_type", "vocab_size", "hidden_size", "intermediate_size")}
    bare |= {"num_hidden_layers": 7, "num_attention_heads": 8}
    model = read(bare)
    assert (model.attention.window, model.attention.full_every, model.num_kv_heads) == (4096, 6, 4)
    assert (model.head_size, model.attention.scale_size) == (256, 0)
    assert (model.rope_theta, model.positions.window_theta, model.norm_epsilon) == (1000000, 10000, Decimal("1e-6"))
    assert read({**bare, "model_type": "gemma2"}).soft_cap == 30


@pytest.mark.parametrize(
    ("config", "change", "message"),
    [
        (OLMO3, {"layer_types": ["sliding_attention"] * 31}, "layer_types: expected 'sliding_attention' for all"),
        (OLMO3, {"layer_types": ["full_attention", "sliding_attention"] * 16}, "layer_types: expected"),
        (OLMO3, {"layer_types": "sliding_attention"}, "layer_types: expected"),
        (OLMO3, {"layer_types": [["full_attention"]] * 32}, "layer_types: expected"),
        (OLMO3, {"sliding_window": None}, "sliding_window: expected a count, found None"),
        (OLMO3, {"sliding_window": 0}, "sliding_window: expected a count, found 0"),
        (OLMO3, {"rope_theta": 10000}, "rope_theta: expected 500000.0, or rope_parameters for each"),
        (OLMO3, {"rope_scaling": "yarn"}, "rope_scaling: expected an object, found 'yarn'"),
        (OLMO3, {"rope_parameters": {"rope_type": "default"}}, "rope_parameters: expected an object with"),
        (OLMO3, {"rope_parameters": {"full_attention": 3}}, "rope_parameters.full_attention: expected an object"),
        (
            OLMO3,
            {"rope_parameters": {"sliding_attention": {"rope_type": "yarn"}}},
            "sliding_attention.rope_type: expected 'default', found 'yarn'",
        ),
        (
            OLMO3,
            {"rope_parameters": {"sliding_attention": {"rope_theta": "many"}}},
            "sliding_attention.rope_theta: expected a number above 0, found 'many'",
        ),
        (GEMMA3, {"sliding_window_pattern": 0}, "sliding_window_pattern: expected a count, found 0"),
        (GEMMA3, {"query_pre_attn_scalar": "x"}, "query_pre_attn_scalar: expected a number above 0, found 'x'"),
        (GEMMA3, {"query_pre_attn_scalar": 0}, "query_pre_attn_scalar: expected a number above 0, found 0"),
        (GEMMA3, {"rope_local_base_freq": 0}, "rope_local_base_freq: expected a number above 0, found 0"),
        (GEMMA2, {"attn_logit_softcapping": 0.0}, "attn_logit_softcapping: expected a number above 0, or null, found"),
        (
            OLMO3,
            {"rope_scaling": OLMO3["rope_scaling"] | {"attention_factor": 0}},
            "rope_scaling.attention_factor: expected a number above 0, found 0",
        ),
        (GEMMA3, {"use_bidirectional_attention": True}, "use_bidirectional_attention: expected False, found True"),
        (GEMMA2, {"hidden_activation": "gelu"}, "hidden_activation: expected 'gelu_pytorch_tanh', found 'gelu'"),
        (GEMMA2, {"rope_local_base_freq": 1e4}, "rope_local_base_freq: not a key of this family, gemma2"),
    ],
)
def test_what_would_be_computed_differently_is_refused_by_its_key(
    config: dict[str, Any], change: dict[str, Any], message: str
) -> None:
    with pytest.raises(Misuse, match=message):
        read(config, **change)
