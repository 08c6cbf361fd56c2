"""A family held against transformers: the same weights, loaded by both, must compute the same and come out untouched.

Weights are random everywhere, gains and buffers too, so that nothing is hidden behind a one or a zero.
"""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor

from glasswright.kernels.rounding import nearest_binary32
from glasswright.model import huggingface
from glasswright.model.cache import KeyValueCache
from glasswright.model.decoder import Decoder
from glasswright.model.generate import generate
from glasswright.model.guard import exact_run

LOGITS = 1e-4  # of the largest
GRADIENTS = 1e-3  # of a tensor's norm
PROMPT, NUM_GREEDY = [5, 1, 77, 31, 2], 64


@dataclass
class Both:
    """One model, theirs and ours, and the folder that theirs was written to."""

    theirs: Any
    ours: Decoder
    folder: Path


def both(config: Any, folder: Path, *, seed: int = 0) -> Both:
    """A model of random weights by a configuration of transformers, as both have it."""
    from transformers import AutoModelForCausalLM

    config.architectures = None
    theirs = AutoModelForCausalLM.from_config(config, attn_implementation="eager", dtype=torch.float32)
    torch.manual_seed(seed)
    with torch.no_grad():
        for name, tensor in theirs.state_dict().items():
            tensor.normal_(std=0.1 if tensor.dim() > 1 else 0.3, mean=1.0 if "norm" in name else 0.0)
    theirs.eval().save_pretrained(folder)
    return Both(theirs, huggingface.load(folder), folder)


def tokens(pair: Both, *shape: int, seed: int = 1) -> Tensor:
    return torch.randint(pair.ours.config.vocab_size, shape, generator=torch.Generator().manual_seed(seed))


def require_equal_logits(pair: Both, *, num_positions: int = 40) -> None:
    """To rounding; fed in pieces the same bits."""
    token_ST = tokens(pair, 2, num_positions)
    with torch.no_grad():
        theirs = pair.theirs(token_ST).logits
    with exact_run("a test"):
        ours = pair.ours.logits(token_ST)
        cache = KeyValueCache()
        pieces = [pair.ours.logits(part, cache) for part in token_ST[:1].split([7, 1, num_positions - 8], dim=1)]
    difference = float((theirs - ours).abs().max() / theirs.abs().max())
    assert difference < LOGITS, f"logits differ by {difference:.1e} of the largest"
    assert torch.cat(pieces, dim=1).numpy().tobytes() == ours[:1].numpy().tobytes()


def require_equal_gradients(pair: Both, folder: Path) -> None:
    """Of every tensor. Theirs are written as weights would be, and so come in ours' names and shapes."""
    token_ST = tokens(pair, 2, 21)
    inputs, targets = token_ST[:, :-1].contiguous(), token_ST[:, 1:].contiguous()
    logits = pair.theirs(inputs).logits
    torch.nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten()).backward()
    with torch.no_grad():
        for parameter in pair.theirs.parameters():
            parameter.zero_() if parameter.grad is None else parameter.copy_(parameter.grad)
        for buffer in pair.theirs.buffers():
            buffer.zero_()
    pair.theirs.save_pretrained(folder)
    wanted = dict(huggingface.load(folder).named_parameters())
    with exact_run("a test"):
        positions = pair.ours.positions(*inputs.shape)
        losses_R = pair.ours.losses(inputs, targets, positions, nearest_binary32(Fraction(1, inputs.numel())))
        found = torch.autograd.grad(losses_R, list(pair.ours.parameters()), torch.ones_like(losses_R))
    for (name, _), gradient in zip(pair.ours.named_parameters(), found, strict=True):
        theirs = wanted[name].detach()
        difference, norm = float((gradient - theirs).norm()), float(theirs.norm())
        assert difference <= GRADIENTS * norm, f"{name}: gradients differ by {difference:.1e}, of a norm of {norm:.1e}"


def require_equal_greedy_tokens(pair: Both) -> None:
    theirs = pair.theirs.generate(
        torch.tensor([PROMPT]), do_sample=False, max_new_tokens=NUM_GREEDY, eos_token_id=None, pad_token_id=0
    )[0, len(PROMPT) :]
    ours = generate(pair.ours, PROMPT, num_tokens=NUM_GREEDY, temperature=Fraction(0), seed=0)
    assert list(ours) == theirs.tolist()


def require_untouched_export(pair: Both, folder: Path) -> None:
    """The bytes of every tensor, and transformers' logits from them."""
    from transformers import AutoModelForCausalLM

    huggingface.save(pair.ours, folder)
    given, written = load_file(pair.folder / "model.safetensors"), load_file(folder / "model.safetensors")
    assert {name: tensor.numpy().tobytes() for name, tensor in given.items()} == {
        name: tensor.numpy().tobytes() for name, tensor in written.items()
    }
    again = AutoModelForCausalLM.from_pretrained(folder, attn_implementation="eager", dtype=torch.float32)
    token_ST = tokens(pair, 1, 20)
    with torch.no_grad():
        assert torch.equal(again(token_ST).logits, pair.theirs(token_ST).logits)
