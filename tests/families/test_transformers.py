"""Models of every family come from transformers and go back without a lost bit, and compute what they do there."""

from fractions import Fraction
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from tests.families.cases import CASES
from tests.families.conftest import TOKENS_ST, Written, write

from glasswright.model import huggingface
from glasswright.model.cache import KeyValueCache
from glasswright.model.generate import generate
from glasswright.records.families import FAMILIES

NUM_GREEDY = 64

# Python goes by what a router has chosen; torch takes parts of one matrix's output, or joins two, by moving them.
CALL_BY_CALL = {"deepseek_v2", "deepseek_v3", "gpt_neox", "mixtral"}


def test_every_family_is_tried_in_at_least_three_shapes() -> None:
    assert CASES.keys() == FAMILIES.keys()
    assert min(len(case.shapes) for case in CASES.values()) >= 3


def test_logits_are_those_of_transformers(written: Written) -> None:
    with torch.no_grad():
        expected = written.theirs(TOKENS_ST).logits
    found = huggingface.load(written.folder).logits(TOKENS_ST)
    assert (found - expected).abs().max() <= 1e-4 * expected.abs().max()


def test_greedy_tokens_are_those_of_transformers(written: Written) -> None:
    prompt, model = TOKENS_ST[0, :5].tolist(), huggingface.load(written.folder)
    found = list(generate(model, prompt, num_tokens=NUM_GREEDY, temperature=Fraction(0), seed=0))
    tokens, fed, past = list(prompt), prompt, None
    with torch.no_grad():
        while len(tokens) < len(prompt) + NUM_GREEDY:
            out = written.theirs(torch.tensor([fed]), past_key_values=past, use_cache=True)
            token, past = int(out.logits[0, -1].argmax()), out.past_key_values
            if token in model.config.ends_of_text:
                break
            tokens.append(token)
            fed = [token]
    assert found == tokens[len(prompt) :]


def test_gradients_are_those_of_transformers(written: Written) -> None:
    """Of every parameter, for the mean loss of the next tokens."""
    model, theirs = huggingface.load(written.folder), written.theirs
    inputs_ST, targets_ST = TOKENS_ST[:, :-1].contiguous(), TOKENS_ST[:, 1:].contiguous()
    scale = 2.0**-7
    losses_R = model.losses(inputs_ST, targets_ST, model.positions(*inputs_ST.shape), scale)
    trained = {it.name for it in model.layout if it.role != "selection"}
    named = {name: parameter for name, parameter in model.named_parameters() if name in trained}
    found = torch.autograd.grad(losses_R, list(named.values()), torch.ones_like(losses_R))
    theirs.zero_grad()
    logits = theirs(inputs_ST).logits
    losses = torch.nn.functional.cross_entropy(logits.flatten(0, 1), targets_ST.flatten(), reduction="sum")
    (losses * scale).backward()
    for name, gradient in zip(named, found, strict=True):
        expected = written.case.gradient(theirs, name)
        assert (gradient - expected).norm() <= 1e-3 * expected.norm(), name


def test_untouched_weights_leave_as_they_came(written: Written, tmp_path: Path) -> None:
    huggingface.save(huggingface.load(written.folder), tmp_path)
    came, left = (load_file(folder / "model.safetensors") for folder in (written.folder, tmp_path))
    assert came.keys() >= left.keys()
    for name, tensor in left.items():
        assert tensor.numpy().tobytes() == came[name].numpy().tobytes(), name


def test_transformers_loads_what_leaves_to_the_same_logits(written: Written, tmp_path: Path) -> None:
    from transformers import AutoModelForCausalLM

    huggingface.save(huggingface.load(written.folder), tmp_path)
    again = AutoModelForCausalLM.from_pretrained(tmp_path)
    with torch.no_grad():
        assert torch.equal(again(TOKENS_ST).logits, written.theirs(TOKENS_ST).logits)


@pytest.mark.parametrize("cuts", [[1] * 40, [17, 23], [39, 1]], ids=["one by one", "two", "all but one"])
def test_feeding_in_pieces_gives_the_bits_of_feeding_at_once(written: Written, cuts: list[int]) -> None:
    model, cache, pieces = huggingface.load(written.folder), KeyValueCache(), []
    for piece_ST in TOKENS_ST.split(cuts, dim=1):
        pieces.append(model.logits(piece_ST, cache))
    assert torch.cat(pieces, dim=1).numpy().tobytes() == model.logits(TOKENS_ST).numpy().tobytes()


@pytest.mark.parametrize("name", CASES)
def test_a_step_is_recorded_where_kernels_alone_move_numbers(name: str, tmp_path: Path) -> None:
    model, cache = huggingface.load(write(CASES[name], 0, tmp_path).folder), KeyValueCache()
    model.logits(TOKENS_ST[:1, :1], cache)
    assert cache.step is not None
    assert cache.step.is_recorded == (name not in CALL_BY_CALL)


def test_neighbours_in_the_batch_do_not_change_a_bit(written: Written) -> None:
    model = huggingface.load(written.folder)
    assert model.logits(TOKENS_ST)[1:].numpy().tobytes() == model.logits(TOKENS_ST[1:]).numpy().tobytes()
