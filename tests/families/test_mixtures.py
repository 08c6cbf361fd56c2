"""What is particular to families with experts: ties, what is stored and not read, and what is refused."""

from pathlib import Path
from typing import Any

import pytest
import torch
from pydantic import ValidationError
from safetensors.torch import load_file, save_file
from tests.families.cases import CASES
from tests.families.conftest import TOKENS_ST, write

from glasswright.errors import Misuse
from glasswright.model import huggingface
from glasswright.records.decoder import DecoderConfig
from glasswright.records.huggingface import from_hugging_face, to_hugging_face
from glasswright.records.model import Model

MIXTURES = ["deepseek_v2", "deepseek_v3", "mixtral"]


def config_of(name: str, **changes: Any) -> dict[str, Any]:
    """A config.json of the model that the family's recipe trains, but for some keys."""
    model = Model.model_validate(CASES[name].recipe)
    return to_hugging_face(DecoderConfig(model=model, vocab_size=90, max_positions=128)) | changes


def test_of_experts_that_are_alike_to_the_router_the_first_are_chosen(tmp_path: Path) -> None:
    """With a router of zeros: what transformers computes where there are no others."""
    written = write(CASES["mixtral"], 0, tmp_path / "five")
    weights = load_file(written.folder / "model.safetensors")
    weights |= {name: torch.zeros_like(it) for name, it in weights.items() if name.endswith("gate.weight")}
    save_file(weights, written.folder / "model.safetensors")

    theirs, config = written.theirs, written.theirs.config
    config.num_local_experts = 2
    two = type(theirs)(config).eval()
    state = {
        name: tensor[:2] if ".experts." in name else tensor[:2] * 0 if name.endswith("gate.weight") else tensor
        for name, tensor in theirs.state_dict().items()
    }
    two.load_state_dict(state)
    with torch.no_grad():
        expected = two(TOKENS_ST).logits
    found = huggingface.load(written.folder).logits(TOKENS_ST)
    assert (found - expected).abs().max() <= 1e-4 * expected.abs().max()


def test_the_module_of_published_models_that_predicts_a_second_token_is_not_read(tmp_path: Path) -> None:
    written = write(CASES["deepseek_v3"], 0, tmp_path)
    weights = load_file(tmp_path / "model.safetensors")
    wanted = huggingface.load(tmp_path).logits(TOKENS_ST)
    weights["model.layers.61.eh_proj.weight"] = torch.ones(2, 2)
    save_file(weights, tmp_path / "model.safetensors")
    assert torch.equal(huggingface.load(tmp_path).logits(TOKENS_ST), wanted)
    assert written.theirs.config.num_hidden_layers == 3


PUBLISHED = {"moe_layer_freq": 1, "ep_size": 1, "aux_loss_alpha": 0.001, "seq_aux": True, "pretraining_tp": 1}


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("deepseek_v2", PUBLISHED | {"scoring_func": "softmax", "norm_topk_prob": False}),
        ("deepseek_v3", PUBLISHED | {"scoring_func": "sigmoid", "topk_method": "noaux_tc"}),
    ],
)
def test_the_keys_of_published_configurations_are_known(name: str, keys: dict[str, Any]) -> None:
    assert from_hugging_face(config_of(name, **keys), "config.json") == from_hugging_face(
        config_of(name), "config.json"
    )


REFUSED = [
    ("deepseek_v2", {"norm_topk_prob": True}, "norm_topk_prob: expected False, found True"),
    ("deepseek_v2", {"topk_method": "noaux_tc"}, "topk_method: expected 'greedy' or 'group_limited_greedy', found"),
    ("deepseek_v2", {"topk_method": "group_limited_greedy", "n_group": None}, "n_group: expected a count, found None"),
    ("deepseek_v2", {"scoring_func": "sigmoid"}, "scoring_func: expected 'softmax', found 'sigmoid'"),
    ("deepseek_v2", {"mlp_bias": True}, "mlp_bias: expected False, found True"),
    ("deepseek_v3", {"attention_bias": True}, "attention_bias: expected False, found True"),
    ("deepseek_v3", {"moe_layer_freq": 2}, "moe_layer_freq: expected 1, found 2"),
    ("deepseek_v3", {"num_key_value_heads": 1}, "num_key_value_heads: expected num_attention_heads, found 1"),
    ("deepseek_v3", {"head_dim": 5}, "head_dim: expected qk_rope_head_dim, found 5"),
    ("deepseek_v3", {"qk_head_dim": 9}, "qk_head_dim: expected qk_nope_head_dim \\+ qk_rope_head_dim, found 9"),
    ("deepseek_v3", {"n_shared_experts": None}, "n_shared_experts: expected a count, found None"),
    ("deepseek_v3", {"first_k_dense_replace": -1}, "first_k_dense_replace: expected a count or 0, found -1"),
    ("deepseek_v3", {"quantization_config": {"quant_method": "fp8"}}, "quantization_config: not a key of this family"),
    (
        "deepseek_v3",
        {"n_group": 4},
        r"n_group \(experts.groups of the description\): expected",
    ),
    (
        "deepseek_v3",
        {"topk_group": 5},
        r"topk_group \(experts.groups_chosen of the description\): expected",
    ),
    (
        "deepseek_v3",
        {"num_experts_per_tok": 5},
        r"num_experts_per_tok \(experts.chosen of the description\): expected",
    ),
    ("mixtral", {"router_jitter_noise": 0.1}, "router_jitter_noise: expected 0.0, found 0.1"),
    ("mixtral", {"hidden_act": "gelu"}, "hidden_act: expected 'silu', found 'gelu'"),
    (
        "mixtral",
        {"num_local_experts": 1},
        r"num_experts_per_tok \(experts.chosen of the description\): expected",
    ),
]


@pytest.mark.parametrize(("name", "changes", "words"), REFUSED)
def test_what_would_be_computed_differently_is_refused_by_its_key(
    name: str, changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(Misuse, match=f"config.json: .*{words}"):
        from_hugging_face(config_of(name, **changes), "config.json")


@pytest.mark.parametrize("name", MIXTURES)
def test_a_family_has_defaults_for_its_parts_and_cannot_be_without_them(name: str) -> None:
    assert Model(family=name).experts is not None
    with pytest.raises(ValidationError, match="experts.* expected a count, found None"):
        Model(family=name, experts=None)


def test_a_family_without_experts_cannot_have_them() -> None:
    with pytest.raises(ValidationError, match="experts: the family llama cannot have"):
        Model(family="llama", experts=Model(family="mixtral").experts)


@pytest.mark.parametrize("name", MIXTURES)
def test_a_configuration_goes_out_and_comes_back(name: str) -> None:
    decoder = from_hugging_face(config_of(name), "config.json")
    assert from_hugging_face(to_hugging_face(decoder), "config.json") == decoder


def test_a_width_that_no_layer_has_is_zero_and_another_is_refused() -> None:
    assert Model(family="mixtral").intermediate_size == 0
    with pytest.raises(ValidationError, match="the family mixtral cannot have intermediate_size = 24, only 0"):
        Model(family="mixtral", intermediate_size=24)
    with pytest.raises(ValidationError, match="intermediate_size: expected a count, found 0"):
        Model(family="llama", intermediate_size=0)
