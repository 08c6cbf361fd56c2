"""config.json of a stranger: whatever stands behind a key, it is read or the key is named."""

from collections.abc import Sequence
from typing import Any

import pytest

from glasswright.errors import Misuse
from glasswright.records.decoder import DecoderConfig
from glasswright.records.families import FAMILIES, Family
from glasswright.records.huggingface import from_hugging_face, to_hugging_face
from glasswright.records.model import Model

STRANGE: Sequence[Any] = (
    *(None, True, False, 0, 1, 3, -1, 0.0, 1.5, float("nan"), float("inf"), 1e300, 1e-300, 10**12, 10**30, 10**400),
    *("", "silu", [], [[]], [None] * 4, ["full_attention"] * 9, {}, {"a": 1}, {"rope_type": []}, {"rope_theta": None}),
    *({"rope_type": "yarn", "factor": 0}, {"rope_type": "linear", "factor": 1e-80}, {"full_attention": 1}),
    {"sliding_attention": {"rope_theta": []}},
)
# Of the keys that hold others, the inner one is named; a length is held against the list that has it.
NAMED_BY = {"rope_parameters": "rope_", "rope_scaling": "rope_", "num_hidden_layers": "layer_types"}


def config_of(family: str) -> dict[str, Any]:
    return to_hugging_face(DecoderConfig(model=Model(family=family), vocab_size=100, max_positions=64))


def keys_of(family: Family) -> list[str]:
    fixed = ["model_type", "architectures", "vocab_size", "bos_token_id", "eos_token_id", family.positions_key]
    return fixed + [name for entry in family.keys for name in entry.names]


@pytest.mark.parametrize("family", FAMILIES)
def test_whatever_stands_behind_a_key_it_is_read_or_the_key_is_named(family: str) -> None:
    written = config_of(family)
    older = {key: value for key, value in written.items() if key != "rope_parameters"}
    for key in keys_of(FAMILIES[family]):
        for value in STRANGE:
            for config in (written | {key: value}, older | {key: value}):
                try:
                    from_hugging_face(config, "config.json")
                except Misuse as error:
                    told = str(error)
                    described = told.partition(" of the description): ")[0] if " of the description): " in told else ""
                    named = (key, NAMED_BY.get(key, key))
                    assert described or any(name in told for name in named), (key, value, told)


@pytest.mark.parametrize(
    ("family", "key", "value", "told"),
    [
        ("llama", "rms_norm_eps", 0, r"rms_norm_eps \(norm_epsilon of the description\): Input should be greater"),
        ("mixtral", "num_experts_per_tok", 9, r"num_experts_per_tok \(experts.chosen of the description\): expected"),
        ("deepseek_v3", "n_group", 3, r"n_group \(experts.groups of the description\): expected a divisor"),
        ("llama", "num_hidden_layers", 10**9, r"num_hidden_layers \(num_layers of the description\): expected"),
        ("gpt2", "model_type", [], r"model_type: expected .*, found \[\]"),
        ("gpt_neox", "rotary_pct", "all", r"rotary_pct: expected a number, found 'all'"),
        (
            "llama",
            "rope_scaling",
            {"type": "linear", "factor": "x"},
            r"rope_scaling.factor: expected a number, found 'x'",
        ),
        (
            "llama",
            "rope_scaling",
            {"type": "dynamic", "factor": 2.0},
            r"rope_scaling.type: .*, whose angles do not change",
        ),
        ("llama", "rope_parameters", False, r"rope_parameters: expected an object, found False"),
        ("gpt_neox", "rope_scaling", {"rope_type": "yarn"}, r"rope_scaling.factor: expected a number, found None"),
        (
            "gemma3",
            "rope_scaling",
            {"rope_type": "linear", "factor": 8, "x": 1},
            r"rope_scaling.x: expected no such key",
        ),
        ("gemma3", "rope_local_base_freq", "low", r"rope_local_base_freq: expected a number above 0, found 'low'"),
    ],
)
def test_what_no_model_has_is_told_by_the_key_that_says_it(family: str, key: str, value: Any, told: str) -> None:
    config = config_of(family)
    if key not in config:
        del config["rope_parameters"]
    with pytest.raises(Misuse, match=told):
        from_hugging_face(config | {key: value}, "config.json")


def test_a_few_layers_that_all_have_windows_are_read_however_that_is_said() -> None:
    config = config_of("gemma3") | {"num_hidden_layers": 4}
    del config["layer_types"]
    for every in (5, 6, 7, 10**12):
        model = from_hugging_face(config | {"sliding_window_pattern": every}, "config.json").model
        assert not any(model.sees_all(layer) for layer in range(4))
