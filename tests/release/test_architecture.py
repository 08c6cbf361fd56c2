"""What a report says of the model is what its description says, whatever the family."""

import pytest

from glasswright.records.families import FAMILIES
from glasswright.records.model import Experts, Model
from glasswright.release.architecture import architecture, feed_forward


def test_a_llama_is_told_with_its_sources() -> None:
    told = architecture(Model())
    assert told.startswith("A decoder of the family llama [2]: 4 layers of width\n128 with 4 attention heads")
    assert "rotary positions [3] with base 10000" in told
    assert "RMSNorm [4] with epsilon 0.00001" in told
    assert told.endswith("a SwiGLU feed-forward part [5] of width 344.")


@pytest.mark.parametrize(
    ("family", "words", "not_said"),
    [
        ("gpt2", ["family gpt2:", "learned positions", "LayerNorm", "a GELU feed-forward part of width"], "SwiGLU"),
        ("gemma2", ["family gemma2:", "a GeGLU feed-forward part"], "[2]"),
        ("gpt_neox", ["family gpt_neox:", "rotary positions", "LayerNorm", "a GELU"], "RMSNorm"),
    ],
)
def test_another_family_is_told_as_it_is(family: str, words: list[str], not_said: str) -> None:
    told = architecture(Model(family=family, **FAMILIES[family].defaults))
    assert all(word in told for word in words), told
    assert not_said not in told


def test_experts_stand_in_for_the_feed_forward_part() -> None:
    experts = Experts(count=8, chosen=2, size=64, shared_size=64, first_dense=1)
    told = feed_forward(Model().model_copy(update={"experts": experts}))
    assert told == (
        "8 experts of width 64, 2 of them for each token, one of width 64 for all, in the first 1 layers instead one "
        "of width 344"
    )
