"""Initial values by role, for every family: what is not Llama's is held to what it means."""

import pytest
import torch
from tests.families.cases import CASES

from glasswright.model.decoder import Decoder
from glasswright.model.initial import initialize
from glasswright.records.decoder import DECAYED, DecoderConfig, muon_s
from glasswright.records.model import Model
from glasswright.records.recipe import Optimizer


def initial(name: str, **changes: object) -> Decoder:
    model = Model.model_validate({**CASES[name].recipe, **changes})
    decoder = Decoder(DecoderConfig(model=model, vocab_size=90, max_positions=64))
    initialize(decoder, seed=3)
    return decoder


@pytest.mark.parametrize("name", sorted(CASES))
def test_a_norm_multiplies_with_one_at_first_and_a_bias_adds_nothing(name: str) -> None:
    decoder = initial(name)
    added = 1.0 if decoder.config.model.norm.plus_one else 0.0
    for it, parameter in zip(decoder.layout, decoder.parameters(), strict=True):
        if it.role == "gain":
            assert torch.equal(parameter + added, torch.ones(it.shape)), it.name
        if it.role in ("bias", "selection", "output"):
            assert torch.equal(parameter, torch.zeros(it.shape)), it.name


def test_a_matrix_stored_with_its_inputs_first_spreads_by_its_inputs() -> None:
    """Uniform with deviation 1 / sqrt(inputs): none beyond sqrt(3 / inputs), and of a thousand some near it."""
    named = dict(initial("gpt2").named_parameters())
    width = CASES["gpt2"].recipe["hidden_size"]
    largest = named["transformer.h.0.mlp.c_fc.weight"].abs().max()
    assert 0.95 < largest / (3 / width) ** 0.5 <= 1


def test_muon_moves_matrices_alone_and_no_vector_decays() -> None:
    layout = initial("deepseek_v3").layout
    by_muon = muon_s(Optimizer(kind="muon"), layout)
    assert {it.role for it in layout if it.name in by_muon} == {"matrix", "output"}
    assert {it.role for it in layout if len(it.shape) == 1}.isdisjoint(DECAYED)
    assert {it.role for it in layout if len(it.shape) == 2} <= DECAYED
