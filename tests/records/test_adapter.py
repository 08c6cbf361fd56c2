"""What of a model has an adapter: the matrices that each token goes through. The others are refused by name."""

import pytest

from glasswright.errors import Misuse
from glasswright.records.adapter import adapter_parameters
from glasswright.records.decoder import DecoderConfig
from glasswright.records.model import Experts, Latent, Model
from glasswright.records.recipe import Adapter

SIZES = {"hidden_size": 16, "num_layers": 1, "num_heads": 2, "num_kv_heads": 2, "intermediate_size": 16}
EXPERTS = Experts(count=4, chosen=2, size=16)
LATENT = Latent(rank=8, plain_size=8, turned_size=4, value_size=8)


def config(**parts: object) -> DecoderConfig:
    model = Model.model_validate({**SIZES, **parts})
    return DecoderConfig(model=model, vocab_size=32, max_positions=16, begin_of_text=0, ends_of_text=(0,))


def test_of_a_mixture_the_attention_is_adapted_and_no_expert() -> None:
    names = {
        it.name
        for it in adapter_parameters(config(family="mixtral", intermediate_size=0, experts=EXPERTS), Adapter(rank=2))
    }
    assert any("q_proj.lora_A" in name for name in names)
    assert not any("expert" in name or "gate" in name for name in names)


def test_an_expert_that_is_asked_for_is_refused_with_what_there_is() -> None:
    with pytest.raises(Misuse, match=r"adapter\.targets: 'up' is no matrix of this model that can be adapted") as error:
        adapter_parameters(config(family="mixtral", intermediate_size=0, experts=EXPERTS), Adapter(targets=("up",)))
    assert error.value.hint == "it has k, o, q, v"


def test_latent_attention_is_refused_by_the_family_with_what_would_go() -> None:
    experts = Experts(count=4, chosen=2, size=16, shared_size=16, scoring="sigmoid")
    latent = config(family="deepseek_v3", latent=LATENT, experts=experts)
    with pytest.raises(Misuse, match="the family deepseek_v3 has no matrix that can be adapted") as error:
        adapter_parameters(latent, Adapter())
    assert error.value.hint == "train all weights: leave the section `adapter` out"
    with pytest.raises(Misuse, match="'q' is no matrix") as error:
        adapter_parameters(latent, Adapter(targets=("q",)))
    assert error.value.hint == "experts and latent attention have none as yet"
