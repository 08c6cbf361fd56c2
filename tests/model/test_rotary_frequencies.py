"""Rotary frequencies: those of transformers within its rounding, and exact where their value is known."""

from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from transformers import LlamaConfig
from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS

from glasswright.kernels.rounding import nearest_binary32
from glasswright.model.rotary_frequencies import frequencies
from glasswright.records.model import Model, Scaling

LLAMA3 = {"kind": "llama3", "original_max_position_embeddings": 8192, "low_freq_factor": 1, "high_freq_factor": 4}
YARN = {"kind": "yarn", "original_max_position_embeddings": 4096}
# (theta, size, scaling): those of Llama 3.1, 3.2, DeepSeek V2 and V3, Qwen's long texts, and the edges of the ramp.
CASES: list[tuple[int, int, dict[str, Any]]] = [
    (10000, 64, {"kind": "linear", "factor": 4}),
    (500000, 128, {**LLAMA3, "factor": 8}),
    (500000, 64, {**LLAMA3, "factor": 32}),
    (10000, 64, {**YARN, "factor": 40, "mscale": "0.707", "mscale_all_dim": "0.707"}),
    (10000, 64, {**YARN, "factor": 40, "mscale": 1, "mscale_all_dim": "0.5"}),
    (1000000, 128, {**YARN, "factor": 4, "original_max_position_embeddings": 32768}),
    (10000, 10, {**YARN, "factor": 2, "truncate": False, "beta_fast": 20, "beta_slow": 2}),
    (10000, 10, {**YARN, "factor": 2, "attention_factor": "1.25", "original_max_position_embeddings": 7}),
    (10000, 6, {**YARN, "factor": "0.5", "original_max_position_embeddings": 12, "beta_fast": 1}),
]


@pytest.mark.parametrize(("theta", "size", "scaling"), CASES)
def test_frequencies_are_those_of_transformers(theta: int, size: int, scaling: dict[str, Any]) -> None:
    said = {key: float(value) for key, value in scaling.items() if key not in ("kind", "truncate")}
    rope = {"rope_type": scaling["kind"], "rope_theta": float(theta), "truncate": scaling.get("truncate", True), **said}
    config = LlamaConfig(head_dim=size, max_position_embeddings=131072, rope_parameters=rope)
    expected, expected_factor = ROPE_INIT_FUNCTIONS[scaling["kind"]](config, None)
    found, factor = frequencies(Decimal(theta), size, Scaling.model_validate(scaling))
    # A dozen roundings of binary32, the largest in theta ** x.
    assert np.allclose(found, expected.numpy(), rtol=1e-5, atol=0)
    assert factor == nearest_binary32(Decimal(expected_factor)) or abs(factor - expected_factor) < 1e-7


def test_without_scaling_they_are_powers_of_the_base_rounded_once() -> None:
    assert frequencies(Decimal(16), 8, None) == ((1.0, 0.5, 0.25, 0.125), 1.0)
    assert frequencies(Decimal(10000), 4, None)[0] == (1.0, float(np.float32(0.01)))


def test_another_factor_gives_other_frequencies() -> None:
    some, other = ({**LLAMA3, "factor": factor} for factor in (8, 9))
    theta = Decimal(500000)
    assert frequencies(theta, 64, Scaling.model_validate(some)) != frequencies(theta, 64, Scaling.model_validate(other))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({**LLAMA3, "high_freq_factor": 1}, "high_freq_factor: expected more than low_freq_factor = 1, got 1"),
        ({**LLAMA3, "original_max_position_embeddings": 0}, "original_max_position_embeddings: expected a count"),
        ({**YARN, "beta_slow": 0}, "beta_slow: expected above 0 and at most 32, got 0"),
        ({**YARN, "beta_slow": 33}, "beta_slow: expected above 0 and at most 32, got 33"),
        (YARN, "rope_theta: expected more than 1 where frequencies are scaled, got 1"),
    ],
)
def test_a_scaling_that_has_no_meaning_is_refused_by_its_key(change: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        Model.model_validate({"rope_theta": 1, "positions": {"scaling": {"factor": 2, **change}}})
