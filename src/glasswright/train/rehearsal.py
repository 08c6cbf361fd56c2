"""Whether a device can train a recipe, found out before any work: a step of it on tensors that have no memory."""

import torch

from glasswright.kernels import backends
from glasswright.model import ops
from glasswright.model.decoder import Decoder
from glasswright.model.guard import exact_run
from glasswright.model.initial import initialize
from glasswright.records.decoder import decoder_of
from glasswright.records.recipe import Recipe
from glasswright.train.optimizer import Optimizer, Rates

NOWHERE = "meta"  # torch's device of tensors without memory


def require_device(recipe: Recipe, device: str) -> None:
    """That the device is here, with every kernel that a step of the recipe takes.

    Raises:  Misuse if it is not, naming the kernel that is missing.
    """
    if device == "cpu":  # has them all
        return
    backends.on(device)
    rehearse(recipe)


def rehearse(recipe: Recipe) -> None:
    """One leaf, forward and backward, and one update of every parameter, by the kernels of a GPU.

    Raises:  Misuse naming a kernel that is missing.
    """
    with backends.following(recipe.numerics), exact_run("a rehearsal"):
        config = decoder_of(recipe, vocab_size=recipe.tokenizer.vocab_size, end_of_text=None)
        model = Decoder(config, device=NOWHERE)
        initialize(model, recipe.seed)
        gradients = _leaf(model, recipe)
        _update(model, gradients, recipe)


def _leaf(model: Decoder, recipe: Recipe) -> dict[str, torch.Tensor]:
    shape = recipe.train.leaf_sequences, recipe.train.sequence_length
    token_ST = torch.zeros(shape, dtype=torch.int64, device=NOWHERE)
    losses_R = model.losses(token_ST, token_ST, model.positions(*shape), 1.0)
    total = ops.ordered_sum(losses_R)
    ops.add_(total, ops.ordered_sum(losses_R))
    ops.scale_(total, 1.0)
    parameters = dict(model.named_parameters())
    gradients = torch.autograd.grad(losses_R, list(parameters.values()), torch.ones_like(losses_R))
    return dict(zip(parameters, gradients, strict=True))


def _update(model: Decoder, gradients: dict[str, torch.Tensor], recipe: Recipe) -> None:
    optimizer = Optimizer(recipe.train.optimizer, model.layout)
    ops.norm_and_clip(list(gradients.values()), optimizer.gradient_clip)
    state, rates = optimizer.initial_state(dict(model.named_parameters())), Rates(1.0, 1.0, 1.0, 1.0)
    for name in gradients:
        optimizer.update(name, state=state, gradients=gradients, clip=1.0, rates=rates)
