"""Continue a prompt, with counter-based random bits: the same prompt, seed and model give the same text everywhere.

    token = the first v at which  weight[0] + ... + weight[v]  >  u * (sum of all)       kernels/pick.py

u is a 24-bit fraction from Philox, keyed by (seed, GENERATE), counted by position. At temperature 0 the token is the
first with the largest logit.
"""

from collections.abc import Iterator
from fractions import Fraction

import torch

from glasswright.errors import Misuse
from glasswright.kernels import host
from glasswright.kernels.rounding import nearest_binary32
from glasswright.model import ops
from glasswright.model.cache import KeyValueCache
from glasswright.model.decoder import Decoder
from glasswright.model.guard import exact_run

GENERATE = 3  # purpose of the random bits (see train.order for 1 and 2)


def generate(model: Decoder, prompt: list[int], *, num_tokens: int, temperature: Fraction, seed: int) -> Iterator[int]:
    """Yield up to `num_tokens` token ids that follow the prompt; the end-of-text token ends it and is not given.

    Raises:  Misuse if prompt and continuation do not fit in the model's positions, or the prompt is empty.
    """
    if not prompt:
        raise Misuse("the prompt has no tokens", hint="start from the end-of-text token for a text from nothing")
    longest = model.config.max_positions
    if len(prompt) + num_tokens > longest:
        raise Misuse(
            f"the prompt has {len(prompt)} tokens: with {num_tokens} more it is beyond the model's {longest} positions",
            hint="shorten the prompt, or ask for fewer tokens; nothing is cut silently",
        )
    cache, fed = KeyValueCache(), prompt
    heat = nearest_binary32(temperature)
    for _ in range(num_tokens):
        with exact_run(f"position {cache.num_positions + len(fed)}"):
            logits_V = model.logits(torch.tensor([fed]), cache, last_only=True)[0, 0]
            token = ops.pick(logits_V, temperature=heat, fraction=_fraction(seed, cache.num_positions))
        if token in model.config.ends_of_text:
            return
        yield token
        fed = [token]


def _fraction(seed: int, position: int) -> float:
    """A multiple of 2**-24 in [0, 1) that belongs to this seed and position."""
    return (host.random_word(seed, GENERATE, position) >> 8) / 2**24
