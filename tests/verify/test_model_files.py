"""config.json and generation_config.json: what the writer writes passes, and no key of it can be another."""

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glasswright.errors import ClaimFalse
from glasswright.model import huggingface
from glasswright.model.decoder import Decoder
from glasswright.records.decoder import DecoderConfig, decoder_of
from glasswright.records.huggingface import to_hugging_face
from glasswright.records.recipe import Recipe
from glasswright.verify.model_files import check_config, check_generation_config


def recipe(**model: Any) -> Recipe:
    values = {"hidden_size": 8, "num_layers": 1, "num_heads": 2, "num_kv_heads": 1, "intermediate_size": 12, **model}
    return Recipe.model_validate(
        {
            "name": "r",
            "sources": [{"name": "s", "kind": "python-docs"}],
            "model": values,
            "train": {"sequence_length": 24},
        }
    )


def config_of(recipe: Recipe) -> DecoderConfig:
    return decoder_of(recipe, vocab_size=300, end_of_text=0)


def spelled(settings: dict[str, Any]) -> bytes:
    return json.dumps(settings, indent=2, sort_keys=True).encode() + b"\n"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    huggingface.save(Decoder(config_of(recipe())), folder)
    return folder


def test_what_is_written_passes(model: Path) -> None:
    check_config((model / "config.json").read_bytes(), config_of(recipe()))
    check_generation_config((model / "generation_config.json").read_bytes(), config_of(recipe()))


@settings(max_examples=200)
@given(
    theta=st.decimals(Decimal("1e-9"), Decimal("1e18"), places=9).filter(lambda d: d > 0),
    epsilon=st.integers(1, 10**6).flatmap(lambda n: st.integers(1, 30).map(lambda p: Decimal(n).scaleb(-p))),
    heads=st.sampled_from([(2, 1), (2, 2), (4, 2)]),
    tied=st.booleans(),
)
def test_the_config_of_any_recipe_passes(theta: Decimal, epsilon: Decimal, heads: tuple[int, int], tied: bool) -> None:
    some = recipe(
        rope_theta=theta, norm_epsilon=epsilon, num_heads=heads[0], num_kv_heads=heads[1], tied_embeddings=tied
    )
    check_config(spelled(to_hugging_face(config_of(some))), config_of(some))


CONFIG_CHANGES: list[tuple[str, Any, str]] = [
    ("auto_map", {"AutoModel": "code.Model"}, "auto_map: has no place in this file"),
    ("hidden_act", "gelu", 'hidden_act: expected "silu", found "gelu"'),
    ("rope_parameters", {"rope_theta": 10000.0, "rope_type": "yarn"}, "rope_parameters.rope_type: expected"),
    ("rope_parameters", {"rope_theta": 10000.0, "rope_type": "default", "factor": 2}, "rope_parameters.factor: has no"),
    ("rms_norm_eps", 1e-06, "rms_norm_eps: expected 1e-05, found 1e-06"),
    ("attention_dropout", 0, "attention_dropout: expected 0.0, found 0"),
    ("attention_bias", 0, "attention_bias: expected false, found 0"),
    ("architectures", ["LlamaForCausalLM", "Other"], "architectures: expected 1 items, found 2"),
    ("quantization_config", {}, "quantization_config: has no place in this file"),
    ("vocab_size", 301, "vocab_size: expected 300, found 301"),
    ("eos_token_id", 3, "eos_token_id: expected 0, found 3"),
]


@pytest.mark.parametrize(("key", "value", "message"), CONFIG_CHANGES)
def test_another_config_is_refused_by_key(model: Path, key: str, value: Any, message: str) -> None:
    changed = json.loads((model / "config.json").read_bytes()) | {key: value}
    with pytest.raises(ClaimFalse, match=re.escape(f"model/config.json: {message}")):
        check_config(spelled(changed), config_of(recipe()))


@pytest.mark.parametrize(
    "key", ["suppress_tokens", "forced_bos_token_id", "custom_generate", "temperature", "pad_token_id", "auto_map"]
)
def test_another_generation_config_is_refused_by_key(model: Path, key: str) -> None:
    changed = json.loads((model / "generation_config.json").read_bytes()) | {key: 1}
    with pytest.raises(ClaimFalse, match=f"model/generation_config.json: {key}: has no place in this file"):
        check_generation_config(spelled(changed), config_of(recipe()))


def test_another_end_of_text_is_refused(model: Path) -> None:
    other = decoder_of(recipe(), vocab_size=300, end_of_text=4)
    with pytest.raises(ClaimFalse, match="model/generation_config.json: bos_token_id: expected 4, found 0"):
        check_generation_config((model / "generation_config.json").read_bytes(), other)


@pytest.mark.parametrize("change", [lambda data: data + b" ", lambda data: data.replace(b"1e-05", b"0.00001")])
def test_another_spelling_is_refused(model: Path, change: Any) -> None:
    with pytest.raises(ClaimFalse, match="not in its one spelling"):
        check_config(change((model / "config.json").read_bytes()), config_of(recipe()))
